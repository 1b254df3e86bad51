#include "assembly/vocabulary.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "dialects/dialect.h"

using namespace apigw;

TEST_CASE("the vocabulary names every dialect's endpoints and the providers that speak them") {
  const config::Vocabulary& words = assembly::vocabulary();
  CHECK(std::ranges::find(words.dialects, "openai") != words.dialects.end());
  const auto chat = std::ranges::find(words.endpoints, "/v1/chat/completions", &config::KnownEndpoint::path);
  REQUIRE(chat != words.endpoints.end());
  CHECK(chat->operation == "chat");
  CHECK_FALSE(chat->yields);
  const auto shared = std::ranges::find(words.endpoints, "/api/chat", &config::KnownEndpoint::path);
  REQUIRE(shared != words.endpoints.end());
  CHECK(shared->yields);
  REQUIRE(words.variants.size() == dialects::of_providers().size());
  CHECK(words.variants.front().word == "azure-openai");
  CHECK(words.variants.front().adds == "/openai/deployments/");
  CHECK(words.variants.front().version == "2024-10-21");
  for (const auto& provider : words.providers) {
    CAPTURE(provider.name);
    const auto spoken = words.spoken();
    CHECK(std::ranges::find(spoken, provider.dialect) != spoken.end());
  }
}
