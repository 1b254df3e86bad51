#include "model/diff.h"

#include <functional>

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::model;

namespace {

Route route(std::string id, std::uint32_t service) {
  return {.id = id, .methods = {"GET"}, .path = id.substr(4), .action = ToService{.service = ServiceId{service}}};
}

SecretRef secret(std::string value) {
  return {.kind = SecretRef::Kind::env, .name = "KEY", .value = Secret(std::move(value))};
}

Plan shop() {
  Plan plan;
  plan.listeners = {Listener{.host = "127.0.0.1", .port = 8080}};
  plan.providers = {Provider{.name = "openai", .dialect = "openai", .key = secret("sk-one")}};
  plan.models = {Model{.name = "chat", .targets = {Target{.provider = ProviderId{0}, .model = "gpt-5-mini"}}}};
  plan.services = {Service{.name = "orders", .instances = {Origin{.host = "orders"}}},
                   Service{.name = "stock", .instances = {Origin{.host = "stock"}}}};
  plan.routes = {route("GET /orders", 0), route("GET /stock", 1)};
  plan.consumers = {Consumer{.name = "web", .hash = "hmac-sha256:aa"}};
  return plan;
}

}  // namespace

TEST_CASE("a diff names what changed and nothing else") {
  struct Row {
    std::string_view name;
    std::function<void(Plan&)> change;
    std::string_view text;
  };
  const std::vector<Row> rows = {
      {"nothing", [](Plan&) {}, "nothing"},
      {"another span", [](Plan& p) { p.routes[0].where = {.source = SourceId{0}, .begin = 4, .end = 9}; }, "nothing"},
      {"another order of services and indices",
       [](Plan& p) {
         std::swap(p.services[0], p.services[1]);
         std::get<ToService>(p.routes[0].action).service = ServiceId{1};
         std::get<ToService>(p.routes[1].action).service = ServiceId{0};
       },
       "nothing"},
      {"routes",
       [](Plan& p) {
         p.routes[0].timeout = Milliseconds{5};
         p.routes[1] = route("GET /new", 1);
       },
       "routes: +1 ~1 -1 (+GET /new, ~GET /orders, -GET /stock)"},
      {"a route to another service", [](Plan& p) { p.routes[0] = route("GET /orders", 1); },
       "routes: +0 ~1 -0 (~GET /orders)"},
      {"many routes",
       [](Plan& p) {
         for (char c = 'a'; c < 'g'; ++c) p.routes.push_back(route(std::string("GET /") + c, 0));
       },
       "routes: +6 ~0 -0 (+GET /a, +GET /b, +GET /c, +GET /d, 2 more)"},
      {"a listener", [](Plan& p) { p.listeners.push_back(Listener{.host = "::1", .port = 9000}); },
       "listeners: +1 ~0 -0 (+[::1]:9000)"},
      {"a provider's key", [](Plan& p) { p.providers[0].key = secret("sk-two"); }, "providers: +0 ~1 -0 (~openai)"},
      {"a consumer's hash", [](Plan& p) { p.consumers[0].hash = "hmac-sha256:bb"; }, "consumers: +0 ~1 -0 (~web)"},
      {"a hidden header value",
       [](Plan& p) { p.routes[0].request_headers = {HeaderEdit{.name = "authorization", .value = "one"}}; },
       "routes: +0 ~1 -0 (~GET /orders)"},
      {"a model's target", [](Plan& p) { p.models[0].targets[0].model = "gpt-5"; }, "models: +0 ~1 -0 (~chat)"},
      {"settings",
       [](Plan& p) {
         p.timeouts.header = Milliseconds{1};
         p.caps.fields = 3;
         p.default_auth.key = true;
         p.admin.on = true;
         p.health = {.on = true, .host = "0.0.0.0", .port = 8082};
         p.pepper = secret("p");
       },
       "timeouts, caps, defaults, admin, health, pepper changed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Plan after = shop();
    row.change(after);
    CHECK(diff(shop(), after).text() == row.text);
    CHECK(diff(shop(), after).empty() == (row.text == "nothing"));
  }
}

TEST_CASE("two values of one hidden header differ") {
  Plan one = shop(), two = shop();
  one.routes[0].request_headers = {HeaderEdit{.name = "x-api-key", .value = "one"}};
  two.routes[0].request_headers = {HeaderEdit{.name = "x-api-key", .value = "two"}};
  CHECK(diff(one, two).text() == "routes: +0 ~1 -0 (~GET /orders)");
}

TEST_CASE("a changed variable of a service is seen") {
  Plan one = shop(), two = shop();
  one.services[0].environment = {{"LEVEL", "info"}};
  two.services[0].environment = {{"LEVEL", "debug"}};
  CHECK(diff(one, two).text() == "services: +0 ~1 -0 (~orders)");
}
