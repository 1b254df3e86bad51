#include "model_names.h"

#include <fmt/format.h>

#include "assembly/vocabulary.h"
#include "base/text.h"

namespace apigw::cli {

std::string model_name(const model::Prompt& prompt) {
  return fmt::format("{}{}", model::prompt_prefix, prompt.name);
}

std::vector<std::string> model_names(const model::Plan& plan) {
  std::vector<std::string> names;
  for (const model::Model& model : plan.models)
    if (!model.pattern) names.push_back(model.name);
  for (const model::Prompt& prompt : plan.prompts)
    if (prompt.serve) names.push_back(model_name(prompt));
  return names;
}

bool is_pattern(const model::Plan& plan, std::string_view name) {
  return std::ranges::any_of(plan.models,
                             [&](const model::Model& model) { return model.pattern && model.name == name; });
}

bool is_model(const model::Plan& plan, std::string_view name) {
  const auto fits = [&](const model::Model& model) {
    return model.pattern && name != model.name && text::glob(model.name, name);
  };
  const std::vector<std::string> names = model_names(plan);
  return std::ranges::find(names, name) != names.end() || std::ranges::any_of(plan.models, fits);
}

bool is_direct(const model::Plan& plan, std::string_view name) {
  const auto slash = name.find('/');
  return slash != std::string_view::npos && slash + 1 < name.size() &&
         std::ranges::find(plan.providers, name.substr(0, slash), &model::Provider::name) != plan.providers.end();
}

bool is_callable(const model::Plan& plan, std::string_view name) {
  return is_model(plan, name) || is_direct(plan, name);
}

std::optional<std::string> near_model(const model::Plan& plan, std::string_view name) {
  const std::vector<std::string> known = model_names(plan);
  const auto near = text::closest(name, std::vector<std::string_view>(known.begin(), known.end()));
  return near ? std::optional<std::string>(*near) : std::nullopt;
}

std::optional<std::string> near_direct(const model::Plan& plan, std::string_view name) {
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> providers;
  for (const model::Provider& provider : plan.providers) providers.emplace_back(provider.name);
  for (const config::KnownProvider& provider : assembly::vocabulary().providers) providers.push_back(provider.name);
  const auto near = text::closest(name.substr(0, slash), providers);
  if (!near || *near == name.substr(0, slash)) return std::nullopt;
  return fmt::format("{}{}", *near, name.substr(slash));
}

Complaint no_model(const model::Plan& plan, std::string_view name) {
  if (is_pattern(plan, name))
    return {fmt::format("'{}' is a pattern, which no model has as its name", text::printable(name)),
            "name a model that fits it"};
  const auto near = near_model(plan, name);
  return {fmt::format("there is no model '{}'", text::printable(name)),
          near ? fmt::format("did you mean '{}'?", text::printable(*near)) : "'apigw models' lists them"};
}

}  // namespace apigw::cli
