#include "control/control.h"

#include <atomic>

#include <doctest/doctest.h>

#include "support/process.h"

using namespace apigw;
using namespace apigw::control;

namespace {

// A control plane on ports of its own, with everything that it asks for.
struct Stage {
  SystemClock clock;
  gateway::State state{1, clock};
  std::shared_ptr<model::Plan> plan = std::make_shared<model::Plan>();
  std::atomic<bool> ready{true};
  Control control{{.state = state,
                   .clock = clock,
                   .snapshot = [this] { return Snapshot{plan, nullptr}; },
                   .ready = [this] { return ready.load(); },
                   .services = [] { return std::vector{ServiceLine{"orders", "healthy", 9000, 2}}; },
                   .last_reload = [] { return ReloadLine{true, "routes: +1"}; }},
                  true};
  Stage() {
    plan->admin = {.on = true, .port = support::free_port(), .port_given = true};
    plan->admin.key.value = Secret("k");
    plan->routes = {model::Route{.id = "GET /a", .path = "/a", .action = model::ToRedirect{.location = "/b"}}};
    (void)state.bind(*plan);
  }
  [[nodiscard]] std::uint16_t admin() const { return support::port_in(control.admin()->text); }
  [[nodiscard]] std::uint16_t health() const { return support::port_in(control.health()->text); }
  [[nodiscard]] support::Reply ask(std::string_view path, std::string key = "k") const {
    return support::request(admin(), "GET", path, {"authorization: Bearer " + key});
  }
};

}  // namespace

TEST_CASE("every path of the admin listener needs the key, whether it exists or not") {
  Stage stage;
  REQUIRE(stage.control.apply(*stage.plan));
  for (const char* path : {"/admin/config", "/admin/routes", "/admin/state", "/admin/outcomes", "/healthz", "/readyz",
                           "/metrics", "/", "/no"}) {
    CAPTURE(path);
    CHECK(stage.ask(path, "wrong").status == 401);
    CHECK(support::request(stage.admin(), "GET", path).status == 401);
  }
  for (const char* path : {"/admin/config", "/admin/routes", "/admin/state", "/healthz", "/readyz", "/metrics"})
    CHECK(stage.ask(path).status == 200);
  for (const char* path : {"/", "/admin", "/admin/", "/admin/config/", "/admin/keys"})
    CHECK(stage.ask(path).status == 404);
  CHECK(support::request(stage.admin(), "DELETE", "/admin/config", {"authorization: Bearer k"}).status == 405);
}

TEST_CASE("the pages show the plan, its routes and the state") {
  Stage stage;
  REQUIRE(stage.control.apply(*stage.plan));
  CHECK(stage.ask("/admin/config").body.find("\"development\": false") != std::string::npos);
  CHECK(stage.ask("/admin/routes").body.find("\"id\": \"GET /a\"") != std::string::npos);
  const std::string state = stage.ask("/admin/state").body;
  for (const char* part :
       {"\"ready\": true", "\"phase\": \"healthy\"", "\"text\": \"routes: +1\"", "\"restarts\": 2"}) {
    CAPTURE(part);
    CHECK(state.find(part) != std::string::npos);
  }
}

TEST_CASE("the last outcomes are shown where they are kept") {
  Stage stage;
  REQUIRE(stage.control.apply(*stage.plan));
  CHECK(stage.ask("/admin/outcomes").body == "{\n \"kept\": 0,\n \"outcomes\": []\n}\n");
  stage.state.keep_outcomes();
  for (const char* id : {"one", "two"}) stage.state.recent()->settle({.request_id = id});
  const std::string body = stage.ask("/admin/outcomes").body;
  CHECK(body.starts_with("{\n \"kept\": 64,\n \"outcomes\": [\n  {\"time\":"));
  CHECK(body.find("\"request_id\":\"one\"") < body.find("\"request_id\":\"two\""));
  CHECK(body.find("\"request_id\":\"two\"") != std::string::npos);
}

TEST_CASE("a health listener has its three pages without a key and nothing else") {
  Stage stage;
  stage.plan->health = {.on = true, .host = "127.0.0.1", .port = support::free_port()};
  REQUIRE(stage.control.apply(*stage.plan));
  for (const char* path : {"/healthz", "/readyz", "/metrics"})
    CHECK(support::request(stage.health(), "GET", path, {"host: gateway.svc"}).status == 200);
  for (const char* path : {"/admin/config", "/admin/state", "/"})
    CHECK(support::request(stage.health(), "GET", path, {"authorization: Bearer k"}).status == 404);
  stage.ready = false;
  CHECK(support::request(stage.health(), "GET", "/readyz").status == 503);
  CHECK(support::request(stage.health(), "GET", "/healthz").status == 200);
}

TEST_CASE("a plan moves, keeps and closes the listeners, and its new key counts at once") {
  Stage stage;
  REQUIRE(stage.control.apply(*stage.plan));
  const std::uint16_t first = stage.admin();
  model::Plan next = *stage.plan;
  next.admin.key.value = Secret("new");
  REQUIRE(stage.control.apply(next));
  CHECK(stage.admin() == first);
  CHECK(stage.ask("/healthz", "k").status == 401);
  CHECK(stage.ask("/healthz", "new").status == 200);
  next.admin.port = support::free_port();
  REQUIRE(stage.control.apply(next));
  CHECK(stage.admin() == next.admin.port);
  CHECK_FALSE(support::listening(first));
  next.admin.on = false;
  REQUIRE(stage.control.apply(next));
  CHECK_FALSE(stage.control.admin());
  CHECK_FALSE(support::listening(next.admin.port));
}

TEST_CASE("a plan that cannot listen changes nothing") {
  Stage stage;
  REQUIRE(stage.control.apply(*stage.plan));
  const support::BusyPort busy;
  model::Plan next = *stage.plan;
  next.admin.port = support::free_port();
  next.admin.key.value = Secret("new");
  next.health = {.on = true, .host = "127.0.0.1", .port = busy.port()};
  const auto refused = stage.control.apply(next);
  REQUIRE_FALSE(refused);
  CHECK(stage.admin() == stage.plan->admin.port);
  CHECK(stage.ask("/healthz").status == 200);
  CHECK_FALSE(support::listening(next.admin.port));
}

TEST_CASE("without a key in the plan nobody is let in") {
  Stage stage;
  stage.plan->admin.key.value = Secret();
  REQUIRE(stage.control.apply(*stage.plan));
  CHECK(stage.ask("/admin/config", "").status == 401);
}
