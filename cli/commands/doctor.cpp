// apigw doctor [--online]: what keeps this project from working on this machine, and what to do about it.
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "checkup.h"
#include "command.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

std::string_view word(Health health) {
  return health == Health::ok ? "ok" : health == Health::warn ? "warn" : "fail";
}

// The project's file and .env, read as `run` reads them, except that nothing here stops the others from being looked
// at.
std::expected<Checkup, Exit> begin(Env& env, const Globals& globals) {
  auto request = project_request(env, globals);
  if (!request) return std::unexpected(request.error());
  Checkup checkup{.env = env, .globals = globals, .path = request->path, .environment = env.environment};
  const auto tracked = [&](const std::string& directory, const std::string& file) {
    checkup.tracked = tracked_by_git(directory, file, env.environment);
    return false;  // read all the same: a row says it
  };
  auto dotenv = read_dotenv(env.files, request->path, env.environment, tracked);
  const auto folder = std::filesystem::path(request->path == "-" ? "" : request->path).parent_path();
  checkup.dotenv = dotenv ? dotenv->path : (folder / ".env").string();
  if (dotenv)
    checkup.environment = std::move(dotenv->environment);
  else
    checkup.dotenv_problem = dotenv.error().message;
  if (!request->path.empty() && !request->text) {
    auto content = env.files.read_named(request->path, config_limit);
    if (!content) return std::unexpected(complain(env, exit_of_file(content.error()), content.error().what));
    request->text = std::move(*content);
  }
  checkup.loaded = config::load(*request, env.files, checkup.environment, assembly::vocabulary());
  if (globals.timeout) checkup.patience = *globals.timeout;
  return checkup;
}

Exit doctor(Env& env, const Globals& globals, bool online) {
  const auto checkup = begin(env, globals);
  if (!checkup) return checkup.error();
  static constexpr void (*checks[])(const Checkup&, CheckRows&) = {
      check_config, check_values, check_files, check_certificates, check_ports, check_ways, check_limits};
  CheckRows found;
  for (const auto check : checks) check(*checkup, found);
  if (online) check_online(*checkup, found);
  ordered_json rows = ordered_json::array();
  std::size_t failures = 0, warnings = 0;
  for (const CheckRow& row : found) {
    failures += row.health == Health::fail;
    warnings += row.health == Health::warn;
    rows.push_back({{"state", word(row.health)},
                    {"check", row.check},
                    {"subject", row.subject},
                    {"found", row.found},
                    {"fix", row.fix}});
  }
  const Exit written = write_table(
      env, globals,
      {.kind = "checkup",
       .columns =
           {{"state", "STATE"}, {"check", "CHECK"}, {"subject", "SUBJECT"}, {"found", "FOUND"}, {"fix", "FIX"}}},
      rows);
  if (written != Exit::done) return written;
  if (!globals.quiet) {
    env.out.flush();  // on one terminal the sum stands below its rows
    env.err << fmt::format("{} checks, {} failed, {} to look at\n", found.size(), failures, warnings);
    if (!online) env.err << "--online asks the providers too\n";
  }
  return failures > 0 ? Exit::no : Exit::done;
}

}  // namespace

extern const Command command_doctor;
const Command command_doctor = {
    .name = "doctor",
    .summary = "look for what keeps this project from working here",
    .details =
        "Looks at the config, where each key comes from, file modes, certificates, ports, proxies and limits;\n"
        "opens no connection unless --online is given, which asks each provider for its models and compares\n"
        "clocks.\n"
        "Exit code: 0 nothing failed, 1 something did.\n\n"
        "Examples:\n"
        "  apigw doctor\n"
        "  apigw doctor --online --timeout 5s\n"
        "  apigw doctor -o json",
    .job = Job::check,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto online = std::make_shared<bool>(false);
      options.add({.names = "--online", .doc = "ask the providers whether they take the keys"}, online.get());
      return [online](Env& env, const Globals& globals) { return doctor(env, globals, *online); };
    },
};

}  // namespace apigw::cli
