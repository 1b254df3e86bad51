// Which texts of a source are secrets: by what they look like, and by the name that they stand under.
//
// Errs towards secrecy: a value that is blotted out needlessly costs a look into the source, one that is shown is a
// leak.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "yaml/tree.h"

namespace apigw::import {

// "DB_PASSWORD", "master_key", "clientSecret".
[[nodiscard]] bool secret_name(std::string_view key);
// A vendor's key, a random one, a JWT, a URL with a password.
[[nodiscard]] bool secret_text(std::string_view value);
// The variable of a text that only refers to one: os.environ/X, ${X}, $X, env:X, ${{ env "X" }}.
[[nodiscard]] std::optional<std::string> referred_variable(std::string_view value);
// Nothing but such a reference, or ${X:-}.
[[nodiscard]] bool refers_only(std::string_view value);
// The scalars below `root` that hold a secret. References are none, nor booleans, nor what is empty.
[[nodiscard]] std::vector<Span> secrets_of(const yaml::Node& root);

}  // namespace apigw::import
