// apigw init [DIR]: a project that runs at once.
#include <filesystem>
#include <ostream>

#include <nlohmann/json.hpp>

#include "assembly/vocabulary.h"
#include "base/text.h"
#include "command.h"
#include "imported.h"
#include "output.h"
#include "scaffold/project.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string directory = ".", from;
  TreeFlags tree;
};

// What the project is called: the last part of its path.
std::string project_name(const Env& env, const std::string& directory) {
  const std::string name = std::filesystem::path{env.files.absolute(directory)}.filename().string();
  return name.empty() ? "apigw project" : name;
}

// For a shell; cd would take a dash in front for a flag.
std::string shell_word(const std::string& word) {
  return text::shell_word(word.starts_with('-') ? "./" + word : word);
}

// The API of --from as a config, with what of it was lost told.
std::expected<scaffold::GivenApi, Exit> given_api(Env& env, const Globals& globals, const Flags& flags) {
  auto text = importable_text(env, flags.from);
  if (!text) return std::unexpected(text.error());
  scaffold::GivenApi out{.config = {}, .document = path_beside(env, flags.from, flags.directory), .text = {}};
  if (out.document.empty()) {
    out.document = flags.from == "-" ? text->starts_with('{') ? "openapi.json" : "openapi.yaml"
                                     : std::filesystem::path{flags.from}.filename().string();
    std::ranges::replace(out.document, '#', '-');
    out.text = *text;
  }
  const auto done = imported("openapi", flags.from, std::move(*text), out.document);
  if (!globals.quiet || done.report.has_errors()) tell_losses(env, done);
  if (done.report.has_errors()) return std::unexpected(complain(env, Exit::input, "nothing was written"));
  out.config = done.config;
  return out;
}

void say_next(Env& env, const Globals& globals, const Flags& flags, const scaffold::ProjectRequest& project,
              const std::vector<Step>& steps) {
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
  env.err << (own_config    ? "  apigw validate          # your apigw.yaml was kept\n  apigw run\n"
              : project.api ? fmt::format("  apigw run\n  apigw test {}\n", shell_word(project.api->document))
                            : "  apigw run\n  apigw call hello        # in a second terminal\n");
}

Exit init(Env& env, const Globals& globals, const Flags& flags) {
  const std::string& directory = flags.directory;
  if (directory.empty())
    return complain(env, Exit::input, "the directory's name is empty", "leave it out for this directory");
  if (env.files.exists(directory) && !env.files.directory(directory))
    return complain(env, Exit::input, fmt::format("'{}' is a file", directory),
                    "name a directory, or none for this one");
  scaffold::ProjectRequest request{.name = project_name(env, directory),
                                   .schema_json = config::json_schema(assembly::vocabulary())};
  if (!flags.from.empty()) {
    auto api = given_api(env, globals, flags);
    if (!api) return api.error();
    request.api = std::move(*api);
  }
  const auto tree = scaffold::project(request);
  if (!tree) return complain(env, Exit::bug, tree.error().what);
  const auto steps = write_tree(env, *tree, directory, flags.tree);
  if (!steps) return steps.error();
  const auto changes = std::ranges::any_of(*steps, [](const Step& step) { return step.change != Change::same; });
  if (flags.tree.diff) return changes ? Exit::no : Exit::done;
  ordered_json rows = ordered_json::array();
  for (const Step& step : *steps) rows.push_back({{"change", word(step.change)}, {"path", step.path}});
  const Exit written =
      write_table(env, globals, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
  if (written == Exit::done) say_next(env, globals, flags, request, *steps);
  return written;
}

}  // namespace

extern const Command command_init;
const Command command_init = {
    .name = "init",
    .summary = "make a project that runs at once",
    .details =
        "Writes apigw.yaml, a service in services/hello, two prompts, tests, .env.example, .gitignore, README.md,\n"
        ".githooks/pre-commit and .apigw/schema.json. With --from the project is the API of an OpenAPI document, as\n"
        "`apigw import openapi` reads it: its routes, and requests held against it; what is lost is listed on "
        "stderr.\n"
        "A file that is there already is kept.\n\n"
        "Examples:\n"
        "  apigw init shop\n"
        "  apigw init petstore --from petstore.yaml\n"
        "  apigw init --diff",
    .job = Job::start,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "DIR", .doc = "where (default here)", .completes = "dirs"}, &flags->directory);
      options.add({.names = "--from",
                   .doc = "an OpenAPI document that the project serves, '-' for stdin",
                   .value = "FILE",
                   .completes = "files"},
                  &flags->from);
      declare_tree_flags(options, flags->tree);
      return [flags](Env& env, const Globals& globals) { return init(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
