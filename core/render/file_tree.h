// Files that are about to be written, as a value: path below some directory → content. Sorted, so writing it twice
// gives the same bytes in the same order.
#pragma once
#include <map>
#include <string>
#include <string_view>

namespace apigw::render {

struct File {
  std::string content;
  unsigned mode = 0644;
  friend bool operator==(const File&, const File&) = default;
};
using FileTree = std::map<std::string, File>;

// Whether a path keeps to the directory that it is seen from: no '.', '..', empty part or '/' in front.
[[nodiscard]] bool stays_below(std::string_view path);

// A unified diff with three lines around each change; empty when the texts are equal. Texts of more than 20,000 lines
// are shown as replaced whole.
[[nodiscard]] std::string unified_diff(std::string_view name, std::string_view before, std::string_view after);

}  // namespace apigw::render
