#include <doctest/doctest.h>

#include "contract/document.h"
#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using namespace std::chrono_literals;
using gateway::End;
using test::FakeExchange;

namespace {

test::PlanBuilder shop() {
  test::PlanBuilder plan;
  plan.service("orders", {9001, 9002}, "/api").service("stock", 9003);
  plan.route("GET,PUT /orders/{id}", "orders").route("POST /orders", "orders");
  plan.route("/stock/**", "stock").last_route([](model::Route& route) {
    std::get<model::ToService>(route.action).strip = "/stock";
    route.request_headers = {{"x-added", "1"}, {"x-dropped", std::nullopt}};
    route.response_headers = {{"x-reply", "2"}, {"x-inner", std::nullopt}};
  });
  plan.redirect("/old/**", "/orders/{rest}");
  return plan;
}

}  // namespace

TEST_CASE("a call reaches its service with the gateway's own fields and without the client's claims") {
  test::House house(shop());
  house.upstream.scripts = {{.headers = {{"x-inner", "9"}, {"content-type", "text/plain"}}, .pieces = {"hello"}}};
  FakeExchange exchange("GET", "/stock/7?q=1");
  exchange.header("x-forwarded-for", "6.6.6.6").header("x-dropped", "1").header("connection", "keep-alive, x-hop");
  exchange.header("x-hop", "1").header("x-request-id", "abc-1").header("accept", "*/*");
  const auto& outcome = house.serve(exchange);
  REQUIRE(house.upstream.asked.size() == 1);
  const auto& asked = *house.upstream.asked[0];
  CHECK(asked.origin.port == 9003);
  CHECK(asked.request.method == "GET");
  CHECK(asked.request.target == "/7?q=1");
  CHECK(asked.request.authority == "127.0.0.1:9003");
  const auto sent = [&](std::string_view name) { return asked.request.headers.find(name).value_or("-"); };
  CHECK(sent("x-forwarded-for") == "127.0.0.1");
  CHECK(sent("x-forwarded-proto") == "http");
  CHECK(sent("x-forwarded-host") == "gateway.example");
  CHECK(sent("x-request-id") == "abc-1");
  CHECK(sent("via") == "1.1 apigw-test");
  CHECK(gateway::usable_traceparent(sent("traceparent")));
  CHECK(sent("x-added") == "1");
  CHECK(sent("x-dropped") == "-");
  CHECK(sent("x-hop") == "-");
  CHECK(sent("accept") == "*/*");
  CHECK(exchange.status == 200);
  CHECK(exchange.received == "hello");
  CHECK(exchange.finished);
  CHECK(exchange.header_of("x-reply") == "2");
  CHECK(exchange.header_of("x-inner").empty());
  CHECK(exchange.header_of("x-request-id") == "abc-1");
  CHECK(outcome.end == End::done);
  CHECK(outcome.route == "/stock/**");
  CHECK(outcome.attempts == std::vector<std::string>{"stock 200"});
}

TEST_CASE("a refused call never reaches a transport and is settled once") {
  struct Row {
    std::string_view name, method, target;
    std::uint64_t length;
    int status;
    std::string_view reason;
  };
  auto plan = shop();
  plan.consumer("shop", "sk-shop-key").keyed();
  for (const Row& row : {Row{"no route", "GET", "/nowhere", 0, 404, "no_route"},
                         {"wrong method", "DELETE", "/orders", 0, 405, "method_not_allowed"},
                         {"no key", "GET", "/stock/1", 0, 401, "missing_key"},
                         {"too large", "POST", "/orders", 11 << 20, 413, "body_too_large"}}) {
    CAPTURE(row.name);
    test::House house(plan);
    FakeExchange exchange(std::string(row.method), row.target);
    if (row.length > 0) exchange.body(std::string(row.length, 'x'));
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.empty());
    CHECK(exchange.body_reads == 0);
    CHECK(exchange.status == row.status);
    CHECK(outcome.reason == row.reason);
    CHECK(outcome.end == End::refused);
    CHECK(exchange.header_of("content-type") == "application/problem+json");
  }
}

