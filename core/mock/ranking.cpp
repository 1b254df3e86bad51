#include "mock/ranking.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "mock/embedding.h"

namespace apigw::mock {

std::vector<Ranked> ranked(std::string_view query, const std::vector<std::string>& texts) {
  constexpr std::size_t dimensions = 256;
  const std::vector<float> asked = embedding_of(query, dimensions);
  std::vector<Ranked> found;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::vector<float> text = embedding_of(texts[i], dimensions);
    found.push_back({i, std::clamp(std::inner_product(asked.begin(), asked.end(), text.begin(), 0.0), 0.0, 1.0)});
  }
  std::ranges::sort(found, {}, [](const Ranked& one) { return std::pair(-one.score, one.index); });
  return found;
}

}  // namespace apigw::mock
