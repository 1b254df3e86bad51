// apigw prompt list: the prompts beside the config.
#include <ostream>

#include <nlohmann/json.hpp>

#include "command.h"
#include "output.h"
#include "project.h"
#include "prompt/prompt.h"
#include "prompt/shape.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

Exit list(Env& env, const Globals& globals) {
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  ordered_json rows = ordered_json::array();
  for (const model::Prompt& prompt : loaded->plan->prompts) {
    rows.push_back({{"name", prompt.name},
                    {"model", prompt.model},
                    {"variables", prompt::names_of(prompt.content->input_text)},
                    {"served", prompt.serve},
                    {"tests", prompt.examples.size()},
                    {"description", prompt.content->description}});
  }
  if (rows.empty() && !globals.quiet)
    env.err << "there are no prompts beside the config; `apigw help prompts` shows how one is written\n";
  return write_table(env, globals,
                     {.kind = "prompts",
                      .columns = {{"name", "PROMPT"},
                                  {"model", "MODEL"},
                                  {"variables", "VARIABLES"},
                                  {"served", "SERVED"},
                                  {"description", "DESCRIPTION"}}},
                     rows);
}

}  // namespace

extern const Command command_prompt_list;
const Command command_prompt_list = {
    .name = "prompt list",
    .summary = "list the prompts beside the config",
    .details = "Examples:\n  apigw prompt list\n  apigw prompt list -o json",
    .job = Job::call,
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals& globals) { return list(env, globals); };
    },
};

}  // namespace apigw::cli
