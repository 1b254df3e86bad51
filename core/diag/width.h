// Text for a terminal: how many columns it takes, and characters that could harm made visible instead.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::diag {

// One line of a source, ready to be shown: tabs expanded, control and direction-changing characters replaced by a
// visible stand-in, bytes that are no UTF-8 by U+FFFD.
class ShownLine {
 public:
  explicit ShownLine(std::string_view line);
  // The display column (from 0) where the byte at `offset` of the line begins; the width for anything past its end.
  [[nodiscard]] std::size_t column(std::size_t offset) const;
  [[nodiscard]] std::size_t width() const { return cells_.empty() ? 0 : cells_.back().column + cells_.back().width; }
  // Columns [from, from + count): whole characters only.
  [[nodiscard]] std::string cut(std::size_t from, std::size_t count) const;

 private:
  struct Cell {
    std::size_t byte = 0, column = 0, width = 1;
    std::string shown;
  };
  std::vector<Cell> cells_;
};

// `s` as one line that is safe to print: as ShownLine shows it, line ends as "\n".
[[nodiscard]] std::string safe(std::string_view s);

}  // namespace apigw::diag
