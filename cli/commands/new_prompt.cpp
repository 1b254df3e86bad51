// apigw new prompt NAME: a prompt beside the config that answers at once, and its first test.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "config/grammar.h"
#include "model_names.h"
#include "output.h"
#include "project.h"
#include "prompt/prompt.h"
#include "scaffold/prompt.h"
#include "tree_writer.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string name, model;
  TreeFlags tree;
};

struct Place {
  std::string directory;  // where prompts stand
  std::string model;
};

// Without a config the prompts stand here and the mock answers.
std::expected<Place, Exit> place_of(Env& env, const Globals& globals, const Flags& flags) {
  auto request = project_request(env, globals);
  if (!request) return std::unexpected(request.error());
  const auto slash = request->path.rfind('/');
  Place place{.directory = (slash == std::string::npos ? "" : request->path.substr(0, slash + 1)) + "prompts",
              .model = flags.model};
  const auto loaded = load_project(env, globals, std::move(*request));
  if (!loaded) return std::unexpected(loaded.error());
  if (!flags.model.empty() && !is_callable(*loaded->plan, flags.model))
    return std::unexpected(complain(env, Exit::input, no_model(*loaded->plan, flags.model)));
  if (place.model.empty()) {
    const auto plain = [](const model::Model& model) { return !model.pattern; };
    const auto first = std::ranges::find_if(loaded->plan->models, plain);
    place.model = first == loaded->plan->models.end() ? "mock/chat" : first->name;
  }
  return place;
}

Exit make(Env& env, const Globals& globals, const Flags& flags) {
  if (flags.name.ends_with(prompt::extension))
    return complain(env, Exit::input, fmt::format("'{}' is a file and no name", text::printable(flags.name)),
                    fmt::format("write the name alone: apigw new prompt {}", prompt::name_of(flags.name)));
  if (!config::is_prompt_pattern(flags.name) || flags.name.contains('*'))
    return complain(env, Exit::input, fmt::format("'{}' cannot be a prompt's name", text::printable(flags.name)),
                    "letters, digits, '.', '_' and '-', at most 64");
  const auto place = place_of(env, globals, flags);
  if (!place) return place.error();
  const auto tree = scaffold::prompt({.name = flags.name, .model = place->model});
  if (!tree) return complain(env, Exit::bug, tree.error().what);
  const auto steps = write_tree(env, *tree, place->directory, flags.tree);
  if (!steps) return steps.error();
  const auto is = [&](Change change) { return std::ranges::find(*steps, change, &Step::change) != steps->end(); };
  if (flags.tree.diff) return is(Change::create) || is(Change::replace) ? Exit::no : Exit::done;
  ordered_json rows = ordered_json::array();
  for (const Step& step : *steps)
    rows.push_back({{"change", word(step.change)}, {"path", fmt::format("{}/{}", place->directory, step.path)}});
  const Exit written =
      write_table(env, globals, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
  if (written != Exit::done || globals.quiet) return written;
  if (is(Change::keep)) env.err << "what differs was kept: --diff shows how, --force replaces\n";
  if (!flags.tree.dry_run)
    env.err << fmt::format("\nNext:\n  apigw prompt test {0}\n  apigw prompt run {0} --var text='…'\n", flags.name);
  return written;
}

}  // namespace

extern const Command command_new_prompt;
const Command command_new_prompt = {
    .name = "new prompt",
    .summary = "write a prompt that answers at once, and its first test",
    .details =
        "Writes prompts/NAME.prompt and prompts/NAME.test.yaml beside the config; what is there already is kept. "
        "The\n"
        "prompt is POST /prompts/NAME from then on; its tests pass on the mock.\n\n"
        "Examples:\n"
        "  apigw new prompt summary\n"
        "  apigw new prompt summary --model mock/small --diff",
    .job = Job::start,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "NAME", .doc = "what the prompt is called", .required = true}, &flags->name);
      options.add({.names = "--model",
                   .doc = "which model answers (default the first of the config)",
                   .value = "MODEL",
                   .completes = "models"},
                  &flags->model);
      declare_tree_flags(options, flags->tree);
      return [flags](Env& env, const Globals& globals) { return make(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