TEST_CASE("what the route's operation does not allow never reaches the service, and what it does goes on whole") {
  diag::Sources sources;
  diag::Report report;
  const SourceId source =
      sources.add("openapi.yaml",
                  "openapi: 3.1.0\npaths: { /orders: { post: { operationId: create, parameters: [{ name: dry, "
                  "in: query, schema: { type: boolean } }], requestBody: { required: true, content: { "
                  "application/json: { schema: { required: [item] } } } } } } }");
  const auto document = contract::Document::read(source, sources, report);
  REQUIRE(document);
  auto plan = shop();
  plan.route("POST /strict", "orders").last_route([&](model::Route& route) {
    route.operation = model::Operation{"openapi.yaml", "create", document->operation("create", {}, report), 0, {}};
  });
  struct Row {
    std::string_view target, body;
    int status;
    std::string_view errors;
  };
  const std::string large = R"({"item":")" + std::string(200'000, 'x') + R"("})";
  for (const Row& row :
       std::initializer_list<Row>{{"/strict?dry=maybe", R"({"item":1})", 400,
                                   R"([{"parameter":"dry","in":"query","detail":"must be true or false"}])"},
                                  {"/strict", "{}", 422, R"([{"pointer":"/item","detail":"is missing"}])"},
                                  {"/strict", "", 400, R"([{"pointer":"","detail":"is missing"}])"},
                                  {"/strict?dry=true", R"({"item":1})", 200, ""},
                                  {"/strict", large, 200, ""}}) {
    CAPTURE(row.target);
    test::House house(plan);
    house.upstream.scripts = {{.pieces = {"made"}}};
    FakeExchange exchange("POST", row.target);
    exchange.header("content-type", "application/json");
    if (!row.body.empty()) exchange.body(std::string(row.body));
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(house.upstream.asked.size() == (row.status == 200 ? 1 : 0));
    if (row.status == 200) {
      CHECK(house.upstream.asked[0]->body == row.body);
      continue;
    }
    CHECK(outcome.reason == "invalid_request");
    CHECK(outcome.end == End::refused);
    CHECK(exchange.header_of("content-type") == "application/problem+json");
    CHECK(exchange.received.contains(fmt::format(R"("errors":{})", row.errors)));
  }
}

TEST_CASE("wrong keys are refused one by one and then for a while altogether, and lock no good key out") {
  auto plan = shop();
  plan.consumer("shop", "sk-shop-key").keyed();
  test::House house(plan);
  const auto ask = [&](std::string_view key) {
    FakeExchange exchange("GET", "/stock/1");
    exchange.header("x-api-key", key).client("192.0.2.7");
    house.serve(exchange);
    return exchange.status;
  };
  for (unsigned i = 0; i < policy::WrongKeys::limit; ++i) CHECK(ask("sk-wrong") == 401);
  CHECK(ask("sk-wrong") == 429);
  house.upstream.scripts = {{.pieces = {"x"}}};
  CHECK(ask("sk-shop-key") == 200);
  CHECK(house.settled.outcomes.back().consumer == "shop");
  CHECK(ask("sk-wrong") == 429);
  house.clock.advance(61s);
  CHECK(ask("sk-wrong") == 401);
}

TEST_CASE("a key that was checked here does not go to the service, one that was not does") {
  for (const bool keyed : {true, false}) {
    auto plan = shop();
    plan.consumer("shop", "sk-shop-key");
    if (keyed) plan.keyed();
    test::House house(plan);
    house.upstream.scripts = {{.pieces = {"x"}}};
    FakeExchange exchange("GET", "/stock/1");
    exchange.header("authorization", "Bearer sk-shop-key");
    house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->request.headers.has("authorization") == !keyed);
  }
}

