// Texts that look like a credential: the rule behind AGW401.
//
// Knows the prefixes that vendors publish for secret scanning and, for the rest, long runs of mixed characters. Errs
// towards silence for digests, identifiers and paths: a false alarm here would be an error nobody can act on.
#pragma once
#include <optional>
#include <string_view>

#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::config {

// What it looks like ("an OpenAI-style key"), or nothing.
[[nodiscard]] std::optional<std::string_view> looks_like_key(std::string_view text);

// Adds AGW401 for every scalar below `root` that looks like a key.
void check_literals(const yaml::Node& root, diag::Report& report);

}  // namespace apigw::config
