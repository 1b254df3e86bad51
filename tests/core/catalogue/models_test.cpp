#include "catalogue/models.h"

#include <set>
#include <string>

#include <doctest/doctest.h>

#include "catalogue/providers.h"

namespace catalogue = apigw::catalogue;

TEST_CASE("every model's row is whole, of a known provider, and found by its name") {
  std::set<std::pair<std::string_view, std::string_view>> names;
  for (const catalogue::ModelRow& row : catalogue::models()) {
    CAPTURE(std::string(row.model));
    CHECK(names.insert({row.provider, row.model}).second);
    CHECK(catalogue::find_provider(row.provider) != nullptr);
    CHECK(catalogue::find_model(row.provider, row.model) == &row);
    CHECK(row.max_output > 0);
    CHECK(row.context > row.max_output);
    const catalogue::Prices& prices = row.prices;
    REQUIRE((prices.input && prices.output && prices.cache_read));
    CHECK(*prices.cache_read < *prices.input);
    CHECK(*prices.input < *prices.output);
    CHECK((!prices.cache_write || *prices.cache_write > *prices.input));
  }
}

TEST_CASE("a date behind a model's name is passed over, and only a date") {
  struct Row {
    const char *provider, *model, *found;  // "": none
  } constexpr rows[] = {
      {"anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5"},
      {"anthropic", "claude-haiku-4-5@20251001", "claude-haiku-4-5"},
      {"anthropic", "claude-opus-4-1-latest", "claude-opus-4-1"},
      {"openai", "gpt-5-mini-2025-08-07", "gpt-5-mini"},
      {"openai", "gpt-5-mini-2025-0807", ""},
      {"openai", "gpt-5-mini-fast", ""},
      {"openai", "claude-opus-4-8", ""},
      {"groq", "gpt-5-mini", ""},
      {"a-name-of-the-config", "gpt-5-mini", "gpt-5-mini"},
      {"anthropic", "-20251001", ""},
      {"anthropic", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    const auto* found = catalogue::find_model(row.provider, row.model);
    CHECK((found == nullptr ? std::string() : std::string(found->model)) == row.found);
  }
}

TEST_CASE("a price that is not known is not zero") {
  CHECK(!catalogue::find_model("openai", "gpt-4o")->prices.cache_write);
  CHECK(catalogue::find_model("anthropic", "claude-sonnet-4-5")->prices.cache_write == 3'750'000u);
}

TEST_CASE("a model that no row knows is taken for one of its provider's newest, else for what most servers take") {
  const auto known = catalogue::traits_of("anthropic", "claude-opus-4-1-20250805");
  CHECK(known.max_output == 32'000u);
  CHECK(!known.thinks_by_effort);
  CHECK(!known.native_schema);
  CHECK(!known.assumed);
  const auto newest = catalogue::traits_of("anthropic", "claude-of-tomorrow");
  CHECK(!newest.max_output);
  CHECK(newest.assumed);
  CHECK((newest.thinks_by_effort && newest.fixed_sampling && newest.native_schema));
  const auto served = catalogue::traits_of("vllm", "llama");
  CHECK((served.max_tokens_only && served.top_k && !served.fixed_sampling));
  const auto openai = catalogue::traits_of("openai", "gpt-of-tomorrow");
  CHECK((!openai.max_tokens_only && openai.thinks_by_effort && openai.fixed_sampling));
  for (const std::string_view old : {"gpt-3.5-turbo", "gpt-4-turbo", "chatgpt-4o-latest", "ft:gpt-4o:acme::1"}) {
    CAPTURE(old);
    const auto traits = catalogue::traits_of("openai", old);
    CHECK((!traits.thinks_by_effort && !traits.fixed_sampling));
  }
  const auto routed = catalogue::traits_of("openrouter", "anthropic/claude-sonnet-4.5");
  CHECK((routed.cache_marks && routed.thoughts == catalogue::ThoughtsBack::reasoning_details));
  CHECK(catalogue::traits_of("deepseek", "deepseek-chat").thoughts == catalogue::ThoughtsBack::reasoning_content);
  CHECK(served.thoughts == catalogue::ThoughtsBack::none);
  CHECK(!catalogue::traits_of("a-name-of-the-config", "o3").max_tokens_only);
}
