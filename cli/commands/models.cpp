// apigw models [list|show NAME]: the names that clients may call, prompts among them, their targets, and whether
// those can answer.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "dotenv.h"
#include "model_names.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string action = "list";
  std::string name;
};

std::string target_name(const model::Plan& plan, const model::Target& target) {
  return fmt::format("{}/{}", plan.at(target.provider).name, target.model.empty() ? "*" : target.model);
}

std::string state(const model::Provider& provider) {
  return provider.off.empty() ? "ready" : fmt::format("off: {}", provider.off);
}

// Of the whole model: ready as soon as one target is.
std::string state(const model::Plan& plan, const model::Model& model) {
  for (const model::Target& target : model.targets)
    if (plan.at(target.provider).off.empty()) return "ready";
  return model.targets.empty() ? "off: no target" : state(plan.at(model.targets.front().provider));
}

const model::Model* find_model(const model::Plan& plan, std::string_view name) {
  for (const model::Model& model : plan.models)
    if (model.name == name) return &model;
  for (const model::Model& model : plan.models)
    if (model.pattern && text::glob(model.name, name)) return &model;
  return nullptr;
}

const model::Prompt* find_prompt(const model::Plan& plan, std::string_view name) {
  for (const model::Prompt& prompt : plan.prompts)
    if (prompt.serve && name == model_name(prompt)) return &prompt;
  return nullptr;
}

// Of the model that a prompt is sent to, which may be provider/model.
std::string state(const model::Plan& plan, const model::Prompt& prompt) {
  if (const model::Model* const model = find_model(plan, prompt.model)) return state(plan, *model);
  for (const model::Provider& provider : plan.providers)
    if (prompt.model.starts_with(provider.name + "/")) return state(provider);
  return "off: its model is not there";
}

Exit list(Env& env, const Globals& globals, const model::Plan& plan) {
  ordered_json rows = ordered_json::array();
  for (const model::Model& model : plan.models) {
    ordered_json targets = ordered_json::array();
    for (const model::Target& target : model.targets) targets.push_back(target_name(plan, target));
    rows.push_back({{"name", model.name}, {"targets", targets}, {"state", state(plan, model)}, {"kind", "model"}});
  }
  for (const model::Prompt& prompt : plan.prompts)
    if (prompt.serve)
      rows.push_back({{"name", model_name(prompt)},
                      {"targets", {prompt.model}},
                      {"state", state(plan, prompt)},
                      {"kind", "prompt"}});
  if (rows.empty() && !globals.quiet) env.err << "the config has no models; add one: `models: {chat: mock/chat}`\n";
  return write_table(env, globals,
                     {.kind = "models",
                      .columns = {{"name", "MODEL"}, {"targets", "TARGETS"}, {"state", "STATE"}, {"kind", "KIND"}}},
                     rows);
}

ordered_json target_json(const model::Plan& plan, const model::Target& target) {
  const model::Provider& provider = plan.at(target.provider);
  return {{"target", target_name(plan, target)},
          {"dialect", provider.dialect},
          {"address", provider.mock ? "mock:" : provider.origin.text() + provider.base_path},
          {"state", state(provider)}};
}

Exit show(Env& env, const Globals& globals, const model::Plan& plan, const model::Prompt& prompt) {
  const ordered_json body{
      {"name", model_name(prompt)}, {"set_at", prompt.file}, {"model", prompt.model}, {"state", state(plan, prompt)}};
  return write_document(env, globals, "model", body, [&](bool) {
    return fmt::format("{}  ({})\n  {}  {}\n", model_name(prompt), prompt.file, prompt.model, state(plan, prompt));
  });
}

Exit show(Env& env, const Globals& globals, const config::Loaded& loaded, const std::string& name) {
  const model::Plan& plan = *loaded.plan;
  if (const model::Prompt* const prompt = find_prompt(plan, name)) return show(env, globals, plan, *prompt);
  const model::Model* const model = find_model(plan, name);
  if (model == nullptr) {
    if (name.empty()) return complain(env, Exit::input, "no model named", "'apigw models' lists them");
    return complain(env, Exit::input, no_model(plan, name));
  }
  const auto at = loaded.sources.position(model->where.source, model->where.begin);
  const std::string place =
      model->where.known() ? fmt::format("{}:{}", loaded.sources.name(model->where.source), at.line) : "";
  ordered_json body{{"name", model->name}, {"set_at", place}, {"targets", ordered_json::array()}};
  for (const model::Target& target : model->targets) body["targets"].push_back(target_json(plan, target));
  return write_document(env, globals, "model", body, [&](bool) {
    std::string out = fmt::format("{}{}\n", model->name, place.empty() ? "" : "  (" + place + ")");
    for (const ordered_json& target : body["targets"])
      out +=
          fmt::format("  {}  {}  {}  {}\n", target["target"].get<std::string>(), target["dialect"].get<std::string>(),
                      target["address"].get<std::string>(), target["state"].get<std::string>());
    return out;
  });
}

Exit models(Env& env, const Globals& globals, const Flags& flags) {
  auto request = project_request(env, globals);
  if (!request) return request.error();
  request->secrets = config::Secrets::optional;  // a missing key turns its provider off
  const auto dotenv = with_dotenv(env, request->path);
  if (!dotenv) return dotenv.error();
  const auto loaded = load_project(env, globals, std::move(*request), dotenv->environment);
  if (!loaded) return loaded.error();
  return flags.action == "show" ? show(env, globals, *loaded, flags.name) : list(env, globals, *loaded->plan);
}

}  // namespace

extern const Command command_models;
const Command command_models = {
    .name = "models",
    .summary = "list the models that clients may call, or show one",
    .details =
        "A served prompt is a model, too: prompt/NAME, behind the model that it is sent to.\n\n"
        "Examples:\n  apigw models\n  apigw models show chat\n  apigw models list -o json",
    .job = Job::call,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "ACTION", .doc = "what to do (default list)", .choices = {"list", "show"}},
                  &flags->action);
      options.add({.names = "NAME", .doc = "a model, for show", .completes = "models"}, &flags->name);
      return [flags](Env& env, const Globals& globals) { return models(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
