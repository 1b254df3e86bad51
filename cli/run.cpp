// The frame around every command: which command the arguments name, its flags, its exit code.
//
// The command word is found first, past global flags and their values, so that flags may stand on either side of it
// and one parser reads the rest. Nothing but the named command's flags is built, and nothing of the project is read
// here.
#include <ostream>

#include "base/text.h"
#include "command.h"
#include "globals.h"
#include "help.h"

namespace apigw::cli {
namespace {

// The arguments without the command's words.
struct Chosen {
  const Command* command = nullptr;
  std::string word;  // as written: "key hash"; empty: there was none
  std::vector<std::string> rest;
};

const Command* command_of(std::string_view name) {
  for (const RosterRow& row : roster())
    if (row.command->name == name) return row.command;
  return nullptr;
}

// A first word that is no command by itself: "key".
bool is_group(std::string_view word) {
  return std::ranges::any_of(
      roster(), [&](const RosterRow& row) { return row.command->name.starts_with(std::string{word} + " "); });
}

// Whether a global flag's value is the next argument: "-C", "--color", "-qC", but not "-C/tmp" or "--color=auto".
bool takes_next(std::string_view argument, const Options& globals) {
  if (argument.starts_with("--")) {
    const auto* const row = globals.find(argument);
    return row != nullptr && row->takes_value();
  }
  for (std::size_t i = 1; i < argument.size(); ++i) {
    const auto* const row = globals.find(fmt::format("-{}", argument[i]));
    if (row != nullptr && row->takes_value()) return i + 1 == argument.size();
  }
  return false;
}

Chosen choose(const std::vector<std::string>& arguments, const Options& globals) {
  Chosen chosen;
  bool open = true;  // a second word may follow
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const bool dashed = argument.size() > 1 && argument.starts_with('-');
    if (!open || dashed) {
      chosen.rest.push_back(argument);
      if (argument == "--") open = false;
      if (open && takes_next(argument, globals) && i + 1 < arguments.size()) chosen.rest.push_back(arguments[++i]);
      continue;
    }
    chosen.word += (chosen.word.empty() ? "" : " ") + argument;
    chosen.command = command_of(chosen.word);
    open = chosen.command == nullptr && is_group(chosen.word);
  }
  return chosen;
}

Exit unknown_command(Env& env, const std::string& word) {
  std::vector<std::string_view> names;
  for (const RosterRow& row : roster())
    if (!row.command->hidden) names.push_back(row.command->name);
  const auto near = text::closest(word, names);
  return complain(env, Exit::input, fmt::format("unknown command '{}'", text::printable(word)),
                  near ? fmt::format("did you mean 'apigw {}'?", *near) : "'apigw --help' lists the commands");
}

void decide_colors(Env& env, std::string_view flag) {
  env.terminal.color_out = wants_color(flag, env.environment, env.terminal.out);
  env.terminal.color_err = wants_color(flag, env.environment, env.terminal.err);
}

// No command: the program's own help and version.
Exit run_bare(Env& env, const Chosen& chosen, Options& options, GlobalPlaces& places) {
  options.add({.names = "-V,--version", .doc = "print the version"}, &places.version);
  const auto parsed = options.parse(chosen.rest, env.environment);
  if (!parsed)
    return complain(env, Exit::input, parsed.error().message,
                    parsed.error().help.empty() ? "'apigw --help' shows the flags" : parsed.error().help);
  decide_colors(env, places.globals.color);
  if (places.version && !parsed->help)
    env.out << "apigw " APIGW_VERSION "\n";
  else
    env.out << program_help(env.terminal.color_out);
  return Exit::done;
}

// A word that begins several commands, and none behind it.
Exit run_group(Env& env, Chosen chosen, Options& options, const GlobalPlaces& places) {
  const auto parsed = options.parse(std::move(chosen.rest), env.environment);
  if (!parsed)
    return complain(env, Exit::input, parsed.error().message,
                    parsed.error().help.empty() ? fmt::format("'apigw {} --help' lists its commands", chosen.word)
                                                : parsed.error().help);
  decide_colors(env, places.globals.color);
  if (parsed->help) {
    env.out << group_help(chosen.word, env.terminal.color_out);
    return Exit::done;
  }
  const Exit exit = complain(env, Exit::input, fmt::format("'{}' needs a word behind it", chosen.word));
  env.err << '\n' << group_help(chosen.word, env.terminal.color_err);
  return exit;
}

Exit run_command(Env& env, Chosen chosen, Options& options, GlobalPlaces& places) {
  const auto body = chosen.command->declare(options);
  const auto parsed = options.parse(std::move(chosen.rest), env.environment);
  if (!parsed && parsed.error().help.empty())
    return complain(env, Exit::input, parsed.error().message,
                    fmt::format("'apigw {} --help' shows its flags", chosen.command->name));
  if (!parsed) return complain(env, Exit::input, parsed.error());
  decide_colors(env, places.globals.color);
  if (parsed->help) {
    env.out << command_help(*chosen.command, options, env.terminal.color_out);
    return Exit::done;
  }
  if (!chosen.command->prints.empty() && options.given("--output"))
    return complain(env, Exit::input, "--output has no use here", chosen.command->prints);
  const auto globals = finish_globals(std::move(places));
  if (!globals) return complain(env, Exit::input, globals.error());
  env.files.patience.whole = globals->timeout;
  if (!globals->directory.empty())
    if (const auto entered = env.files.enter(globals->directory); !entered)
      return complain(env, exit_of_file(entered.error()), entered.error().what, "give -C a directory");
  return body(env, *globals);
}

Exit run_any(const std::vector<std::string>& arguments, Env& env) {
  Options options;
  GlobalPlaces places;
  declare_globals(options, places);
  decide_colors(env, "auto");  // for what is wrong with the flags themselves
  Chosen chosen = choose(arguments, options);
  if (chosen.word.empty()) return run_bare(env, chosen, options, places);
  if (chosen.command == nullptr && is_group(chosen.word)) return run_group(env, std::move(chosen), options, places);
  if (chosen.command == nullptr) return unknown_command(env, chosen.word);
  return run_command(env, std::move(chosen), options, places);
}

}  // namespace

int run_cli(const std::vector<std::string>& arguments, Env& env) {
  try {
    return static_cast<int>(run_any(arguments, env));
  } catch (const std::exception& bug) {
    return static_cast<int>(complain(env, Exit::bug, fmt::format("internal error: {}", text::printable(bug.what())),
                                     "this is a bug of apigw: please report the command line and this text"));
  }
}

}  // namespace apigw::cli
