// apigw init [DIR]: a project that runs at once.
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "output.h"
#include "scaffold/project.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string directory = ".";
  TreeFlags tree;
};

// What the project is called: the last part of its path.
std::string project_name(const Env& env, const std::string& directory) {
  const std::string name = std::filesystem::path{env.files.absolute(directory)}.filename().string();
  return name.empty() ? "apigw project" : name;
}

// For a shell: as it is when nothing in it is special, else in single quotes.
std::string shell_word(const std::string& word) {
  const bool plain = std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == '/' || (c & 0x80) != 0;
  });
  const std::string lead = word.starts_with('-') ? "./" : "";  // cd would take it for a flag
  return lead + (plain ? word : text::shell_quoted(word));
}

void say_next(Env& env, const Globals& globals, const Flags& flags, const std::vector<Step>& steps) {
  if (globals.quiet) return;
  std::size_t kept = 0;
  for (const Step& step : steps) kept += step.change == Change::keep;
  if (kept > 0)
    env.err << fmt::format("kept {} that {}: --diff shows how, --force replaces\n",
                           kept == 1 ? "one file" : fmt::format("{} files", kept), kept == 1 ? "differs" : "differ");
  if (flags.tree.dry_run) return;
  env.err << "\nNext:\n";
  if (flags.directory != ".") env.err << fmt::format("  cd {}\n", shell_word(flags.directory));
  const bool own_config = std::ranges::any_of(
      steps, [](const Step& step) { return step.path == "apigw.yaml" && step.change == Change::keep; });
  env.err << (own_config ? "  apigw validate          # your apigw.yaml was kept\n  apigw run\n"
                         : "  apigw run\n  apigw call hello        # in a second terminal\n");
}

Exit init(Env& env, const Globals& globals, const Flags& flags) {
  const std::string& directory = flags.directory;
  if (directory.empty())
    return complain(env, Exit::input, "the directory's name is empty", "leave it out for this directory");
  if (env.files.exists(directory) && !env.files.directory(directory))
    return complain(env, Exit::input, fmt::format("'{}' is a file", directory),
                    "name a directory, or none for this one");
  const auto tree = scaffold::project(
      {.name = project_name(env, directory), .schema_json = config::json_schema(assembly::vocabulary())});
  if (!tree) return complain(env, Exit::bug, tree.error().what);
  const auto steps = write_tree(env, *tree, directory, flags.tree);
  if (!steps) return steps.error();
  const auto changes = std::ranges::any_of(*steps, [](const Step& step) { return step.change != Change::same; });
  if (flags.tree.diff) return changes ? Exit::no : Exit::done;
  ordered_json rows = ordered_json::array();
  for (const Step& step : *steps) rows.push_back({{"change", word(step.change)}, {"path", step.path}});
  const Exit written =
      write_table(env, globals, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
  if (written == Exit::done) say_next(env, globals, flags, *steps);
  return written;
}

}  // namespace

extern const Command command_init;
const Command command_init = {
    .name = "init",
    .summary = "make a project that runs at once",
    .details =
        "Writes apigw.yaml, a service in services/hello, .env.example, .gitignore, README.md and\n"
        ".apigw/schema.json.\n"
        "A file that is there already is kept.\n\n"
        "Examples:\n"
        "  apigw init shop\n"
        "  apigw init --diff",
    .job = Job::start,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "DIR", .doc = "where (default here)", .completes = "dirs"}, &flags->directory);
      declare_tree_flags(options, flags->tree);
      return [flags](Env& env, const Globals& globals) { return init(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
