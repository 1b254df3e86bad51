// Which of some texts answer a question: those that share words with it. Deterministic.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::mock {

struct Ranked {
  std::size_t index = 0;  // of the text
  double score = 0;       // 0 to 1
};
// The best first; of equal ones the earlier.
[[nodiscard]] std::vector<Ranked> ranked(std::string_view query, const std::vector<std::string>& texts);

}  // namespace apigw::mock
