#include "catalogue/models.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "catalogue/providers.h"

namespace apigw::catalogue {

namespace {

constexpr std::nullopt_t none = std::nullopt;

constexpr ModelRow rows[] = {
#include "models.inc"
};

// Whose word counts for a model that several providers serve.
constexpr std::string_view makers[] = {"openai", "anthropic", "google",   "mistral", "deepseek", "xai",
                                       "cohere", "alibaba",   "moonshot", "zai",     "minimax",  "llama"};

bool digits(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return (c >= '0' && c <= '9') || c == '-'; });
}

// Without "-20251001", "-2025-08-07", "@20251001" or "-latest" at its end.
std::string_view undated(std::string_view model) {
  if (model.ends_with("-latest")) return model.substr(0, model.size() - 7);
  for (const std::size_t date : {std::size_t{8}, std::size_t{10}}) {
    if (model.size() <= date + 1) continue;
    const std::string_view tail = model.substr(model.size() - date);
    const char before = model[model.size() - date - 1];
    const bool dashes = date == 10 ? tail[4] == '-' && tail[7] == '-' : !tail.contains('-');
    if ((before == '-' || before == '@') && dashes && digits(tail)) return model.substr(0, model.size() - date - 1);
  }
  return model;
}

const ModelRow* find_row(std::string_view provider, std::string_view model) {
  const auto name = [](const ModelRow& row) { return std::pair(row.provider, row.model); };
  const auto found = std::ranges::lower_bound(rows, std::pair(provider, model), {}, name);
  return found != std::end(rows) && name(*found) == std::pair(provider, model) ? &*found : nullptr;
}

// The name under which its models stand.
std::string_view named(std::string_view provider) {
  const ProviderRow* const row = find_provider(provider);
  return row == nullptr || row->models_of.empty() ? provider : row->models_of;
}

const ModelRow* find_exact(std::string_view provider, std::string_view model) {
  if (const ModelRow* row = find_row(provider, model)) return row;
  if (find_provider(provider) != nullptr) return nullptr;
  for (const std::string_view maker : makers)
    if (const ModelRow* row = find_row(maker, model)) return row;
  const auto found = std::ranges::find(rows, model, &ModelRow::model);
  return found == std::end(rows) ? nullptr : &*found;
}

// OpenAI's models of the time before a word for effort, which take a temperature.
bool before_effort(std::string_view model) {
  constexpr std::string_view beginnings[] = {"gpt-3", "gpt-4", "chatgpt-", "ft:gpt-3", "ft:gpt-4"};
  return std::ranges::any_of(beginnings, [&](std::string_view begin) { return model.starts_with(begin); });
}

// Google's models of the time before a word for how much to think, and the names that may mean one of them.
bool before_levels(std::string_view model) {
  constexpr std::string_view beginnings[] = {"gemini-1", "gemini-2", "gemini-flash-", "gemini-pro-", "gemma-"};
  return std::ranges::any_of(beginnings, [&](std::string_view begin) { return model.starts_with(begin); });
}

}  // namespace

std::span<const ModelRow> models() {
  return rows;
}

const ModelRow* find_model(std::string_view provider, std::string_view model) {
  provider = named(provider);
  const ModelRow* exact = find_exact(provider, model);
  return exact != nullptr ? exact : find_exact(provider, undated(model));
}

Traits traits_of(std::string_view provider, std::string_view model) {
  Traits traits;
  const ProviderRow* const server = find_provider(provider);
  const ModelRow* const row = find_model(provider, model);
  if (server != nullptr) {
    traits.thoughts = server->thoughts;
    traits.cache_marks = server->cache_marks;
  }
  // Other servers than OpenAI's that speak its dialect.
  if ((server != nullptr || row == nullptr) && provider != "openai" && provider != "anthropic")
    traits.max_tokens_only = traits.top_k = true;
  if (row != nullptr) {
    traits.max_output = row->max_output;
    traits.thinks_by_effort = (row->traits & effort) != 0;
    traits.native_schema = (row->traits & prompted) == 0;
    traits.thinks = (row->traits & silent) == 0;
    traits.always_thinks = (row->traits & always) != 0;
    traits.two_efforts = (row->traits & coarse) != 0;
    traits.fixed_sampling = (row->traits & fixed) != 0;
    return traits;
  }
  traits.assumed = true;
  if (named(provider) == "google") traits.thinks_by_effort = !before_levels(model);
  if (provider == "anthropic" || (provider == "openai" && !before_effort(model)))
    traits.thinks_by_effort = traits.fixed_sampling = true;
  return traits;
}

}  // namespace apigw::catalogue
