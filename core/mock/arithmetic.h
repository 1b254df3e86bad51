// Sums that stand in a sentence: "what is 2 + 3 * 4?", "12 divided by 5".
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace apigw::mock {

// The value of the first sum in `text`, written without needless digits; nothing when there is none or it divides by
// 0.
[[nodiscard]] std::optional<std::string> sum_in(std::string_view text);

}  // namespace apigw::mock
