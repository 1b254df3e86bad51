// One reading of a text by yaml-cpp: its events become nodes, or the reading stops.
//
// Limits are counted here, event by event, so a hostile text is left before it costs memory; the depth limit also
// keeps yaml-cpp's own recursion small. Findings go to a report of the reading's own, because a text may be read
// twice.
#pragma once
#include <deque>
#include <optional>
#include <string_view>

#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::yaml {

inline constexpr std::size_t max_depth = 64;
inline constexpr std::size_t max_scalar = 1u << 20;

struct Tree::Store {
  std::deque<Node> nodes;
  const Node* root = nullptr;
};

// Where yaml-cpp gave up, in its own words, or where a limit stopped it.
struct Stop {
  std::size_t at = 0;  // byte offset
  std::string words;   // yaml-cpp's; empty when the finding is in the report already
};

struct RawTree {
  std::unique_ptr<Tree::Store> store;
  std::optional<Stop> stop;
  diag::Report report;
};

// `text` is the source's, or the same with stand-ins for single characters: values get the originals back.
[[nodiscard]] RawTree read(std::string_view text, SourceId source, const Limits& limits);

// A text of which `readable` holds: read, and when it is refused mended and read again. Null as parse says.
[[nodiscard]] std::unique_ptr<Tree::Store> parse_text(std::string_view text, SourceId source, diag::Report& report,
                                                      const Limits& limits);

}  // namespace apigw::yaml