TEST_CASE("an instance that does not take the connection is passed over for another") {
  test::House house(shop());
  house.upstream.scripts = {test::unreachable(), {.pieces = {"ok"}}};
  FakeExchange exchange("POST", "/orders");
  exchange.body("order");
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.status == 200);
  CHECK(outcome.attempts == std::vector<std::string>{"orders connect", "orders 200"});
  CHECK(house.upstream.asked[0]->origin.port != house.upstream.asked[1]->origin.port);
  CHECK(house.upstream.asked[1]->body == "order");
}

TEST_CASE("a stale pooled connection is replaced for what may be sent again, and only for that") {
  const Error closed{ErrorKind::closed, "closed"};
  struct Row {
    std::string_view name, method, target;
    test::Script first;
    int status;
    std::size_t calls;
  };
  for (const Row& row : {Row{"idempotent", "GET", "/orders/1", {.reused = true, .head_error = closed}, 200, 2},
                         {"with a body", "PUT", "/orders/1", {.reused = true, .head_error = closed}, 200, 2},
                         {"may have been done", "POST", "/orders", {.reused = true, .head_error = closed}, 502, 1},
                         {"nothing was sent", "POST", "/orders", {.reused = true, .send_error = closed}, 200, 2},
                         {"a new connection", "GET", "/orders/1", {.head_error = closed}, 502, 1}}) {
    CAPTURE(row.name);
    test::House house(shop());
    house.upstream.scripts = {row.first, {.pieces = {"ok"}}};
    FakeExchange exchange(std::string(row.method), row.target);
    if (row.method != "GET") exchange.body("b");
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(house.upstream.asked.size() == row.calls);
    if (row.calls == 2) CHECK(house.upstream.asked[1]->fresh);
  }
}

TEST_CASE("what goes wrong upstream is a status of ours, in neutral words") {
  struct Row {
    ErrorKind kind;
    int status;
  };
  for (const Row& row : {Row{ErrorKind::timeout, 504},
                         {ErrorKind::protocol, 502},
                         {ErrorKind::closed, 502},
                         {ErrorKind::too_large, 502}}) {
    test::House house(shop());
    house.upstream.scripts = {{.head_error = Error{row.kind, "read from http://127.0.0.1:9003"}}};
    FakeExchange exchange("GET", "/stock/1");
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(outcome.end == End::failed);
    CHECK_FALSE(exchange.received.contains(":9003"));
  }
}

TEST_CASE("a reply that breaks after it began ends broken, never well") {
  test::House house(shop());
  house.upstream.scripts = {
      {.pieces = {"half"}, .announce_length = false, .end_error = Error{ErrorKind::closed, "cut"}}};
  FakeExchange exchange("GET", "/stock/1");
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.received == "half");
  CHECK(exchange.aborted);
  CHECK_FALSE(exchange.finished);
  CHECK(outcome.end == End::cut);
}

TEST_CASE("a head goes out at once when the service says no more, and together with its body when that is there") {
  struct Row {
    std::string_view name;
    bool pause, announce;
    int at_once, in_all;  // writes
  };
  const Row rows[] = {{"whole", false, true, 1, 1},
                      {"length unknown", false, false, 1, 1},
                      {"head alone", true, true, 1, 2},
                      {"head alone, length unknown", true, false, 1, 2}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::House house(shop());
    house.upstream.scripts = {{.pieces = {"late"}, .announce_length = row.announce, .pause_body = row.pause}};
    FakeExchange exchange("GET", "/stock/1");
    house.begin(exchange);
    CHECK(exchange.status == 200);
    CHECK(exchange.writes == row.at_once);
    CHECK(exchange.received == (row.pause ? "" : "late"));
    house.upstream.go();
    CHECK(house.end().end == End::done);
    CHECK(exchange.received == "late");
    CHECK(exchange.writes == row.in_all);
    CHECK(exchange.finished);
  }
}

