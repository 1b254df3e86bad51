// What `validate` reads: each file's text, once it is known to be a config, a test file or a manifest.
#pragma once
#include <expected>
#include <string>

#include "command.h"

namespace apigw::cli {

// The content of `file`, '-' for stdin. Complains and returns the exit code for what cannot be read, is no text, or
// is a kind of file that this version does not check.
[[nodiscard]] std::expected<std::string, Exit> text_of(Env& env, const std::string& file);

}  // namespace apigw::cli
