#include "catalogue/models.h"

#include <algorithm>
#include <array>
#include <utility>

#include "catalogue/providers.h"

namespace apigw::catalogue {

namespace {

// What `-` becomes, whichever figure it stands for.
struct Unknown {
  constexpr operator Price() const { return {}; }
  constexpr operator std::optional<std::uint64_t>() const { return std::nullopt; }
} constexpr none;

// The tiers of one row, in its order; the number in front takes the first comma.
template <int, Tier... tier>
constexpr std::array<Tier, sizeof...(tier)> tiers_of{tier...};

constexpr ModelRow compiled_in[] = {
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

// Without "-v1", "-v2:0", "-1:0" or "-v1:0:200k" at its end.
std::string_view unversioned(std::string_view model) {
  const std::string_view named = model.substr(0, model.find(':'));
  const auto dash = named.rfind('-');
  if (dash == std::string_view::npos) return named;
  std::string_view tail = named.substr(dash + 1);
  const bool versioned = tail.starts_with('v');
  if (versioned) tail.remove_prefix(1);
  const bool number = !tail.empty() && tail.size() <= 2 && tail.find_first_not_of("0123456789") == tail.npos;
  return number && (versioned || named.size() != model.size()) ? named.substr(0, dash) : named;
}

}  // namespace

Made made_by(std::string_view model) {
  // Whom Bedrock serves models of.
  constexpr std::string_view vendors[] = {"ai21",      "amazon",     "anthropic", "cohere",  "deepseek",
                                          "google",    "luma",       "meta",      "minimax", "mistral",
                                          "moonshot",  "moonshotai", "nvidia",    "openai",  "qwen",
                                          "stability", "twelvelabs", "writer",    "xai",     "zai"};
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  for (int label = 0; label < 2; ++label) {  // a region or group of them may stand first
    const auto dot = model.find('.');
    if (dot == std::string_view::npos) return {};
    const std::string_view word = model.substr(0, dot);
    model.remove_prefix(dot + 1);
    if (std::ranges::find(vendors, word) != std::end(vendors)) return {.maker = word, .model = unversioned(model)};
  }
  return {};
}

constinit const ModelRow free_of_charge{
    .prices = {.input = 0, .cache_read = 0, .cache_write = 0, .output = 0, .cache_write_hour = 0}};

const Models& Models::built_in() {
  static const Models models{compiled_in};
  return models;
}

Models::Models(std::span<const ModelRow> rows) : rows_(rows) {
  by_model_.reserve(rows.size());
  for (const ModelRow& row : rows) by_model_.push_back(&row);
  std::ranges::sort(by_model_, {}, [](const ModelRow* row) { return std::pair(row->model, row->provider); });
}

const ModelRow* Models::exact(std::string_view provider, std::string_view model) const {
  const auto name = [](const ModelRow& row) { return std::pair(row.provider, row.model); };
  const auto found = std::ranges::lower_bound(rows_, std::pair(provider, model), {}, name);
  return found != rows_.end() && name(*found) == std::pair(provider, model) ? &*found : nullptr;
}

const ModelRow* Models::served(std::string_view provider, std::string_view model) const {
  if (const ModelRow* row = exact(provider, model)) return row;
  if (find_provider(provider) != nullptr) return nullptr;
  const auto of_name = std::ranges::equal_range(by_model_, model, {}, &ModelRow::model);
  for (const std::string_view maker : makers) {
    const auto made = std::ranges::find(of_name, maker, &ModelRow::provider);
    if (made != of_name.end()) return *made;
  }
  return of_name.empty() ? nullptr : of_name.front();
}

const ModelRow* Models::find(std::string_view provider, std::string_view model) const {
  provider = whose_models(provider);
  const ModelRow* row = served(provider, model);
  return row != nullptr ? row : served(provider, undated(model));
}

Traits Models::traits(std::string_view provider, std::string_view model) const {
  Traits traits;
  const ProviderRow* const server = find_provider(provider);
  const ModelRow* const row = find(provider, model);
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
  }
  // On Ollama these alone take a level; a server's tables do not say it.
  if (server != nullptr && server->dialect == "ollama" && model.starts_with("gpt-oss"))
    traits.thinks_by_effort = true;
  if (row != nullptr) return traits;
  traits.assumed = true;
  if (whose_models(provider) == "google") traits.thinks_by_effort = !before_levels(model);
  if (provider == "anthropic" || (provider == "openai" && !before_effort(model)))
    traits.thinks_by_effort = traits.fixed_sampling = true;
  return traits;
}

}  // namespace apigw::catalogue
