// Compose's references to variables in the form of a config's.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace apigw::import {

// ${X} and ${X:-x} stay, $X, ${X-x} and ${X:?why} take these forms, $$ becomes a literal '$'. Nothing for what a
// config has no form for: ${X:+x}, and a reference inside of another.
[[nodiscard]] std::optional<std::string> interpolated(std::string_view s);

}  // namespace apigw::import
