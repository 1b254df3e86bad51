#include "routing/explain.h"

#include <doctest/doctest.h>

#include "support/plan_builder.h"

using namespace apigw;

namespace {

routing::Router shop() {
  test::PlanBuilder plan;
  plan.service("orders", {9001, 9002}, "/api");
  plan.route("GET /orders/{id}", "orders").route("POST /orders/{id}", "orders").route("/orders/**", "orders");
  plan.route("GET /orders/{id}", "orders").last_route([](model::Route& route) {
    route.id = "beta";
    route.conditions = {{model::Condition::In::header, "x-beta", "1"}};
  });
  plan.redirect("/old/**", "/orders/{rest}").openai_endpoints();
  auto router = routing::Router::compile(plan.build());
  REQUIRE(router);
  return std::move(*router);
}

}  // namespace

TEST_CASE("explain names the chosen route, its rivals and the upstream request") {
  const auto router = shop();
  const auto out = routing::explain(router, "GET", "/orders/7?x=1", {}, "localhost");
  REQUIRE(out.route);
  CHECK(out.route->id == "GET /orders/{id}");
  CHECK(out.target == "service 'orders'");
  CHECK(out.auth == "none");
  CHECK(out.variables == std::vector<std::pair<std::string, std::string>>{{"id", "7"}});
  REQUIRE(out.upstream);
  CHECK(out.upstream->method == "GET");
  CHECK(out.upstream->target == "/api/orders/7?x=1");
  CHECK(out.upstream->authority == "127.0.0.1:9001");
  CHECK(out.upstream->instances == std::vector<std::string>{"http://127.0.0.1:9001", "http://127.0.0.1:9002"});
  REQUIRE(out.candidates.size() == 4);
  CHECK(out.candidates[0].why == "chosen");
  CHECK(out.candidates[1].why == "less specific than 'GET /orders/{id}'");
  CHECK(out.candidates[2].why == "takes POST only");
  CHECK(out.candidates[3].why == "header 'x-beta' is not '1'");
}

TEST_CASE("explain tells a missing path, a wrong method and a malformed target apart") {
  const auto router = shop();
  const auto missing = routing::explain(router, "GET", "/nowhere", {}, "");
  CHECK(missing.status == 404);
  CHECK(missing.candidates.empty());
  const auto method = routing::explain(router, "PUT", "/v1/models", {}, "");
  CHECK(method.status == 405);
  CHECK(method.allow == "GET, HEAD");
  CHECK(routing::explain(router, "GET", "/a/../b", {}, "").status == 400);
}

TEST_CASE("explain shows redirects and AI endpoints") {
  const auto router = shop();
  CHECK(routing::explain(router, "GET", "/old/a/b", {}, "").target == "redirect 308 to /orders/a/b");
  CHECK(routing::explain(router, "POST", "/v1/chat/completions", {}, "").target == "openai chat");
}
