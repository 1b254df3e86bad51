#include "config_edit.h"

#include <algorithm>

#include "base/text.h"
#include "project.h"
#include "yaml/insert.h"

namespace apigw::cli {
namespace {

constexpr std::string_view new_config = "apigw: 1\n";
constexpr unsigned usual_mode = 0644;  // of a new config

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

}  // namespace

std::expected<ConfigEdit, Exit> read_config(Env& env, const Globals& globals, std::string_view command) {
  ConfigEdit edit{.path = globals.config.empty() ? std::string{default_config} : globals.config};
  if (edit.path == "-")
    return stop(env, Exit::input, fmt::format("{} needs a file, not stdin", command), "name it with -c");
  if (env.files.exists(edit.path)) {
    auto content = env.files.read(edit.path, config_limit);
    if (!content) return stop(env, exit_of_file(content.error()), content.error().what);
    edit.before = std::move(*content);
  }
  edit.after = edit.before;
  return edit;
}

std::expected<void, Exit> add_entry(Env& env, ConfigEdit& edit, std::string_view section, std::string_view key,
                                    std::string_view value) {
  const std::string start = edit.after.empty() ? std::string(new_config) : edit.after;
  auto after = yaml::with_entry(start, section, key, value);
  if (!after)
    return stop(env, Exit::input, fmt::format("{}: {}", text::printable(edit.path), after.error().what),
                fmt::format("add it by hand: {}: {}", key, value));
  edit.after = std::move(*after);
  return {};
}

std::expected<void, Exit> write_config(Env& env, const ConfigEdit& edit) {
  if (edit.after == edit.before) return {};
  // A person may have saved the config in the meantime.
  const auto now = env.files.exists(edit.path) ? env.files.read(edit.path, config_limit) : Result<std::string>{};
  if (!now) return stop(env, exit_of_file(now.error()), now.error().what);
  if (*now != edit.before)
    return stop(env, Exit::world, fmt::format("'{}' changed in the meantime", text::printable(edit.path)),
                "run the command again: what it wrote beside it is kept");
  const unsigned mode = env.files.mode(edit.path);
  const auto written = env.files.write(edit.path, edit.after, mode != 0 ? mode : usual_mode);
  if (!written) return stop(env, exit_of_file(written.error()), written.error().what);
  return {};
}

std::string yaml_word(const std::string& word) {
  const bool plain = !word.empty() && word.front() != '-' && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~:/").contains(c);
  });
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

}  // namespace apigw::cli
