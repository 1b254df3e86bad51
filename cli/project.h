// The config that a command works on: which file, its text, and what to say when there is none or it is broken.
#pragma once
#include <expected>
#include <string>

#include "command.h"

namespace apigw::cli {

inline constexpr std::string_view default_config = "apigw.yaml";
inline constexpr std::size_t config_limit = 10 << 20;  // bytes; a larger text is refused unread

// What -c, --profile and --set ask for. Without -c the file is apigw.yaml where it is there, else none (path empty).
// stdin is read here when -c is "-".
[[nodiscard]] std::expected<config::Request, Exit> project_request(Env& env, const Globals& globals);

// Puts the text of the file into the request, for who loads it more than once: a pipe can be read only once.
[[nodiscard]] std::expected<void, Exit> read_text(Env& env, config::Request& request);

// Loads the project. A config with errors is exit 2 with its findings on stderr; without errors they stay silent.
[[nodiscard]] std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals,
                                                               config::Request request);
[[nodiscard]] std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals);
// The same under another environment, such as one with the values of a .env.
[[nodiscard]] std::expected<config::Loaded, Exit> load_project(Env& env, const Globals& globals,
                                                               config::Request request,
                                                               const config::Environment& environment);

// What a running gateway's file says about its config: the absolute path, of the directory when there is no file.
[[nodiscard]] std::string project_path(const Env& env, const Globals& globals);

// All of stdin. Complains when it is larger than `limit` bytes, and when nobody writes to it: `instead` says then
// what would do without it.
[[nodiscard]] std::expected<std::string, Exit> read_stdin(Env& env, std::size_t limit, std::string_view instead = {});
// The same where only text will do: UTF-8 without a zero byte.
[[nodiscard]] std::expected<std::string, Exit> read_stdin_text(Env& env, std::size_t limit,
                                                               std::string_view instead = {});

// What -d means: the text itself, or the content of @FILE or of stdin (@-). Complains where that cannot be read.
[[nodiscard]] std::expected<std::string, Exit> data_of(Env& env, const std::string& data, std::size_t limit);

}  // namespace apigw::cli
