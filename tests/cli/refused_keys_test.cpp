#include "refused_keys.h"

#include <doctest/doctest.h>

using namespace apigw;
using Kind = model::SecretRef::Kind;

namespace {

constexpr std::string_view help = "\n help: make a new key there and set it; 'apigw doctor --online' tries it\n";

model::Plan plan_with(Kind kind, std::string name, std::string value) {
  model::Plan plan;
  plan.providers.push_back({.name = "openai"});
  plan.providers[0].key = {.kind = kind, .name = std::move(name), .value = Secret(std::move(value))};
  plan.providers.push_back({.name = "mock", .mock = true});
  return plan;
}

const cli::RefusedKeys::TimePoint start{std::chrono::hours{1}};

}  // namespace

TEST_CASE("a refused key is named by its variable or file, its end, and where it came from") {
  struct Row {
    std::string_view name;
    Kind kind;
    std::string key, value;
    config::Environment process;
    std::string_view says;
  };
  for (const Row& row : {
           Row{"from .env",
               Kind::env,
               "OPENAI_API_KEY",
               "sk-abcdefghk3Qz",
               {},
               "openai refused OPENAI_API_KEY (…k3Qz, from .env)"},
           {"from the environment",
            Kind::env,
            "OPENAI_API_KEY",
            "sk-abcdefghk3Qz",
            {{"OPENAI_API_KEY", "x"}},
            "openai refused OPENAI_API_KEY (…k3Qz, from the environment)"},
           {"from a file",
            Kind::file,
            "/run/secrets/openai",
            "sk-abcdefghk3Qz",
            {},
            "openai refused the key in '/run/secrets/openai' (…k3Qz)"},
           {"of twelve bytes", Kind::env, "K", "sk-short-kQz", {}, "openai refused K (…-kQz, from .env)"},
           {"shorter", Kind::env, "K", "sk-short-Qz", {}, "openai refused K (…, from .env)"},
       }) {
    CAPTURE(row.name);
    cli::RefusedKeys keys;
    keys.know(plan_with(row.kind, row.key, row.value), row.process, ".env");
    CHECK(keys.refused("openai", start) == std::string(row.says).append(help));
    CHECK(!keys.refused("mock", start));
    CHECK(!keys.refused("nobody", start));
  }
}

TEST_CASE("a call without a key is told with where to write one") {
  cli::RefusedKeys keys;
  keys.know(plan_with(Kind::none, "", ""), {}, ".env");
  CHECK(keys.refused("openai", start) ==
        "openai refused a call without a key\n help: write `key: env:NAME` at the provider in the config, where NAME "
        "holds the key\n");
  CHECK(!keys.refused("mock", start));
}

TEST_CASE("the same key is named once a minute, another one at once") {
  cli::RefusedKeys keys;
  keys.know(plan_with(Kind::env, "K", "sk-abcdefghk3Qz"), {}, ".env");
  CHECK(keys.refused("openai", start));
  CHECK(!keys.refused("openai", start + std::chrono::seconds{59}));
  keys.know(plan_with(Kind::env, "K", "sk-abcdefghk3Qz"), {}, ".env");
  CHECK(!keys.refused("openai", start + std::chrono::seconds{59}));
  CHECK(keys.refused("openai", start + std::chrono::seconds{60}));
  keys.know(plan_with(Kind::env, "K", "sk-abcdefghAAAA"), {}, ".env");
  CHECK(keys.refused("openai", start + std::chrono::seconds{61}));
}
