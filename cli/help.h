// The texts of --help: the whole program by job, and one command with its flags and examples.
#pragma once
#include <string>
#include <string_view>

#include "command.h"

namespace apigw::cli {

[[nodiscard]] std::string program_help(bool color);
// `options` as the command declared them, globals first.
[[nodiscard]] std::string command_help(const Command& command, const Options& options, bool color);
// The commands that begin with `word`, "prompt", with an example of each.
[[nodiscard]] std::string group_help(std::string_view word, bool color);
// "apigw call [METHOD] TARGET [FLAGS]"
[[nodiscard]] std::string synopsis(const Command& command, const Options& options);

}  // namespace apigw::cli
