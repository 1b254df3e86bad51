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
  for (const model::Model& model : plan.models) names.push_back(model.name);
  for (const model::Prompt& prompt : plan.prompts)
    if (prompt.serve) names.push_back(model_name(prompt));
  return names;
}

std::optional<std::string> near_model(const model::Plan& plan, std::string_view name) {
  const std::vector<std::string> known = model_names(plan);
  if (const auto near = text::closest(name, std::vector<std::string_view>(known.begin(), known.end())))
    return std::string(*near);
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> providers;
  for (const model::Provider& provider : plan.providers) providers.emplace_back(provider.name);
  for (const config::KnownProvider& provider : assembly::vocabulary().providers) providers.push_back(provider.name);
  const auto near = text::closest(name.substr(0, slash), providers);
  if (!near || *near == name.substr(0, slash)) return std::nullopt;
  return fmt::format("{}{}", *near, name.substr(slash));
}

}  // namespace apigw::cli
