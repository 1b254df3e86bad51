#include "gateway/state.h"

#include <cstdio>
#include <set>

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/manual_clock.h"
#include "support/plan_builder.h"
#include "support/skip.h"

using namespace apigw;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<const gateway::Bindings> bind(gateway::State& state, const test::PlanBuilder& plan) {
  auto bindings = state.bind(*plan.build());
  state.publish(bindings);
  return bindings;
}

test::PlanBuilder shop() {
  test::PlanBuilder plan;
  plan.service("orders", {9001, 9002})
      .service("stock", 9003)
      .route("GET /orders/{id}", "orders")
      .route("/stock/**", "stock");
  plan.provider("openai", 9100).model("chat", {"openai/gpt-5-mini"}).model("gpt-*", {"openai/"});
  return plan;
}

}  // namespace

TEST_CASE("a series keeps its counts through a new plan that still names it") {
  test::ManualClock clock;
  gateway::State state(2, clock);
  auto before = bind(state, shop());
  before->routes[0]->cells.at(0).by_class[2].add(3);
  before->routes[0]->cells.at(1).by_class[2].add(4);
  before->routes[1]->cells.at(0).by_class[5].add(9);
  test::PlanBuilder other;
  other.service("orders", 9001).route("POST /orders", "orders").route("GET /orders/{id}", "orders");
  auto after = bind(state, other);
  CHECK(after->routes[1].get() == before->routes[0].get());
  const auto view = state.view();
  REQUIRE(view.routes.size() == 2);
  CHECK(view.routes[1].requests == 7);
  CHECK(view.routes[0].requests == 0);
}

TEST_CASE("an instance keeps its failures when others join or leave its service") {
  test::ManualClock clock;
  gateway::State state(1, clock);
  auto before = bind(state, shop());
  before->services[0]->instances[1]->failed(clock.now());
  test::PlanBuilder other;
  other.service("orders", {9002, 9007});
  auto after = bind(state, other);
  CHECK(after->services[0]->instances[0] == before->services[0]->instances[1]);
  CHECK(after->services[0]->cells == before->services[0]->cells);
}

TEST_CASE("round robin takes turns and passes over an instance that failed just now") {
  test::ManualClock clock;
  gateway::State state(1, clock);
  auto series = bind(state, shop());
  auto& orders = *series->services[0];
  const auto port = [&] { return orders.instances[orders.pick(clock.now())]->origin.port; };
  CHECK(port() == 9001);
  CHECK(port() == 9002);
  CHECK(port() == 9001);
  orders.instances[1]->failed(clock.now());
  CHECK(port() == 9001);
  CHECK(port() == 9001);
  clock.advance(3s);
  CHECK(port() == 9002);
  orders.instances[0]->failed(clock.now());
  orders.instances[1]->failed(clock.now());
  CHECK(orders.pick(clock.now()) < 2);
}

TEST_CASE("the metrics page writes one head a signal, escaped labels and whole histograms") {
  test::ManualClock clock;
  gateway::State state(2, clock);
  auto plan = shop();
  plan.route("GET /a\"b", "stock");
  auto series = bind(state, plan);
  auto& cell = series->routes[2]->cells.at(1);
  cell.by_class[2].add();
  cell.duration.observe(0.003, 3'000);
  cell.duration.observe(99, 99'000'000);
  auto& tokens = series->models[0][0]->cells.at(0);
  tokens.input.add(12);
  tokens.input_tokens.observe(12, 12);
  state.watch_connections([] { return gateway::Connections{.open = 5}; });
  const std::string page = state.metrics_text();
  for (const std::string_view line : {
           "# TYPE apigw_requests_total counter\n",
           "apigw_requests_total{route=\"GET /a\\\"b\",status=\"2xx\"} 1\n",
           "apigw_request_duration_seconds_bucket{route=\"GET /a\\\"b\",le=\"0.0025\"} 0\n",
           "apigw_request_duration_seconds_bucket{route=\"GET /a\\\"b\",le=\"0.005\"} 1\n",
           "apigw_request_duration_seconds_bucket{route=\"GET /a\\\"b\",le=\"+Inf\"} 2\n",
           "apigw_request_duration_seconds_sum{route=\"GET /a\\\"b\"} 99.003\n",
           "apigw_request_duration_seconds_count{route=\"GET /a\\\"b\"} 2\n",
           "gen_ai_client_token_usage_sum{gen_ai_provider_name=\"openai\",gen_ai_request_model=\"gpt-5-mini\","
           "gen_ai_token_type=\"input\"} 12\n",
           "apigw_connections_open 5\n",
       }) {
    CAPTURE(line);
    CHECK(page.find(line) != std::string::npos);
  }
  std::set<std::string_view> heads;
  for (const auto line : text::split(page, '\n')) {
    if (line.starts_with("# TYPE ")) CHECK(heads.insert(line).second);
  }
}

TEST_CASE("promtool finds nothing wrong with the metrics page") {
  if (!test::has_program("promtool")) APIGW_SKIP("needs promtool (Debian package prometheus)");
  test::ManualClock clock;
  gateway::State state(1, clock);
  auto series = bind(state, shop());
  series->routes[0]->cells.at(0).by_class[2].add();
  series->services[0]->cells->at(0).attempts[0].add();
  series->models[0][0]->cells.at(0).duration.observe(1, 1'000'000);
  FILE* promtool = popen("promtool check metrics 2>&1", "w");
  REQUIRE(promtool != nullptr);
  const std::string page = state.metrics_text();
  CHECK(std::fwrite(page.data(), 1, page.size(), promtool) == page.size());
  CHECK(pclose(promtool) == 0);
}
