#include "call_price.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "gateway/compiled.h"

namespace apigw::cli {

CallPrice::CallPrice(const model::Plan& plan, std::shared_ptr<const catalogue::Models> models, std::string_view name)
    : models_(std::move(models)) {
  if (name.starts_with(model::prompt_prefix)) {
    const auto prompt =
        std::ranges::find(plan.prompts, name.substr(model::prompt_prefix.size()), &model::Prompt::name);
    if (prompt != plan.prompts.end()) name = prompt->model;
  }
  add(plan, name);
}

void CallPrice::add(const model::Plan& plan, std::string_view name) {
  const auto exact = std::ranges::find(plan.models, name, &model::Model::name);
  bool found = false;
  for (const model::Model& model : plan.models) {
    const bool means = exact == plan.models.end() ? model.pattern && text::glob(model.name, name) : &model == &*exact;
    if (!means) continue;
    found = true;
    for (const model::Target& target : model.targets)
      add(plan.at(target.provider), target.model.empty() ? name : std::string_view(target.model));
  }
  if (found) return;
  const std::size_t slash = std::min(name.find('/'), name.size());
  const auto provider = std::ranges::find(plan.providers, name.substr(0, slash), &model::Provider::name);
  if (provider != plan.providers.end() && slash < name.size()) add(*provider, name.substr(slash + 1));
}

void CallPrice::add(const model::Provider& provider, std::string_view model) {
  const catalogue::ModelRow* const row = gateway::known_row(provider, model, *models_);
  rows_.push_back(row);
  if (row == nullptr || !row->prices.input.known() || !row->prices.output.known())
    unknown_.push_back(fmt::format("{}/{}", provider.name, model));
}

std::optional<catalogue::Nanodollars> CallPrice::of(const chat::Usage& usage) const {
  std::optional<catalogue::Nanodollars> most;
  for (const catalogue::ModelRow* row : rows_) {
    const auto cost = catalogue::cost_of(usage, row);
    if (!cost) return std::nullopt;
    most = std::max(most.value_or(0), *cost);
  }
  return most;
}

}  // namespace apigw::cli
