#include "dotenv.h"

#include <filesystem>

#include <poll.h>
#include <signal.h>

#include "run/child.h"
#include "run/dotenv.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 1 << 20;
constexpr int git_patience_ms = 5'000;

}  // namespace

bool tracked_by_git(const std::string& directory, const std::string& file, const config::Environment& environment) {
  run::Launch launch{
      .name = "git", .command = "exec git ls-files --error-unmatch -- " + file, .directory = directory};
  for (const char* name : {"PATH", "HOME"})
    if (const auto at = environment.find(name); at != environment.end()) launch.environment[name] = at->second;
  auto child = run::start_child(launch);
  if (!child) return false;
  pollfd ended{child->exit.get(), POLLIN, 0};
  if (::poll(&ended, 1, git_patience_ms) != 1) run::signal_group(child->pid, SIGKILL);
  ::poll(&ended, 1, -1);
  const auto status = run::reap(*child);
  return status && status->signal == 0 && status->code == 0;
}

std::expected<DotEnvFile, Complaint> read_dotenv(const Files& files, const std::string& config_path,
                                                 const config::Environment& environment, const Tracked& tracked) {
  const bool no_file = config_path.empty() || config_path == "-";
  std::filesystem::path directory = no_file ? "." : std::filesystem::path(config_path).parent_path();
  if (directory.empty()) directory = ".";
  DotEnvFile result{.path = (directory / ".env").lexically_normal().string(), .environment = environment};
  if (!files.exists(result.path)) return result;
  const auto text = files.read_named(result.path, file_limit);
  if (!text) return std::unexpected(Complaint{text.error().what, "make it readable, or remove it"});
  if (tracked(directory.string(), ".env"))
    return std::unexpected(
        Complaint{fmt::format("'{}' is tracked by git, so its secrets would be shared", result.path),
                  "git rm --cached .env && echo .env >> .gitignore; then change the secrets in it"});
  const run::DotEnv parsed = run::parse_dotenv(*text);
  if (!parsed.bad_lines.empty())
    return std::unexpected(
        Complaint{fmt::format("'{}' line {} is no NAME=VALUE", result.path, parsed.bad_lines.front()),
                  "write NAME=VALUE, with quotes around a value that has blanks at its ends"});
  config::Environment added;
  for (const auto& [name, value] : parsed.values) added[name] = value;
  result.environment.merge(added);
  return result;
}

std::expected<DotEnvFile, Exit> with_dotenv(Env& env, const std::string& config_path) {
  const auto tracked = [&](const std::string& directory, const std::string& file) {
    return tracked_by_git(directory, file, env.environment);
  };
  auto read = read_dotenv(env.files, config_path, env.environment, tracked);
  if (!read) return std::unexpected(complain(env, Exit::input, read.error()));
  return std::move(*read);
}

}  // namespace apigw::cli
