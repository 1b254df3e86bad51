// The words that `__complete` knows: from tables in the binary, and from the project's config.
//
// Runs at every press of a key, so it says nothing on stderr and gives no words where something is broken.
#include <optional>

#include "assembly/vocabulary.h"
#include "call_target.h"
#include "completion.h"
#include "model_names.h"
#include "project.h"
#include "yaml/tree.h"

namespace apigw::cli {
namespace {

using Words = std::vector<std::string>;

// The flags of the line that say where the project is.
Globals globals_of(const Words& line) {
  Globals globals;
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    if (line[i] == "-C" || line[i] == "--directory") globals.directory = line[i + 1];
    if (line[i] == "-c" || line[i] == "--config") globals.config = line[i + 1];
  }
  return globals;
}

std::optional<config::Request> request_of(Env& env, const Globals& globals) {
  if (!globals.directory.empty() && !env.files.enter(globals.directory)) return std::nullopt;
  const std::string path = globals.config.empty() ? std::string{default_config} : globals.config;
  auto text = path == "-" ? Result<std::string>{} : env.files.read(path, config_limit);
  if (!text) return std::nullopt;
  return config::Request{.path = path, .text = std::move(*text)};
}

Words profiles(const config::Request& request) {
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add(request.path, *request.text), sources, report);
  const yaml::Node* const node = tree ? tree->root().find("profiles") : nullptr;
  Words words;
  if (node != nullptr)
    for (const yaml::Entry& entry : node->entries) words.push_back(entry.key->value);
  return words;
}

Words names_of_plan(const model::Plan& plan, std::string_view kind) {
  Words words;
  if (kind == "models") words = model_names(plan);
  if (kind == "services" || kind == "callable")
    for (const model::Service& service : plan.services) words.push_back(service.name);
  if (kind == "prompts" || kind == "callable")
    for (const model::Prompt& prompt : plan.prompts) words.push_back(prompt.name);
  if (kind == "routes")
    for (const model::Route& route : plan.routes) words.push_back(route.id);
  if (kind == "callable" || kind == "explainable")
    for (const model::Route& route : plan.routes) words.push_back(route.path);
  return words;
}

Words built_in(std::string_view kind) {
  Words words;
  if (kind == "codes" || kind == "explainable")
    for (const diag::Code& code : diag::codes()) words.push_back(fmt::format("AGW{:03}", code.number));
  if (kind == "fields" || kind == "explainable")
    for (config::FieldPage& page : config::field_pages(assembly::vocabulary())) words.push_back(std::move(page.path));
  if (kind == "providers")
    for (const config::KnownProvider& row : assembly::vocabulary().providers) words.emplace_back(row.name);
  if (kind == "callable" || kind == "explainable")
    for (const std::string_view method : usual_methods) words.emplace_back(method);
  if (kind == "topics") {
    words = {"config", "environment", "exit-codes", "formats", "matrix", "prompts"};
    for (const RosterRow& row : roster())
      if (!row.command->hidden) words.emplace_back(row.command->name);
  }
  return words;
}

}  // namespace

Words completion_words(Env& env, std::string_view kind, const Words& line) {
  Words words = built_in(kind);
  static constexpr std::string_view of_project[] = {"models",   "services",    "routes",  "prompts",
                                                    "callable", "explainable", "profiles"};
  const bool asks_project = std::ranges::find(of_project, kind) != std::end(of_project);
  const auto request = asks_project ? request_of(env, globals_of(line)) : std::nullopt;
  if (request && kind == "profiles") std::ranges::move(profiles(*request), std::back_inserter(words));
  if (request && kind != "profiles") {
    const auto loaded = config::load(*request, env.files, env.environment, assembly::vocabulary());
    if (loaded.plan != nullptr) std::ranges::move(names_of_plan(*loaded.plan, kind), std::back_inserter(words));
  }
  std::ranges::sort(words);
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace apigw::cli
