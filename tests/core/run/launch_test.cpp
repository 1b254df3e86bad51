#include "run/launch.h"

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::run;

namespace {

model::Plan shop() {
  model::Plan plan;
  model::Service orders{.name = "orders"};
  orders.instances = {model::Origin{.host = "127.0.0.1", .port = 0}};
  orders.run = model::RunSpec{.command = "python3 app.py", .directory = "services/orders"};
  orders.environment = {{"LEVEL", "debug"}, {"APIGW_URL", "http://elsewhere"}};
  orders.calls = {"stock-api", "reviews", "prompts/summarize"};
  model::Service stock{.name = "stock-api"};
  stock.base_path = "/v1";
  stock.run = model::RunSpec{.command = "./stock"};
  stock.port = 9001;
  model::Service reviews{.name = "reviews"};
  reviews.instances = {model::Origin{.tls = true, .host = "reviews.example", .port = 443}};
  plan.services = {orders, stock, reviews};
  return plan;
}

}  // namespace

TEST_CASE("a service keeps its port, takes its fixed one or gets a chosen one") {
  const Ports ports = assign_ports(shop(), {}, [] { return std::uint16_t{20'500}; });
  CHECK(ports == Ports{{"orders", 20'500}, {"stock-api", 9001}});
  const Ports again = assign_ports(shop(), ports, [] { return std::uint16_t{1}; });
  CHECK(again == ports);
}

TEST_CASE("the plan's placeholders get the ports") {
  const model::PlanPtr plan = with_ports(shop(), {{"orders", 20'500}, {"stock-api", 9001}});
  CHECK(plan->services[0].instances.front().text() == "http://127.0.0.1:20500");
  CHECK(plan->services[1].instances.front().port == 9001);
  CHECK(plan->services[2].instances.front().host == "reviews.example");
}

TEST_CASE("a launch's environment tells it its port, the gateway and those that it calls") {
  const Ports ports = {{"orders", 20'500}, {"stock-api", 9001}};
  const auto all =
      launches(shop(), ports, {{"PATH", "/bin"}, {"PORT", "1"}, {"LEVEL", "info"}}, "http://127.0.0.1:8080");
  REQUIRE(all.size() == 2);
  CHECK(all[0].environment == Environment{{"PATH", "/bin"},
                                          {"PORT", "20500"},
                                          {"LEVEL", "debug"},
                                          {"APIGW_URL", "http://elsewhere"},
                                          {"STOCK_API_URL", "http://127.0.0.1:9001/v1"},
                                          {"REVIEWS_URL", "https://reviews.example:443"}});
  CHECK(all[1].environment.at("APIGW_URL") == "http://127.0.0.1:8080");
  CHECK(model::url_variable("a.b2-C") == "A_B2_C_URL");
  CHECK(model::url_variable("9lives") == "_9LIVES_URL");
}

TEST_CASE("chosen ports are free and differ") {
  PortChooser choose(12'767);
  const std::uint16_t first = choose();
  const std::uint16_t second = choose();
  CHECK(first >= 20'000);
  CHECK(second >= 20'000);
  CHECK(first != second);
  CHECK(port_is_free(first));
}
