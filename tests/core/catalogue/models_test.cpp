#include "catalogue/models.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "catalogue/providers.h"

namespace catalogue = apigw::catalogue;

namespace {

const catalogue::Models& models() {
  return catalogue::Models::built_in();
}

}  // namespace

TEST_CASE("every model's row is sorted, found by its name, and says no impossible figure") {
  // Providers whose address has an account in it: the catalogue of providers does not name them.
  const std::set<std::string_view> without_address{"azure", "cloudflare", "databricks"};
  const catalogue::ModelRow* before = nullptr;
  for (const catalogue::ModelRow& row : models().rows()) {
    CAPTURE(std::string(row.provider));
    CAPTURE(std::string(row.model));
    if (before != nullptr) CHECK(std::pair(before->provider, before->model) < std::pair(row.provider, row.model));
    before = &row;
    CHECK((catalogue::find_provider(row.provider) != nullptr) != without_address.contains(row.provider));
    CHECK(models().find(row.provider, row.model) == &row);
    CHECK((!row.context || *row.context > 0));
    CHECK((!row.max_output || *row.max_output > 0));
    const catalogue::Prices& prices = row.prices;
    const bool free = row.model.ends_with(":free");
    CHECK((!prices.input.known() || (prices.input == 0) == free));
    CHECK((!prices.output.known() || (prices.output == 0) == free));
    CHECK((!prices.cache_read.known() || !prices.input.known() || prices.cache_read <= prices.input));
    CHECK((!prices.cache_write_hour.known() || prices.cache_write_hour >= prices.cache_write));
  }
}

