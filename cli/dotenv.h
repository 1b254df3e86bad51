// The `.env` beside the config, for `run` and what looks at a project as it does: its values under the environment's
// own, refused when git tracks the file.
#pragma once
#include <expected>
#include <functional>
#include <string>

#include "command.h"

namespace apigw::cli {

// True when git has `file` of `directory` in its index; false without git or outside a work tree.
[[nodiscard]] bool tracked_by_git(const std::string& directory, const std::string& file,
                                  const config::Environment& environment);

struct DotEnvFile {
  std::string path;                 // where it is or would be, for the watcher
  config::Environment environment;  // the given one, with what the file adds
};

using Tracked = std::function<bool(const std::string& directory, const std::string& file)>;

// A variable that is set already stays as it is. Values are never part of a complaint.
[[nodiscard]] std::expected<DotEnvFile, Complaint> read_dotenv(const Files& files, const std::string& config_path,
                                                               const config::Environment& environment,
                                                               const Tracked& tracked);

// The same for a command that cannot go on without: complains, and asks git who tracks the file.
[[nodiscard]] std::expected<DotEnvFile, Exit> with_dotenv(Env& env, const std::string& config_path);

}  // namespace apigw::cli
