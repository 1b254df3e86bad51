#include "policy/permission.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "support/plan_builder.h"

using namespace apigw;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.provider("openai", 9100).provider("spare", 9101).mock();
  plan.model("gpt-*", {"openai/"}).model("chat", {"openai/gpt-5-mini", "spare/big"});
  plan.model("gpt-5-*", {"spare/"}).model("gpt-5-mini", {"spare/x"}).model("deep", {"openai/o"});
  plan.consumer("shop", "sk-shop-key").service("s", 9001).route("/a", "s");
  return plan;
}

struct House {
  model::PlanPtr plan;
  policy::Permission permission;

  explicit House(const test::PlanBuilder& built)
      : plan(built.build()), permission(plan, {{"openai", words()}}, &offers) {}

  static bool offers(std::string_view dialect, std::string_view operation) {
    return dialect == "openai" || operation == "chat";
  }

  static policy::ModelWords words() {
    return {[](std::span<const std::string_view> names) {
              std::string out;
              for (const auto name : names) out += fmt::format("[{}]", name);
              return out;
            },
            [](std::string_view name) { return fmt::format("<{}>", name); }};
  }
  [[nodiscard]] policy::AdmittedCall admitted() const {
    const http::RequestHead head{.client = "127.0.0.1"};
    auto result = policy::Admission(plan).admit(plan->routes[0], head, {.instance = "me"});
    REQUIRE(std::holds_alternative<policy::AdmittedCall>(result));
    return std::get<policy::AdmittedCall>(std::move(result));
  }
  [[nodiscard]] policy::Granted grant(std::string_view name, bool local = true,
                                      std::string_view operation = "chat") const {
    return permission.grant(admitted(), name, operation, local);
  }
  // "model:target,target", "provider/model", or "status reason".
  [[nodiscard]] std::string outcome(std::string_view name, bool local = true) const {
    const auto result = grant(name, local);
    if (const auto* no = std::get_if<policy::Refusal>(&result)) return fmt::format("{} {}", no->status, no->reason);
    const auto& permit = std::get<policy::GrantedCall>(result).permit();
    if (!permit.model) return plan->at(permit.direct.provider).name + "/" + permit.direct.model;
    return fmt::format("{}:{}", plan->models[*permit.model].name, fmt::join(permit.targets, ","));
  }
};

}  // namespace

TEST_CASE("only names and patterns of the config exist, the narrowest counts") {
  const House house(models());
  CHECK(house.outcome("chat") == "chat:0,1");
  CHECK(house.outcome("gpt-5-mini") == "gpt-5-mini:0");
  CHECK(house.outcome("gpt-5-nano") == "gpt-5-*:0");
  CHECK(house.outcome("gpt-4o") == "gpt-*:0");
  CHECK(house.outcome("claude") == "404 model_not_found");
  CHECK(house.outcome("Chat") == "404 model_not_found");
  CHECK(house.outcome("") == "404 model_not_found");
}

TEST_CASE("provider/model is for clients on this machine while developing") {
  auto plan = models();
  CHECK(House(plan).outcome("mock/anything") == "404 model_not_found");
  plan.with([](model::Plan& p) { p.development = true; });
  const House house(plan);
  CHECK(house.outcome("mock/anything") == "mock/anything");
  CHECK(house.outcome("mock/a/b") == "mock/a/b");
  CHECK(house.outcome("mock/anything", false) == "404 model_not_found");
  CHECK(house.outcome("nobody/x") == "404 model_not_found");
  CHECK(house.outcome("mock/") == "404 model_not_found");
}

TEST_CASE("a target whose provider is off is passed over, and a refusal names it when none is left") {
  auto plan = models();
  plan.with([](model::Plan& p) { p.providers[0].off = "OPENAI_API_KEY is not set"; });
  const House house(plan);
  CHECK(house.outcome("chat") == "chat:1");
  CHECK(house.outcome("deep") == "503 provider_off");
  const auto no = std::get<policy::Refusal>(house.grant("deep"));
  CHECK(no.message == "provider 'openai' is off: OPENAI_API_KEY is not set");
}

TEST_CASE("a typo is answered with the nearest name that the caller may use, shown without control characters") {
  const House house(models());
  const auto message = [&](std::string_view name) { return std::get<policy::Refusal>(house.grant(name)).message; };
  CHECK(message("") == "the model '' does not exist here; GET /v1/models lists the names");
  CHECK(message("chta") == "the model 'chta' does not exist here; did you mean 'chat'?");
  CHECK(message("zzzzzzzz").find("GET /v1/models lists") != std::string::npos);
  CHECK(message("a\nb").find('\n') == std::string::npos);
}

TEST_CASE("only what can do the operation is suggested, and never the name that was asked for") {
  auto plan = models();
  plan.provider("other", 9102).speaks("another").model("deepp", {"other/x"}).model("empty", {});
  plan.with([](model::Plan& p) { p.prompts.push_back({.name = "deeq", .file = {}, .model = "deep"}); });
  const House house(plan);
  const auto no = [&](std::string_view name, std::string_view operation) {
    return std::get<policy::Refusal>(house.grant(name, true, operation));
  };
  CHECK(no("deeppp", "chat").message == "the model 'deeppp' does not exist here; did you mean 'deepp'?");
  CHECK(no("deeppp", "embeddings").message == "the model 'deeppp' does not exist here; did you mean 'deep'?");
  CHECK(no("prompt/deeqq", "chat").message.ends_with("did you mean 'prompt/deeq'?"));
  CHECK(no("prompt/deeqq", "embeddings").message.ends_with("GET /v1/models lists the names"));
  CHECK(no("prompt/deeq", "embeddings").message == "'prompt/deeq' is a prompt, which does not offer embeddings");
  CHECK(no("prompt/deeq", "embeddings").status == 501);
  CHECK(no("empty", "chat").message == "the model 'empty' does not exist here; GET /v1/models lists the names");
}

TEST_CASE("a mistyped provider is answered with the nearest where provider/model is taken") {
  auto plan = models();
  plan.provider("other", 9102).speaks("another");
  plan.with([](model::Plan& p) { p.development = true; });
  const auto message = [](const House& house, std::string_view name, bool local) {
    return std::get<policy::Refusal>(house.grant(name, local, "embeddings")).message;
  };
  CHECK(message(House(plan), "mokc/\nx", true) ==
        "the model 'mokc/\\nx' does not exist here; did you mean 'mock/\\nx'?");
  CHECK_FALSE(message(House(plan), "mokc/x", false).contains("did you mean"));
  CHECK_FALSE(message(House(plan), "othre/x", true).contains("did you mean"));  // it has no embeddings
  CHECK_FALSE(message(House(models()), "mokc/x", true).contains("did you mean"));
}

TEST_CASE("the list holds names without patterns, and one name answers also through a pattern") {
  const House house(models());
  const auto list = house.permission.list(house.admitted(), "openai");
  CHECK(std::get<policy::Answer>(list).body == "[chat][deep][gpt-5-mini]");
  const auto one = [&](std::string_view name) { return house.permission.show(house.admitted(), "openai", name); };
  CHECK(std::get<policy::Answer>(one("chat")).body == "<chat>");
  CHECK(std::get<policy::Answer>(one("gpt-4o")).body == "<gpt-4o>");
  CHECK(std::get<policy::Refusal>(one("nope")).status == 404);
}