TEST_CASE("1,400 models are known with both prices, context and limit") {
  const auto whole = [](const catalogue::ModelRow& row) {
    return row.context && row.max_output && row.prices.input.known() && row.prices.output.known();
  };
  CHECK(std::ranges::count_if(models().rows(), whole) >= 1'400);
}

TEST_CASE("prices that two sources agree on") {
  struct Row {
    const char *provider, *model;
    std::uint32_t input, output;
  } constexpr rows[] = {
      {"alibaba", "qwen-turbo", 50'000, 200'000},
      {"alibaba", "qwen-plus", 400'000, 1'200'000},
      {"anthropic", "claude-sonnet-4-5", 3'000'000, 15'000'000},
      {"anthropic", "claude-fable-5", 10'000'000, 50'000'000},
      {"anthropic", "claude-sonnet-4-6", 3'000'000, 15'000'000},
      {"anthropic", "claude-opus-4-7", 5'000'000, 25'000'000},
      {"azure", "gpt-4o-mini", 150'000, 600'000},
      {"azure", "gpt-5.2", 1'750'000, 14'000'000},
      {"bedrock", "anthropic.claude-opus-4-7", 5'000'000, 25'000'000},
      {"bedrock", "us.anthropic.claude-opus-4-1-20250805-v1:0", 15'000'000, 75'000'000},
      {"cerebras", "gpt-oss-120b", 350'000, 750'000},
      {"cohere", "command-a-03-2025", 2'500'000, 10'000'000},
      {"cohere", "command-r7b-12-2024", 37'500, 150'000},
      {"deepinfra", "openai/gpt-oss-20b", 30'000, 140'000},
      {"deepinfra", "zai-org/GLM-5", 600'000, 2'080'000},
      {"google", "gemini-2.5-flash", 300'000, 2'500'000},
      {"google", "gemini-2.5-pro", 1'250'000, 10'000'000},
      {"google", "gemini-3.5-flash", 1'500'000, 9'000'000},
      {"groq", "openai/gpt-oss-safeguard-20b", 75'000, 300'000},
      {"groq", "openai/gpt-oss-20b", 75'000, 300'000},
      {"mistral", "codestral-latest", 300'000, 900'000},
      {"mistral", "devstral-latest", 400'000, 2'000'000},
      {"mistral", "mistral-small-latest", 150'000, 600'000},
      {"moonshot", "kimi-k2.7-code", 950'000, 4'000'000},
      {"moonshot", "kimi-k2.5", 600'000, 3'000'000},
      {"nebius", "nvidia/Llama-3_1-Nemotron-Ultra-253B-v1", 600'000, 1'800'000},
      {"nebius", "NousResearch/Hermes-4-405B", 1'000'000, 3'000'000},
      {"novita", "kwaipilot/kat-coder-pro", 300'000, 1'200'000},
      {"novita", "baidu/ernie-4.5-vl-28b-a3b", 140'000, 560'000},
      {"novita", "qwen/qwen3-vl-235b-a22b-instruct", 300'000, 1'500'000},
      {"openai", "gpt-4.1", 2'000'000, 8'000'000},
      {"openai", "gpt-5-chat-latest", 1'250'000, 10'000'000},
      {"openai", "gpt-5.1", 1'250'000, 10'000'000},
      {"openai", "gpt-5.4-mini", 750'000, 4'500'000},
      {"perplexity", "sonar-deep-research", 2'000'000, 8'000'000},
      {"perplexity", "sonar-reasoning-pro", 2'000'000, 8'000'000},
      {"together", "google/gemma-4-31B-it", 390'000, 970'000},
      {"together", "Qwen/Qwen3.5-397B-A17B", 600'000, 3'600'000},
      {"vercel", "anthropic/claude-opus-4.1", 15'000'000, 75'000'000},
      {"vercel", "openai/gpt-4o-mini", 150'000, 600'000},
      {"vercel", "openai/gpt-4.1", 2'000'000, 8'000'000},
      {"xai", "grok-4.20-0309-reasoning", 1'250'000, 2'500'000},
      {"xai", "grok-build-0.1", 1'000'000, 2'000'000},
      {"zai", "glm-4.5", 600'000, 2'200'000},
      {"zai", "glm-5v-turbo", 1'200'000, 4'000'000},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    const auto* found = models().find(row.provider, row.model);
    REQUIRE(found != nullptr);
    CHECK(found->prices.input == row.input);
    CHECK(found->prices.output == row.output);
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
      {"azure", "gpt-5-mini", "gpt-5-mini"},
      {"a-name-of-the-config", "gpt-5-mini", "gpt-5-mini"},
      {"anthropic", "-20251001", ""},
      {"anthropic", "", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.model);
    const auto* found = models().find(row.provider, row.model);
    CHECK((found == nullptr ? std::string() : std::string(found->model)) == row.found);
  }
}

TEST_CASE("of a provider that nobody knows a model is its maker's, else the first that has it") {
  const std::vector<std::string_view> makers{"openai", "anthropic", "google",   "mistral", "deepseek", "xai",
                                             "cohere", "alibaba",   "moonshot", "zai",     "minimax",  "llama"};
  std::set<std::string_view> seen;
  for (const catalogue::ModelRow& row : models().rows()) {
    if (!seen.insert(row.model).second) continue;
    const catalogue::ModelRow* expected = &row;  // the first in their order
    for (const std::string_view maker : makers)
      if (const auto* made = models().exact(maker, row.model)) {
        expected = made;
        break;
      }
    CAPTURE(std::string(row.model));
    CHECK(models().find("a-name-of-the-config", row.model) == expected);
  }
  CHECK(models().find("a-name-of-the-config", "no-such-model") == nullptr);
}

TEST_CASE("a price that is not known is not zero") {
  CHECK(!models().find("openai", "gpt-4o")->prices.cache_write.known());
  CHECK(models().find("anthropic", "claude-sonnet-4-5")->prices.cache_write == 3'750'000);
}

TEST_CASE("a model that no row knows is taken for one of its provider's newest, else for what most servers take") {
  const auto known = models().traits("anthropic", "claude-opus-4-1-20250805");
  CHECK(known.max_output == 32'000u);
  CHECK(!known.thinks_by_effort);
  CHECK(!known.native_schema);
  CHECK(!known.assumed);
  const auto newest = models().traits("anthropic", "claude-of-tomorrow");
  CHECK(!newest.max_output);
  CHECK(newest.assumed);
  CHECK((newest.thinks_by_effort && newest.fixed_sampling && newest.native_schema));
  const auto served = models().traits("vllm", "llama");
  CHECK((served.max_tokens_only && served.top_k && !served.fixed_sampling));
  const auto openai = models().traits("openai", "gpt-of-tomorrow");
  CHECK((!openai.max_tokens_only && openai.thinks_by_effort && openai.fixed_sampling));
  for (const std::string_view old : {"gpt-3.5-turbo", "gpt-4-turbo", "chatgpt-4o-latest", "ft:gpt-4o:acme::1"}) {
    CAPTURE(old);
    const auto traits = models().traits("openai", old);
    CHECK((!traits.thinks_by_effort && !traits.fixed_sampling));
  }
  const auto routed = models().traits("openrouter", "anthropic/claude-sonnet-4.5");
  CHECK((routed.cache_marks && routed.thoughts == catalogue::ThoughtsBack::reasoning_details));
  CHECK(models().traits("deepseek", "deepseek-chat").thoughts == catalogue::ThoughtsBack::reasoning_content);
  CHECK(served.thoughts == catalogue::ThoughtsBack::none);
  CHECK(!models().traits("a-name-of-the-config", "o3").max_tokens_only);
  CHECK(models().traits("a-name-of-the-config", "o3").thinks_by_effort);
  const auto limited = models().traits("groq", "openai/gpt-oss-120b");
  CHECK((limited.max_tokens_only && limited.max_output && !limited.assumed));
}

TEST_CASE("Cohere's models think where its list says that they reason, and one that is not known is taken to") {
  for (const auto& [model, thinks] :
       {std::pair("command-a-03-2025", false), std::pair("command-r7b-12-2024", false),
        std::pair("command-a-reasoning-08-2025", true), std::pair("command-a-plus-05-2026", true),
        std::pair("north-mini-code-1-0", true), std::pair("a-model-of-tomorrow", true)}) {
    CAPTURE(model);
    CHECK(models().traits("cohere", model).thinks == thinks);
  }
}

TEST_CASE("Google's models think by a budget up to the second generation and by a word from the third on") {
  struct Row {
    std::string_view model;
    bool thinks, by_effort, always, two, takes_schema;
  };
  for (const std::string_view provider : {"google", "gemini", "a-provider-of-mine"}) {
    for (const Row& row : {Row{"gemini-2.0-flash", false, false, false, false, false},
                           Row{"gemini-2.5-flash", true, false, false, false, true},
                           Row{"gemini-2.5-pro", true, false, true, false, true},
                           Row{"gemini-3-flash-preview", true, true, false, false, true},
                           Row{"gemini-3-pro-preview", true, true, true, true, true},
                           Row{"gemini-3.1-pro-preview", true, true, true, false, true},
                           Row{"gemini-flash-latest", true, false, false, false, true}}) {
      CAPTURE(std::string(provider));
      CAPTURE(std::string(row.model));
      const catalogue::Traits traits = catalogue::Models::built_in().traits(provider, row.model);
      CHECK(traits.thinks == row.thinks);
      CHECK(traits.thinks_by_effort == row.by_effort);
      CHECK(traits.always_thinks == row.always);
      CHECK(traits.two_efforts == row.two);
      CHECK(traits.native_schema == row.takes_schema);
    }
  }
  CHECK(catalogue::Models::built_in()
            .traits("gemini", "gemini-9-flash")
            .thinks_by_effort);  // taken for one of the newest
  CHECK_FALSE(catalogue::Models::built_in().traits("google", "gemini-2.9-flash").thinks_by_effort);
}

TEST_CASE("of the models on Ollama's servers those alone take a level of thinking that are known to") {
  const catalogue::Models& models = catalogue::Models::built_in();
  for (const std::string_view provider : {"ollama", "ollama-cloud"}) {
    CAPTURE(std::string(provider));
    CHECK(models.traits(provider, "gpt-oss:20b").thinks_by_effort);
    for (const std::string_view other : {"qwen3:8b", "kimi-k2-thinking", "glm-4.6"}) {
      CHECK_FALSE(models.traits(provider, other).thinks_by_effort);
      CHECK(models.traits(provider, other).thinks);
    }
  }
}

TEST_CASE("who made a model is read from its id on a platform, and how its maker names it") {
  struct Row {
    std::string_view id, maker, model;
  };
  for (const Row& row :
       {Row{"anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic", "claude-sonnet-4-5-20250929"},
        Row{"eu.anthropic.claude-opus-4-6-v1", "anthropic", "claude-opus-4-6"},
        Row{"global.anthropic.claude-sonnet-5", "anthropic", "claude-sonnet-5"},
        Row{"anthropic.claude-3-5-sonnet-20241022-v2:0:200k", "anthropic", "claude-3-5-sonnet-20241022"},
        Row{"openai.gpt-oss-120b-1:0", "openai", "gpt-oss-120b"}, Row{"openai.gpt-5.4", "openai", "gpt-5.4"},
        Row{"amazon.nova-lite-v1:0", "amazon", "nova-lite"}, Row{"deepseek.v3.2", "deepseek", "v3.2"},
        Row{"arn:aws:bedrock:eu-central-1:1:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0",
            "anthropic", "claude-haiku-4-5-20251001"},
        Row{"arn:aws:bedrock:eu-central-1:1:application-inference-profile/abc", "", ""}, Row{"", "", ""},
        Row{"house.model", "", ""}, Row{"a.b.anthropic.c", "", ""}}) {
    CAPTURE(std::string(row.id));
    const catalogue::Made made = catalogue::made_by(row.id);
    CHECK(made.maker == row.maker);
    CHECK(made.model == row.model);
  }
  // Every row of Bedrock's tells its maker.
  for (const catalogue::ModelRow& row : models().rows()) {
    CAPTURE(std::string(row.model));
    if (row.provider == "bedrock") CHECK_FALSE(catalogue::made_by(row.model).maker.empty());
  }
}