TEST_CASE("a service that breaks behind a head that is out breaks the reply") {
  test::House house(shop());
  house.upstream.scripts = {{.end_error = Error{ErrorKind::closed, "cut"}, .pause_body = true}};
  FakeExchange exchange("GET", "/stock/1");
  house.begin(exchange);
  house.upstream.go();
  CHECK(house.end().end == End::cut);
  CHECK(exchange.aborted);
}

TEST_CASE("a body that is not all there is passed on piece by piece while the reply may come") {
  test::House house(shop());
  house.upstream.scripts = {{.pieces = {"a", "b"}, .announce_length = false}};
  FakeExchange exchange("POST", "/orders");
  exchange.chunks({"one ", "two ", "three"});
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->body == "one two three");
  CHECK_FALSE(house.upstream.asked.at(0)->request.content_length.has_value());
  CHECK(exchange.received == "ab");
  CHECK(outcome.end == End::done);
}

TEST_CASE("what holds the request's body is free while the reply goes on") {
  struct Row {
    std::string_view name;
    std::vector<std::string> pieces;
    bool announced;
  };
  const Row rows[] = {{"small, in one piece", {"order"}, true}, {"streamed up", {"one ", "two"}, false}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::House house(shop());
    house.upstream.scripts = {{.pieces = {"late"}, .pause_body = true}};
    FakeExchange exchange("POST", "/orders");
    row.announced ? exchange.body(row.pieces[0]) : exchange.chunks(row.pieces);
    house.begin(exchange);
    CHECK(exchange.status == 200);
    CHECK_FALSE(exchange.holds_piece());
    house.upstream.go();
    CHECK(house.end().end == End::done);
    CHECK(house.upstream.asked.at(0)->body == (row.announced ? "order" : "one two"));
  }
}

TEST_CASE("a client body that breaks on the way up aborts the call and is told why") {
  test::House house(shop());
  house.upstream.scripts = {{.pieces = {"never"}, .pause = true}};
  FakeExchange exchange("POST", "/orders");
  exchange.chunks({"one"}, Error{ErrorKind::too_large, "body"});
  house.serve(exchange);
  CHECK(exchange.status == 413);
  CHECK(house.upstream.asked.at(0)->aborted);
}

TEST_CASE("a call that failed lives until the upload to it is over") {
  struct Row {
    std::string_view name;
    test::Script script;
    bool late, leaves;  // later than the route's time; the client goes before its body is sent
    int status;
    End end;
  };
  const Row rows[] = {
      {"reset", {.head_error = Error{ErrorKind::closed, "reset"}}, false, false, 502, End::failed},
      {"no first byte", {.head_error = Error{ErrorKind::timeout, "late"}}, false, false, 504, End::failed},
      {"the route's time", {.pieces = {"never"}, .pause = true}, true, false, 504, End::failed},
      {"client gone", {.pieces = {"never"}, .pause = true}, false, true, 0, End::client_left},
      {"cut reply", {.end_error = Error{ErrorKind::closed, "cut"}, .pause_body = true}, true, false, 200, End::cut},
      {"answered early", {.pieces = {"no need"}}, false, false, 200, End::done},
      {"reset, then client gone", {.head_error = Error{ErrorKind::closed, "x"}}, false, true, 502, End::failed},
  };
  auto plan = shop();
  plan.with([](model::Plan& p) { p.routes[2].timeout = 2s; });
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::House house(plan);
    gateway::Signal more(house.io);
    house.upstream.scripts = {row.script};
    FakeExchange exchange("POST", "/stock/1");
    exchange.chunks({"one", "two", "three"}).rest_waits_for(more);
    house.begin(exchange);
    if (row.late) house.pass(2200ms);
    if (row.leaves) exchange.leave();
    house.io.restart();
    house.io.poll();
    CHECK(exchange.status == row.status);
    CHECK_FALSE(house.done());
    CHECK_FALSE(house.upstream.asked.at(0)->released);
    CHECK(exchange.body_stopped());
    house.pass(3s);  // whatever fires late still finds the call
    more.raise();
    CHECK(house.end().end == row.end);
    CHECK(house.upstream.asked.at(0)->released);
  }
}

