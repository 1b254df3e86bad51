// A YAML document as a tree in which every node knows the bytes it came from.
//
// Built from yaml-cpp's events (its Node hides duplicate keys and reports an alias at its anchor). Aliases are expanded
// by reference: a node that an alias names is the same node, with `alias_at` telling where it was used. Bounded: 10 MiB
// of text, depth 64, 200,000 nodes counted with alias expansion; beyond a limit there is a diagnostic and no tree.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "diag/diagnostic.h"

namespace apigw::yaml {

enum class Kind : std::uint8_t { null, scalar, sequence, mapping };
enum class Style : std::uint8_t { plain, quoted, block };

struct Node;
struct Entry;

struct Node {
  Kind kind = Kind::null;
  Style style = Style::plain;
  Span span;          // the value's own bytes: quotes included, block scalars with their header, collections end to end
  std::string value;  // scalars, after escapes and folding; before ${…}
  std::string tag;    // as written, empty when none
  std::vector<const Node*> items;  // sequence
  std::vector<Entry> entries;      // mapping, in order, duplicates included (reported once as AGW103)

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] const Node* find(std::string_view key) const;  // last of duplicates; nullptr when absent
};

struct Entry {
  const Node* key = nullptr;  // always a scalar: other keys are a diagnostic
  const Node* value = nullptr;
};

// Owns its nodes; move-only.
class Tree {
 public:
  Tree();
  Tree(Tree&&) noexcept;
  Tree& operator=(Tree&&) noexcept;
  ~Tree();
  [[nodiscard]] const Node& root() const;

 private:
  friend struct TreeBuilder;
  struct Store;
  std::unique_ptr<Store> store_;
};

// Parses the text of `source`. What is wrong goes to `report` (AGW1xx); with an error there is still a tree when the
// rest could be read, so that one run can report more, and none when nothing sensible is left.
[[nodiscard]] std::optional<Tree> parse(SourceId source, const diag::Sources& sources, diag::Report& report);

}  // namespace apigw::yaml
