// Values that a field of some name would plausibly hold, before a schema's bounds are applied.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace apigw::mock {

// What the values are made from: the user's text, and what the mock says to it in plain words.
struct Material {
  std::string_view text;
  std::string_view answer;
};

// For a string field called `name` with that `format` (either may be empty); `nth` tells elements of one array apart.
[[nodiscard]] std::string plausible_text(std::string_view name, std::string_view format, const Material& material,
                                         unsigned nth);
// For a number; `whole` when only an integer fits.
[[nodiscard]] double plausible_number(std::string_view name, bool whole, const Material& material, unsigned nth);

}  // namespace apigw::mock