TEST_CASE("a client that leaves aborts its call at once") {
  test::House house(shop());
  house.upstream.scripts = {{.pieces = {"never"}, .pause = true}};
  FakeExchange exchange("GET", "/stock/1");
  house.begin(exchange);
  CHECK_FALSE(house.done());
  exchange.leave();
  const auto& outcome = house.end();
  CHECK(house.upstream.asked.at(0)->aborted);
  CHECK(outcome.end == End::client_left);
  CHECK(exchange.status == 0);
}

TEST_CASE("a client that leaves in the middle of its reply lets go of the upstream") {
  test::House house(shop());
  house.upstream.scripts = {{.pieces = {"a", "b", "c"}, .announce_length = false}};
  FakeExchange exchange("GET", "/stock/1");
  exchange.leaves_after_writes(1);
  CHECK(house.serve(exchange).end == End::client_left);
  CHECK(house.upstream.asked.at(0)->aborted);
}

TEST_CASE("a route's timeout ends the exchange, whatever the upstream does") {
  auto plan = shop();
  plan.with([](model::Plan& p) { p.routes[2].timeout = 2s; });
  test::House house(plan);
  house.upstream.scripts = {{.pieces = {"never"}, .pause = true}};
  FakeExchange exchange("GET", "/stock/1");
  house.begin(exchange);
  house.pass(1s);
  CHECK_FALSE(house.done());
  house.pass(1200ms);
  const auto& outcome = house.end();
  CHECK(exchange.status == 504);
  CHECK(outcome.reason == "timeout");
}

TEST_CASE("an open that takes long is ended by the route's time and by the client that leaves") {
  for (const bool leaves : {false, true}) {
    CAPTURE(leaves);
    auto plan = shop();
    plan.with([](model::Plan& p) { p.routes[2].timeout = 2s; });
    test::House house(plan);
    house.upstream.scripts = {{.pause_open = true}};
    FakeExchange exchange("GET", "/stock/1");
    house.begin(exchange);
    house.pass(1s);
    CHECK_FALSE(house.done());
    leaves ? exchange.leave() : house.pass(1200ms);
    const auto& outcome = house.end();
    CHECK(exchange.status == (leaves ? 0 : 504));
    CHECK(outcome.end == (leaves ? End::client_left : End::failed));
    CHECK(house.upstream.asked.size() == 1);
  }
}

TEST_CASE("a redirect is answered by a gate and keeps the path that was asked") {
  test::House house(shop());
  FakeExchange exchange("GET", "/old/7?x=1");
  CHECK(house.serve(exchange).end == End::answered);
  CHECK(exchange.status == 308);
  CHECK(exchange.header_of("location") == "/orders/7?x=1");
}

TEST_CASE("a redirect of the service goes to the client and is not followed") {
  test::House house(shop());
  house.upstream.scripts = {{.status = 302, .headers = {{"location", "http://169.254.169.254/"}}}};
  FakeExchange exchange("GET", "/stock/1");
  house.serve(exchange);
  CHECK(exchange.status == 302);
  CHECK(house.upstream.asked.size() == 1);
}

TEST_CASE("an exchange ends on the plan that it began with") {
  test::House house(shop());
  house.upstream.scripts = {{.pieces = {"late"}, .pause = true}};
  FakeExchange exchange("GET", "/stock/1");
  house.begin(exchange);
  house.gateway->use(house.compiled(test::PlanBuilder()));
  house.upstream.go();
  CHECK(house.end().end == End::done);
  CHECK(exchange.header_of("x-reply") == "2");
  FakeExchange next("GET", "/stock/1");
  house.serve(next);
  CHECK(next.status == 404);
}
