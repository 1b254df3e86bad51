// Checks on prompts: which model each is sent to, and which settings of the config are for none.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"
#include "config/reading.h"

namespace apigw::config {
namespace {

bool names_a_model(const Facts& facts, std::string_view model) {
  for (const auto& entry : entries(facts.draft.models))
    if (entry.name == model || (entry.name.find('*') != std::string::npos && text::glob(entry.name, model)))
      return true;
  const auto slash = model.find('/');
  if (slash == std::string_view::npos || slash + 1 == model.size()) return false;
  const std::string_view provider = model.substr(0, slash);
  if (provider == "mock" || facts.providers.contains(provider)) return true;
  // Without a file, providers come from the environment: whether this one is there shows when it is called.
  return facts.development && !facts.draft.providers.given() && facts.known(provider) != nullptr;
}

void unknown_model(const Facts& facts, const prompt::Prompt& prompt, diag::Report& report) {
  auto& finding =
      report.add(615, prompt.model_at,
                 fmt::format("prompt '{}' asks for unknown model '{}'", shown(prompt.name), shown(prompt.model)),
                 "neither a model of the config nor a provider and its model");
  suggest(finding, prompt.model, prompt.model_at, entries(facts.draft.models));
  if (!finding.helps.empty()) return;
  const auto slash = prompt.model.find('/');
  if (slash == std::string::npos) {
    finding.helps.push_back(fmt::format("declare it: models: {{ {}: provider/model }}", shown(prompt.model)));
    return;
  }
  const std::string_view provider = std::string_view(prompt.model).substr(0, slash);
  if (facts.known(provider) == nullptr) {
    const Span part = part_of(facts.sources, prompt.model_at, prompt.model, 0, slash);
    suggest_provider(finding, facts, provider, part);
    if (!finding.helps.empty()) finding.labels.front().where = part;
  }
  if (finding.helps.empty())
    finding.helps.push_back(fmt::format("declare the provider: providers: {{ {}: {{}} }}", shown(provider)));
}

void no_model(const Facts& facts, const prompt::Prompt& prompt, diag::Report& report) {
  auto& finding = report.add(614, prompt.model_at, fmt::format("prompt '{}' names no model", shown(prompt.name)),
                             "the config does not have exactly one to take instead");
  std::vector<std::string_view> names;
  for (const auto& entry : entries(facts.draft.models))
    if (entry.name.find('*') == std::string::npos && names.size() < 8) names.emplace_back(entry.name);
  finding.helps.push_back(names.empty() ? "write 'model: provider/model' between the lines of '---'"
                                        : fmt::format("write 'model: NAME' between the lines of '---'; models: {}",
                                                      fmt::join(names, ", ")));
}

}  // namespace

void check_prompt_models(const Facts& facts, diag::Report& report) {
  if (facts.draft.models.given() && !facts.draft.models) return;
  for (const PromptFile& file : facts.prompts) {
    if (!file.content) continue;
    if (model_of(*file.content, facts.draft).empty())
      no_model(facts, *file.content, report);
    else if (!file.content->model.empty() && !names_a_model(facts, file.content->model))
      unknown_model(facts, *file.content, report);
  }
}

void check_model_names(const Facts& facts, diag::Report& report) {
  for (const auto& entry : entries(facts.draft.models)) {
    if (!entry.name.starts_with(model::prompt_prefix)) continue;
    report
        .add(343, entry.where, fmt::format("model '{}' has the name of a prompt", shown(entry.name)),
             fmt::format("'{}' in front means a file of prompts/", model::prompt_prefix))
        .helps.push_back("give the model a name that begins otherwise");
  }
}

void check_prompt_settings(const Facts& facts, diag::Report& report) {
  for (const auto& entry : entries(facts.draft.prompts)) {
    if (entry.name.find('*') != std::string::npos) continue;  // a pattern may wait for its first file
    if (std::ranges::find(facts.prompts, entry.name, &PromptFile::name) != facts.prompts.end()) continue;
    auto& finding = report.add(617, entry.where, fmt::format("there is no prompt '{}'", shown(entry.name)),
                               "no file of this name");
    std::vector<std::string_view> names;
    for (const PromptFile& file : facts.prompts) names.emplace_back(file.name);
    if (const auto meant = text::closest(entry.name, names)) {
      finding.helps.push_back(fmt::format("replace with '{}'", *meant));
      finding.fixes.push_back({entry.where, std::string(*meant)});
    } else {
      finding.helps.push_back(fmt::format("prompts are files beside this one: prompts/{}.prompt", shown(entry.name)));
    }
  }
}

}  // namespace apigw::config
