// layers.txt as a value, and the rule that reads #include lines against it.
//
// A complaint is one line `path:line: what is wrong`. Knows only text: the same rule judges the tree and planted
// files.
#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "structure/tree.h"

namespace apigw::test {

struct Layers {
  std::map<std::string, std::set<std::string>, std::less<>> arrows;  // folder → folders it may include
  std::map<std::string, std::set<std::string>, std::less<>>
      homes;  // start of a header's name → folders it may stand in
};

[[nodiscard]] Layers parse_layers(std::string_view text);

struct Include {
  int line;
  bool angled;
  std::string_view name;
};
[[nodiscard]] std::vector<Include> includes(std::string_view text);

// The folder of layers.txt that a file belongs to: "core/net/x.cpp" → "net", "cli/…" → "cli"; "" for none.
[[nodiscard]] std::string_view folder_of(std::string_view path);

[[nodiscard]] std::vector<std::string> complaints(const Layers& layers, const SourceFile& file);

// Folders on a circle of arrows, each once; empty when the arrows have an order.
[[nodiscard]] std::vector<std::string> circle(const Layers& layers);

}  // namespace apigw::test
