#include "catalogue/models.h"

#include <algorithm>
#include <array>

#include "catalogue/providers.h"

namespace apigw::catalogue {

namespace {

constexpr Price none;

// As the providers' price lists and model pages gave it in the summer of 2026.
constexpr auto rows = std::to_array<ModelRow>({
    // name, context, answer, {input, read, write, output}, by effort, schema, fixed sampling
    {"anthropic",
     "claude-fable-5",
     1'000'000,
     128'000,
     {10'000'000, 1'000'000, 12'500'000, 50'000'000},
     true,
     true,
     true},
    {"anthropic", "claude-haiku-4-5", 200'000, 64'000, {1'000'000, 100'000, 1'250'000, 5'000'000}},
    {"anthropic", "claude-opus-4-0", 200'000, 32'000, {15'000'000, 1'500'000, 18'750'000, 75'000'000}, false, false},
    {"anthropic", "claude-opus-4-1", 200'000, 32'000, {15'000'000, 1'500'000, 18'750'000, 75'000'000}, false, false},
    {"anthropic", "claude-opus-4-5", 200'000, 64'000, {5'000'000, 500'000, 6'250'000, 25'000'000}},
    {"anthropic", "claude-opus-4-6", 1'000'000, 128'000, {5'000'000, 500'000, 6'250'000, 25'000'000}, true},
    {"anthropic",
     "claude-opus-4-7",
     1'000'000,
     128'000,
     {5'000'000, 500'000, 6'250'000, 25'000'000},
     true,
     true,
     true},
    {"anthropic",
     "claude-opus-4-8",
     1'000'000,
     128'000,
     {5'000'000, 500'000, 6'250'000, 25'000'000},
     true,
     true,
     true},
    {"anthropic", "claude-sonnet-4-0", 200'000, 64'000, {3'000'000, 300'000, 3'750'000, 15'000'000}, false, false},
    {"anthropic", "claude-sonnet-4-5", 200'000, 64'000, {3'000'000, 300'000, 3'750'000, 15'000'000}},
    {"anthropic", "claude-sonnet-4-6", 1'000'000, 64'000, {3'000'000, 300'000, 3'750'000, 15'000'000}, true},
    {"anthropic",
     "claude-sonnet-5",
     1'000'000,
     128'000,
     {2'000'000, 200'000, 2'500'000, 10'000'000},
     true,
     true,
     true},
    {"openai", "gpt-4.1", 1'047'576, 32'768, {2'000'000, 500'000, none, 8'000'000}},
    {"openai", "gpt-4.1-mini", 1'047'576, 32'768, {400'000, 100'000, none, 1'600'000}},
    {"openai", "gpt-4o", 128'000, 16'384, {2'500'000, 1'250'000, none, 10'000'000}},
    {"openai", "gpt-4o-mini", 128'000, 16'384, {150'000, 75'000, none, 600'000}},
    {"openai", "gpt-5", 400'000, 128'000, {1'250'000, 125'000, none, 10'000'000}, true, true, true},
    {"openai", "gpt-5-mini", 400'000, 128'000, {250'000, 25'000, none, 2'000'000}, true, true, true},
    {"openai", "gpt-5-nano", 400'000, 128'000, {50'000, 5'000, none, 400'000}, true, true, true},
    {"openai", "gpt-5.1", 400'000, 128'000, {1'250'000, 125'000, none, 10'000'000}, true, true, true},
    {"openai", "gpt-5.2", 400'000, 128'000, {1'750'000, 175'000, none, 14'000'000}, true, true, true},
    {"openai", "gpt-5.4-mini", 400'000, 128'000, {750'000, 75'000, none, 4'500'000}, true, true, true},
    {"openai", "o3", 200'000, 100'000, {2'000'000, 500'000, none, 8'000'000}, true, true, true},
    {"openai", "o4-mini", 200'000, 100'000, {1'100'000, 275'000, none, 4'400'000}, true, true, true},
});

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

const ModelRow* find_exact(std::string_view provider, std::string_view model) {
  const bool any = find_provider(provider) == nullptr;
  const auto found = std::ranges::find_if(
      rows, [&](const ModelRow& row) { return row.model == model && (any || row.provider == provider); });
  return found == rows.end() ? nullptr : &*found;
}

// OpenAI's models of the time before a word for effort, which take a temperature.
bool before_effort(std::string_view model) {
  constexpr std::string_view beginnings[] = {"gpt-3", "gpt-4", "chatgpt-", "ft:gpt-3", "ft:gpt-4"};
  return std::ranges::any_of(beginnings, [&](std::string_view begin) { return model.starts_with(begin); });
}

}  // namespace

std::span<const ModelRow> models() {
  return rows;
}

const ModelRow* find_model(std::string_view provider, std::string_view model) {
  const ModelRow* exact = find_exact(provider, model);
  return exact != nullptr ? exact : find_exact(provider, undated(model));
}

Traits traits_of(std::string_view provider, std::string_view model) {
  Traits traits;
  if (const ProviderRow* row = find_provider(provider)) {
    traits.thoughts = row->thoughts;
    traits.cache_marks = row->cache_marks;
  }
  if (const ModelRow* row = find_model(provider, model)) {
    traits.max_output = row->max_output;
    traits.thinks_by_effort = row->thinks_by_effort;
    traits.native_schema = row->native_schema;
    traits.fixed_sampling = row->fixed_sampling;
    return traits;
  }
  traits.assumed = true;
  if (provider == "anthropic" || (provider == "openai" && !before_effort(model))) {
    traits.thinks_by_effort = traits.fixed_sampling = true;
  } else if (provider != "openai") {
    traits.max_tokens_only = traits.top_k = true;
  }
  return traits;
}

}  // namespace apigw::catalogue
