// Texts that hold a credential, and variables that are there for one: what may stand in no file.
//
// Knows the prefixes that vendors publish for secret scanning and, for the rest, long runs of mixed characters. Errs
// towards silence for digests, identifiers and paths: a false alarm here would be an error nobody can act on.
#pragma once
#include <optional>
#include <string_view>

namespace apigw::model {

// What a part of the text looks like ("an OpenAI-style key"), or nothing.
[[nodiscard]] std::optional<std::string_view> looks_like_key(std::string_view text);

// The password of the first URL in the text that has one; empty: none has. `${NAME}` is a reference and none.
[[nodiscard]] std::string_view password_in(std::string_view text);

// Whether a variable of this name holds a secret and nothing else: DB_PASSWORD, but not TOKEN_TTL.
[[nodiscard]] bool names_secret(std::string_view variable);
// Whether it may hold one, as far as a name tells: better kept back than written.
[[nodiscard]] bool sounds_secret(std::string_view variable);

}  // namespace apigw::model
