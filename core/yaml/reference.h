// `$ref: '#/a/b'`: references within a document, followed as JSON pointers (RFC 6901) into its tree.
#pragma once
#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/span.h"
#include "yaml/tree.h"

namespace apigw::yaml {

// Looks members up, also in mappings so large that to look through one for each reference would take for ever.
class Members {
 public:
  [[nodiscard]] const Node* find(const Node& node, std::string_view key);

 private:
  std::map<const Node*, std::unordered_map<std::string_view, const Node*>> large_;
};

struct BrokenReference {
  Span where;            // of the reference's text, or of the node that is followed
  std::string why;       // "reference '#/a' leads nowhere"
  bool outside = false;  // it names another document
};

// What `node` stands for: the end of its chain of `$ref`, itself without one. At most 16 steps; nothing outside of
// the document is read.
[[nodiscard]] std::expected<const Node*, BrokenReference> follow(const Node& node, const Node& root,
                                                                 Members& members);

}  // namespace apigw::yaml
