// apigw models [list|show NAME|update FILE]: the names that clients may call, prompts among them, their targets, and
// whether those can answer; and what is known of providers' models, with a table of one's own over the one compiled
// in.
#include <ostream>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "dotenv.h"
#include "gateway/compiled.h"
#include "model_facts.h"
#include "model_names.h"
#include "output.h"
#include "own_models.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

struct Flags {
  std::string action = "list";
  std::string name;
  std::string provider;
  ModelsUpdate update;
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

// The catalogue's rows of the providers that `pattern` stands for.
Exit list_known(Env& env, const Globals& globals, const catalogue::Models& models, const std::string& pattern) {
  ordered_json rows = ordered_json::array();
  const auto size = [](std::optional<std::uint64_t> n) { return n ? ordered_json(*n) : ordered_json(); };
  for (const catalogue::ModelRow& row : models.rows()) {
    if (!text::glob(catalogue::whose_models(pattern), row.provider)) continue;
    const ordered_json known = row_json(row);
    const ordered_json& prices = known["prices"].front();
    rows.push_back({{"name", full_name(row)},
                    {"context", size(row.context)},
                    {"max_output", size(row.max_output)},
                    {"input_usd", prices["input_usd"]},
                    {"output_usd", prices["output_usd"]}});
  }
  if (rows.empty())
    return complain(env, Exit::input, fmt::format("of no provider '{}' a model is known", text::printable(pattern)),
                    "write a * for any name, as in --provider '*'");
  return write_table(env, globals,
                     {.kind = "known-models",
                      .columns = {{"name", "MODEL"},
                                  {"context", "CONTEXT"},
                                  {"max_output", "ANSWER"},
                                  {"input_usd", "USD/M IN"},
                                  {"output_usd", "USD/M OUT"}}},
                     rows);
}

ordered_json target_json(const model::Plan& plan, const model::Target& target, const catalogue::Models& models) {
  const model::Provider& provider = plan.at(target.provider);
  const catalogue::ModelRow* const row = gateway::known_row(provider, target.model, models);
  return {{"target", target_name(plan, target)},
          {"dialect", provider.dialect},
          {"address", provider.mock ? "mock:" : provider.origin.text() + provider.base_path},
          {"state", state(provider)},
          {"prices", row == nullptr ? ordered_json() : row_json(*row)["prices"]}};
}

Exit show(Env& env, const Globals& globals, const model::Plan& plan, const model::Prompt& prompt) {
  const ordered_json body{
      {"name", model_name(prompt)}, {"set_at", prompt.file}, {"model", prompt.model}, {"state", state(plan, prompt)}};
  return write_document(env, globals, "model", body, [&](bool) {
    return fmt::format("{}  ({})\n  {}  {}\n", model_name(prompt), prompt.file, prompt.model, state(plan, prompt));
  });
}

Exit show_known(Env& env, const Globals& globals, const catalogue::Models& models, const std::string& name) {
  const auto row = named_row(models, name);
  if (!row) return complain(env, Exit::input, row.error());
  return write_document(env, globals, "known-model", row_json(**row), [&](bool) { return row_text(**row); });
}

Exit show(Env& env, const Globals& globals, const config::Loaded& loaded, const std::string& name) {
  const model::Plan& plan = *loaded.plan;
  if (const model::Prompt* const prompt = find_prompt(plan, name)) return show(env, globals, plan, *prompt);
  const model::Model* const model = find_model(plan, name);
  const auto models = known_models(env);
  if (!models) return models.error();
  if (model == nullptr) {
    if (name.empty()) return complain(env, Exit::input, "no model named", "'apigw models' lists them");
    if (near_model(plan, name) || is_pattern(plan, name)) return complain(env, Exit::input, no_model(plan, name));
    return show_known(env, globals, **models, name);
  }
  const auto at = loaded.sources.position(model->where.source, model->where.begin);
  const std::string place =
      model->where.known() ? fmt::format("{}:{}", loaded.sources.name(model->where.source), at.line) : "";
  ordered_json body{{"name", model->name}, {"set_at", place}, {"targets", ordered_json::array()}};
  for (const model::Target& target : model->targets) body["targets"].push_back(target_json(plan, target, **models));
  return write_document(env, globals, "model", body, [&](bool) {
    std::string out = fmt::format("{}{}\n", model->name, place.empty() ? "" : "  (" + place + ")");
    for (std::size_t i = 0; i < model->targets.size(); ++i) {
      const ordered_json& target = body["targets"][i];
      out += fmt::format(
          "  {}  {}  {}  {}  {}\n", target["target"].get<std::string>(), target["dialect"].get<std::string>(),
          target["address"].get<std::string>(), target["state"].get<std::string>(),
          prices_text(gateway::known_row(plan.at(model->targets[i].provider), model->targets[i].model, **models)));
    }
    return out;
  });
}

// What stands where it has no use is a mistake.
std::optional<Complaint> misplaced(const Flags& flags) {
  const ModelsUpdate& update = flags.update;
  const bool updates = flags.action == "update";
  if (!updates && (update.reset || update.dry_run || update.diff))
    return Complaint{"--reset, --dry-run and --diff are for 'models update'", "leave them out"};
  if (updates && update.reset == !flags.name.empty())
    return Complaint{update.reset ? "--reset takes no FILE" : "no FILE named",
                     "write one: apigw models update FILE; or go back to what is compiled in, with --reset"};
  if (flags.action != "list" && !flags.provider.empty())
    return Complaint{"--provider is for 'models list'", "leave it out"};
  if (flags.action == "list" && !flags.name.empty())
    return Complaint{"'models list' takes no NAME", fmt::format("write: apigw models show {}", flags.name)};
  return std::nullopt;
}

Exit models(Env& env, const Globals& globals, Flags flags) {
  if (const auto wrong = misplaced(flags)) return complain(env, Exit::input, *wrong);
  if (flags.action == "update") {
    flags.update.file = flags.name;
    return update_models(env, globals, flags.update);
  }
  if (!flags.provider.empty()) {
    const auto known = known_models(env);
    return known ? list_known(env, globals, **known, flags.provider) : known.error();
  }
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
    .summary = "list models, show one with its prices, or take a newer table of them",
    .details =
        "list tells the models that clients may call; a served prompt is one, too: prompt/NAME, behind the model\n"
        "that it is sent to. With --provider it tells what is known of a provider's models. show takes a name of\n"
        "the config, provider/model, or a model alone where one provider has it.\n\n"
        "Sizes and prices are compiled in. update checks a FILE and puts it over them, whole or not at all, for\n"
        "every command from then on; nothing else ever does. One model a line, # for a comment:\n"
        "  PROVIDER MODEL CONTEXT ANSWER INPUT,CACHE-READ,CACHE-WRITE,OUTPUT TRAITS\n"
        "Sizes in tokens; prices in millionths of a US dollar for a million tokens; - where one is not known, and\n"
        "for no TRAITS (effort, fixed, prompted, silent, always, coarse, joined by |). A fifth price is that of a\n"
        "cache for an hour, a sixth that of thoughts. Other prices may follow the traits: >200000:PRICES for\n"
        "longer prompts, batch:PRICES and batch>200000:PRICES.\n\n"
        "Examples:\n"
        "  apigw models\n"
        "  apigw models show openai/gpt-5-mini\n"
        "  apigw models list --provider anthropic -o json\n"
        "  echo 'house llama 8192 2048 100000,-,-,400000 -' | apigw models update -\n"
        "  apigw models update --reset",
    .job = Job::call,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "ACTION", .doc = "what to do (default list)", .choices = {"list", "show", "update"}},
                  &flags->action);
      options.add(
          {.names = "NAME", .doc = "a model, for show; a file or - for stdin, for update", .completes = "models"},
          &flags->name);
      options.add({.names = "--provider",
                   .doc = "list what is known of this provider's models; * for any name",
                   .value = "PROVIDER"},
                  &flags->provider);
      options.add({.names = "--reset", .doc = "remove the table that update wrote"}, &flags->update.reset);
      options.add({.names = "--dry-run", .doc = "check FILE and say what would be written, write nothing"},
                  &flags->update.dry_run);
      options.add({.names = "--diff", .doc = "print what would change in the table, write nothing"},
                  &flags->update.diff);
      return [flags](Env& env, const Globals& globals) { return models(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
