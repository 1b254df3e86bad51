// apigw connect TOOL: the settings with which a tool calls this gateway, printed, or written into its own file.
//
// Only --write writes, only the tool's settings file, and what was there is kept beside it first.
#include <ostream>

#include <nlohmann/json.hpp>

#include "command.h"
#include "connection.h"
#include "output.h"
#include "project.h"
#include "render/file_tree.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string tool;
  Connection asked;  // what the person gives; empty parts are found
  bool write = false, dry_run = false, diff = false;
};

constexpr std::size_t settings_limit = 4 << 20;

// What keeps the tool from working although its settings are right.
void warn(Env& env, const Globals& globals, const Tool& tool, const Connection& connection) {
  if (globals.quiet) return;
  if (connection.variable_missing)
    env.err << fmt::format(
        "note: no consumer has its key in a variable; put one into {0}, as in `consumers: {{ me: "
        "{{ key: env:{0} }} }}`; under `apigw run` {0} may hold the key in the lines that it prints, which is made "
        "for this run and ends with it\n",
        connection.variable);
  if (!tool.note.empty()) env.err << fmt::format("note: {}\n", tool.note);
}

// A name beside the file that nothing has yet.
std::string backup_name(const Files& files, const std::string& path) {
  std::string name = path + ".before-apigw";
  for (int i = 2; files.exists(name) && i < 1000; ++i) name = fmt::format("{}.before-apigw-{}", path, i);
  return name;
}

// What happened to the tool's file, or would, for programs; people read it on stderr.
Exit tell_written(Env& env, const Globals& globals, const Tool& tool, const std::string& path,
                  std::string_view change, bool dry_run, const std::string& backup) {
  ordered_json body{{"tool", tool.name}, {"file", path}, {"change", change}};
  if (dry_run) body["dry_run"] = true;
  if (!backup.empty()) body["backup"] = backup;
  return write_document(env, globals, "connection-written", body, [](bool) { return std::string(); });
}

Exit write_settings(Env& env, const Globals& globals, const Tool& tool, const Connection& connection,
                    const Flags& flags) {
  if (tool.file == nullptr)
    return complain(env, Exit::input, fmt::format("{} has no settings file to write", tool.name),
                    "copy what 'apigw connect' prints");
  const std::string path = tool.file(env.environment);
  if (path.empty()) return complain(env, Exit::input, "HOME is not set", "the settings file is below it");
  const bool there = env.files.exists(path);
  const auto before = there ? env.files.read(path, settings_limit) : Result<std::string>{};
  if (!before) return complain(env, exit_of_file(before.error()), before.error().what);
  const auto after = tool.edit(*before, connection);
  if (!after)
    return complain(env, Exit::input, fmt::format("'{}' cannot be edited: {}", path, after.error().what),
                    "copy what 'apigw connect' prints into it");
  for (const std::string& warning : after->warnings) env.err << fmt::format("warning: '{}': {}\n", path, warning);
  if (flags.diff) env.out << render::unified_diff(path, *before, after->text);
  if (after->text == *before) {
    env.err << fmt::format("'{}' has these settings already\n", path);
    return flags.diff ? Exit::done : tell_written(env, globals, tool, path, "same", flags.dry_run, {});
  }
  if (flags.diff) return Exit::no;
  const std::string backup = there ? backup_name(env.files, path) : std::string{};
  const unsigned mode = there && env.files.mode(path) != 0 ? env.files.mode(path) : 0600u;
  if (!flags.dry_run) {
    if (there)
      if (const auto kept = env.files.write(backup, *before, mode); !kept)
        return complain(env, exit_of_file(kept.error()), kept.error().what);
    if (const auto written = env.files.write(path, after->text, mode); !written)
      return complain(env, exit_of_file(written.error()), written.error().what);
  }
  env.err << fmt::format("{} '{}'{}\n", flags.dry_run ? "would write" : "wrote", path,
                         there ? fmt::format(", what it held is in '{}'", backup) : std::string{});
  return tell_written(env, globals, tool, path, there ? "replace" : "create", flags.dry_run,
                      flags.dry_run ? std::string{} : backup);
}

Exit print_settings(Env& env, const Globals& globals, const Tool& tool, const Connection& connection) {
  const std::string file = tool.file == nullptr ? std::string{} : tool.file(env.environment);
  const ordered_json body{{"tool", tool.name},
                          {"address", connection.address},
                          {"variable", connection.variable},
                          {"model", connection.model},
                          {"file", file},
                          {"settings", tool.settings(connection)}};
  if (!file.empty() && !globals.quiet)
    env.err << fmt::format("For '{}'; --write puts them in and keeps the rest:\n", file);
  return write_document(env, globals, "connection", body, [&](bool) { return tool.settings(connection); });
}

Exit connect(Env& env, const Globals& globals, const Flags& flags) {
  if ((flags.diff || flags.dry_run) && !flags.write)
    return complain(env, Exit::input, fmt::format("--{} says what --write would do", flags.diff ? "diff" : "dry-run"),
                    "write --write beside it");
  const Tool& tool = *std::ranges::find(connectable_tools(), flags.tool, &Tool::name);
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  const auto connection = connection_of(env, globals, *loaded->plan, flags.asked);
  if (!connection) return complain(env, Exit::input, connection.error());
  const Exit exit = flags.write ? write_settings(env, globals, tool, *connection, flags)
                                : print_settings(env, globals, tool, *connection);
  if (exit == Exit::done) warn(env, globals, tool, *connection);
  return exit;
}

}  // namespace

extern const Command command_connect;
const Command command_connect = {
    .name = "connect",
    .summary = "print the settings with which a tool calls this gateway",
    .details =
        "The key is never written: settings name the variable that holds it. --write edits the tool's own settings\n"
        "file (claude-code: ~/.claude/settings.json), keeps what else is in it, and leaves a copy of the old one\n"
        "beside it. While `apigw run` serves the project, --model may also be provider/model.\n\n"
        "Examples:\n"
        "  apigw connect openai-python\n"
        "  apigw connect claude-code --model chat --write --diff\n"
        "  apigw connect cursor --url https://api.shop.example",
    .job = Job::start,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      std::vector<std::string_view> names;
      for (const Tool& tool : connectable_tools()) names.push_back(tool.name);
      options.add({.names = "TOOL", .doc = "which tool", .choices = std::move(names), .required = true},
                  &flags->tool);
      options.add(
          {.names = "--model", .doc = "model to use (default the first)", .value = "NAME", .completes = "models"},
          &flags->asked.model);
      options.add({.names = "--url",
                   .doc = "address of the gateway (default the running one's, else the config's)",
                   .value = "URL"},
                  &flags->asked.address);
      options.add({.names = "--variable", .doc = "variable that holds the client's key", .value = "NAME"},
                  &flags->asked.variable);
      options.add({.names = "--write", .doc = "put the settings into the tool's own file"}, &flags->write);
      options.add({.names = "--dry-run", .doc = "with --write: say what would be written, write nothing"},
                  &flags->dry_run);
      options.add({.names = "--diff", .doc = "with --write: print what would change, write nothing"}, &flags->diff);
      return [flags](Env& env, const Globals& globals) { return connect(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
