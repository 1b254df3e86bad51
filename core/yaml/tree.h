// A YAML document as a tree in which every node knows the bytes it came from.
//
// Built from yaml-cpp's events (its Node hides duplicate keys and reports an alias at its anchor). An alias becomes a
// node of its own that stands where the alias does and shares the children of the anchored one. `<<: *name` merges as
// in Compose: keys of the mapping itself win. Bounded: 10 MiB of text, depth 64, 200,000 nodes counted with alias
// expansion, 1 MiB a scalar; beyond a limit there is a diagnostic and no tree.
//
// Every scalar stays text: `yes`, `on` and `0x1F` mean what the reader of a field says. Keys are scalars, tags other
// than YAML's own are refused, and a file holds one document unless its reader asks for all (parse_documents).
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
  // The value's own bytes, without anchor and tag: quotes included, block scalars with their header, collections end
  // to end. A value that is left out has an empty span where it would stand; an alias spans `*name`.
  Span span;
  Span defined_at;                 // of a node that an alias made: the anchored value's own bytes; else not known()
  std::string value;               // scalars, after escapes and folding; before ${…}
  std::string tag;                 // as written, empty when none
  std::vector<const Node*> items;  // sequence
  std::vector<Entry> entries;      // mapping, in order, duplicates included (reported once as AGW103)

  [[nodiscard]] bool is_null() const { return kind == Kind::null; }
  [[nodiscard]] const Node* find(std::string_view key) const;  // last of duplicates; nullptr when absent
};

struct Entry {
  const Node* key = nullptr;  // always a scalar: other keys are a diagnostic
  const Node* value = nullptr;
};

// Owns its nodes; move-only. Nodes stay where they are when the tree is moved.
class Tree {
 public:
  struct Store;
  explicit Tree(std::unique_ptr<Store> store);
  Tree(Tree&&) noexcept;
  Tree& operator=(Tree&&) noexcept;
  ~Tree();
  // A null node for an empty document.
  [[nodiscard]] const Node& root() const;

 private:
  std::unique_ptr<Store> store_;
};

// How much is read of a document. The defaults are those of configs.
struct Limits {
  std::size_t text = 10u << 20;  // bytes
  std::size_t nodes = 200'000;   // counted with alias expansion
};

// Parses the text of `source`. What is wrong goes to `report` (AGW1xx); with an error there is still a tree when the
// rest could be read, so that one run can report more, and none when nothing sensible is left. Only the bytes before
// `end` are read: a file may hold something else behind its YAML.
[[nodiscard]] std::optional<Tree> parse(SourceId source, const diag::Sources& sources, diag::Report& report,
                                        std::size_t end = std::string_view::npos, const Limits& limits = {});

// The documents of a text that may hold several, parted by lines that begin with `---`: a broken one (no tree) takes
// no other with it, and one of comments alone is left out. `limits.nodes` is of each.
struct Document {
  Span where;
  std::optional<Tree> tree;
};
[[nodiscard]] std::vector<Document> parse_documents(SourceId source, const diag::Sources& sources,
                                                    diag::Report& report, const Limits& limits = {});

}  // namespace apigw::yaml
