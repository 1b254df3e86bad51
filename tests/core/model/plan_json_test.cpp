#include "model/plan_json.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace apigw;
using namespace apigw::model;

namespace {

const Place at = [](Span span) { return span.known() ? "apigw.yaml:" + std::to_string(span.begin) : std::string{}; };

// Every place of a Plan that may hold a secret holds this one.
constexpr const char* planted = "s3cr3t-value";

Plan planted_plan() {
  Plan plan;
  plan.file = "apigw.yaml";
  const SecretRef secret{.kind = SecretRef::Kind::env, .name = "NAME", .value = Secret(planted)};
  plan.admin = {.on = true, .key = secret, .where = {.source = SourceId{0}, .begin = 3}};
  plan.pepper = secret;
  plan.providers = {Provider{.name = "openai",
                             .dialect = "openai",
                             .origin = {.tls = true, .host = "api.example", .port = 443},
                             .base_path = "/v1",
                             .key = secret,
                             .off = "NAME is not set"}};
  plan.models = {Model{.name = "gpt-*", .pattern = true, .targets = {Target{.provider = ProviderId{0}}}}};
  plan.services = {Service{.name = "orders",
                           .instances = {Origin{.host = "::1", .port = 9000}},
                           .base_path = "/b",
                           .environment = {{"TOKEN", planted}},
                           .run = RunSpec{.command = "./orders"}}};
  plan.consumers = {Consumer{.name = "web", .key = secret, .hash = std::string("hmac-sha256:") + planted}};
  plan.routes = {Route{.id = "GET /a",
                       .path = "/a",
                       .conditions = {Condition{.name = "x-token", .value = planted}},
                       .action = ToService{.service = ServiceId{0}, .strip = "/a"},
                       .request_headers = {HeaderEdit{.name = "authorization", .value = planted},
                                           HeaderEdit{.name = "x-shop", .value = "eu"}, HeaderEdit{.name = "x-old"}},
                       .where = {.source = SourceId{0}, .begin = 14}},
                 Route{.id = "/old", .path = "/old", .action = ToRedirect{.location = "/new"}},
                 Route{.id = "POST /v1/chat/completions", .action = Endpoint{"openai", "chat"}}};
  return plan;
}

}  // namespace

TEST_CASE("the plan as JSON holds no secret, whatever field it came in") {
  const std::string text = plan_json(planted_plan(), at);
  CHECK(text.find(planted) == std::string::npos);
  const auto json = nlohmann::json::parse(text);
  CHECK(json["providers"][0]["key"] == nlohmann::json{{"from", "env:NAME"}, {"loaded", true}});
  CHECK(json["consumers"][0]["hash"] == true);
  CHECK(json["services"][0]["env"] == nlohmann::json{"TOKEN"});
  CHECK(json["routes"][0]["request_headers"][0]["value"] == "(hidden)");
  CHECK(json["routes"][0]["request_headers"][1]["value"] == "eu");
}

TEST_CASE("the plan as JSON says names, addresses and sources") {
  const auto json = nlohmann::json::parse(plan_json(planted_plan(), at));
  CHECK(json["admin"]["listen"] == "127.0.0.1:8081");
  CHECK(json["admin"]["source"] == "apigw.yaml:3");
  CHECK(json["health"].is_null());
  CHECK(json["providers"][0]["url"] == "https://api.example:443/v1");
  CHECK(json["providers"][0]["off"] == "NAME is not set");
  CHECK(json["models"][0]["targets"][0] == "openai/*");
  CHECK(json["services"][0]["instances"][0] == "http://[::1]:9000/b");
  CHECK(json["routes"][0]["to"] == nlohmann::json{{"service", "orders"}, {"strip", "/a"}});
  CHECK(json["routes"][0]["source"] == "apigw.yaml:14");
  CHECK_FALSE(json["routes"][1].contains("source"));
  CHECK(json["timeouts"]["drain_ms"] == 30'000);
  CHECK(json["caps"]["body"] == 10 << 20);
}

TEST_CASE("routes as JSON are those of the plan") {
  const auto json = nlohmann::json::parse(routes_json(planted_plan(), at));
  REQUIRE(json["routes"].size() == 3);
  CHECK(json["routes"][1]["to"] == nlohmann::json{{"redirect", "/new"}, {"status", 308}});
  CHECK(json["routes"][2]["to"] == nlohmann::json{{"dialect", "openai"}, {"operation", "chat"}});
}

TEST_CASE("bytes that are no UTF-8 do not break the document") {
  Plan plan = planted_plan();
  plan.services[0].name = "a\xff";
  CHECK_NOTHROW((void)nlohmann::json::parse(plan_json(plan, at)));
}
