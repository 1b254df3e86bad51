#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using namespace std::chrono_literals;
using gateway::End;
using test::FakeExchange;

namespace {

constexpr std::string_view openai_key = "sk-provider-key-of-openai", spare_key = "sk-provider-key-of-spare";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints()
      .provider("openai", 9100, std::string(openai_key))
      .provider("spare", 9200, std::string(spare_key));
  plan.mock().model("chat", {"openai/gpt-5-mini", "spare/big"}).model("one", {"openai/gpt-5-mini"});
  plan.model("gpt-*", {"openai/"}).model("practice", {"mock/x"});
  return plan;
}

constexpr std::string_view answer =
    R"({"id":"c1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";

std::string piece(std::string_view text) {
  return fmt::format("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", text);
}
const std::string role =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n";
const std::string stop = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n";
const std::string done = "data: [DONE]\n\n";

FakeExchange call_of(std::string_view model, std::string_view more = "") {
  FakeExchange exchange("POST", "/v1/chat/completions");
  exchange.header("content-type", "application/json");
  exchange.body(fmt::format(R"({{"model":"{}","messages":[]{}}})", model, more));
  return exchange;
}
FakeExchange streamed(std::string_view model) {
  return call_of(model, R"(,"stream":true)");
}

std::string error_code(const FakeExchange& exchange) {
  const auto body = json::scan(exchange.received);
  REQUIRE(body);
  const auto* error = body->find("error");
  REQUIRE(error);
  const auto inner = json::members(exchange.received, error->value);
  const auto* code = inner.find("code");
  REQUIRE(code);
  return json::string_at(exchange.received, code->value).value_or("");
}

}  // namespace

TEST_CASE(
    "a call goes to its target under the target's name, every other byte as it came, with that provider's key") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(std::string(answer))};
  auto exchange = call_of("chat", R"(, "unknown" :{"a" : 1.0},"temperature":0.10)");
  exchange.header("authorization", "Bearer sk-client").header("x-api-key", "sk-client").header("x-secret", "1");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.origin.port == 9100);
  CHECK(asked.request.target == "/v1/chat/completions");
  CHECK(asked.body == R"({"model":"gpt-5-mini","messages":[], "unknown" :{"a" : 1.0},"temperature":0.10})");
  CHECK(asked.request.content_length == asked.body.size());
  CHECK(asked.request.headers.find("authorization") == fmt::format("Bearer {}", openai_key));
  CHECK(asked.request.headers.count("authorization") == 1);
  CHECK_FALSE(asked.request.headers.has("x-api-key"));
  CHECK_FALSE(asked.request.headers.has("x-secret"));
  CHECK(exchange.status == 200);
  CHECK(exchange.received == answer);
  CHECK(outcome.end == End::done);
  CHECK(outcome.model == "chat");
  CHECK(outcome.usage.input == 7);
  CHECK(outcome.usage.output == 3);
  CHECK(outcome.attempts == std::vector<std::string>{"openai/gpt-5-mini 200"});
}

TEST_CASE("the log names the model of a pattern's call, plain and streamed") {
  const std::string named = "gpt-5-mini-of-a-name-that-no-short-string-holds";
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    test::House house(models());
    house.upstream.scripts = {stream ? test::event_stream({role, piece("hi"), stop, done})
                                     : test::json_reply(std::string(answer))};
    auto exchange = stream ? streamed(named) : call_of(named);
    CHECK(house.serve(exchange).attempts == std::vector<std::string>{"openai/" + named + " 200"});
  }
}

TEST_CASE("a credential goes to its own origin and to no other, on a fallback too") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply("{}", 503), test::json_reply(std::string(answer))};
  auto exchange = call_of("chat");
  const auto& outcome = house.serve(exchange);
  REQUIRE(house.upstream.asked.size() == 2);
  for (const auto& asked : house.upstream.asked) {
    const auto key = asked->origin.port == 9100 ? openai_key : spare_key;
    CHECK(asked->request.headers.find("authorization") == fmt::format("Bearer {}", key));
  }
  CHECK(house.upstream.asked[1]->body.contains(R"("model":"big")"));
  CHECK(outcome.attempts == std::vector<std::string>{"openai/gpt-5-mini 503", "spare/big 200"});
  CHECK(exchange.status == 200);
}

TEST_CASE("what another target may do better falls back, what it may not does not") {
  const std::string mistake = R"({"error":{"message":"no","type":"invalid_request_error"}})";
  struct Row {
    std::string_view name;
    test::Script first;
    std::size_t calls;
    int status;
  };
  for (const Row& row : {
           Row{"unreachable", test::unreachable(), 2, 200},
           {"timeout", {.head_error = Error{ErrorKind::timeout, "t"}}, 2, 200},
           {"429", test::json_reply("{}", 429), 2, 200},
           {"529", test::json_reply("{}", 529), 2, 200},
           {"success that is no JSON", test::json_reply("<html>"), 2, 200},
           {"success that is empty", test::json_reply(""), 2, 200},
           {"cut", {.headers = {}, .pieces = {"{"}, .end_error = Error{ErrorKind::closed, "c"}}, 2, 200},
           {"400", test::json_reply(mistake, 400), 1, 400},
           {"404", test::json_reply(mistake, 404), 1, 404},
           {"401 about our key", test::json_reply(mistake, 401), 1, 502},
           {"redirect", {.status = 307, .headers = {{"location", "http://evil.example/"}}}, 1, 502},
       }) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {row.first, test::json_reply(std::string(answer))};
    auto exchange = call_of("chat");
    house.serve(exchange);
    CHECK(house.upstream.asked.size() == row.calls);
    CHECK(exchange.status == row.status);
    if (row.status == 400) CHECK(exchange.received == mistake);
  }
}

TEST_CASE("when the last target fails too its own words are passed on where they are the provider's") {
  const std::string busy = R"({"error":{"message":"slow down","type":"rate_limit_error"}})";
  test::House house(models());
  test::Script last = test::json_reply(busy, 429);
  last.headers.emplace_back("retry-after", "7");
  last.headers.emplace_back("set-cookie", "a=b");
  house.upstream.scripts = {test::unreachable(), last};
  auto exchange = call_of("chat");
  house.serve(exchange);
  CHECK(exchange.status == 429);
  CHECK(exchange.received == busy);
  CHECK(exchange.header_of("retry-after") == "7");
  CHECK(exchange.header_of("set-cookie").empty());
  house.upstream.scripts = {test::json_reply("<html>bad gateway at 10.0.0.1</html>", 502)};
  auto page = call_of("one");
  house.serve(page);
  CHECK(page.status == 502);
  CHECK(error_code(page) == "server_error");
  CHECK_FALSE(page.received.contains("10.0.0.1"));
}

TEST_CASE("a refused model call never reaches a transport and is answered in the dialect's shape") {
  struct Row {
    std::string_view name, body;
    int status;
    std::string_view code;
  };
  for (const Row& row : {Row{"unknown model", R"({"model":"nope","messages":[]})", 404, "model_not_found"},
                         {"provider/model outside development", R"({"model":"openai/x"})", 404, "model_not_found"},
                         {"no JSON", "{", 400, "invalid_request"},
                         {"two models", R"({"model":"chat","model":"one"})", 400, "invalid_request"},
                         {"no model", "{}", 400, "invalid_request"}}) {
    CAPTURE(row.name);
    test::House house(models());
    FakeExchange exchange("POST", "/v1/chat/completions");
    exchange.body(std::string(row.body));
    CHECK(house.serve(exchange).end == End::refused);
    CHECK(house.upstream.asked.empty());
    CHECK(house.mock.asked.empty());
    CHECK(exchange.status == row.status);
    CHECK(error_code(exchange) == row.code);
  }
}

TEST_CASE("fields of a request choose neither host nor credential") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(std::string(answer))};
  auto exchange =
      call_of("one", R"(,"api_base":"http://evil.example","base_url":"http://evil.example","provider":"spare")");
  exchange.header("host", "evil.example").header("x-base-url", "http://evil.example");
  house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->origin == model::Origin{false, "127.0.0.1", 9100});
  CHECK(house.upstream.asked.at(0)->request.authority == "127.0.0.1:9100");
}

TEST_CASE("the mock is a transport of its own") {
  test::House house(models());
  house.mock.scripts = {test::json_reply(std::string(answer))};
  auto exchange = call_of("practice");
  CHECK(house.serve(exchange).attempts == std::vector<std::string>{"mock/x 200"});
  CHECK(house.upstream.asked.empty());
}

TEST_CASE("models are listed by a gate, without any upstream") {
  test::House house(models());
  FakeExchange list("GET", "/v1/models");
  CHECK(house.serve(list).end == End::answered);
  CHECK(list.received.contains(R"("id":"chat")"));
  CHECK_FALSE(list.received.contains("gpt-*"));
  FakeExchange one("GET", "/v1/models/gpt-4o");
  house.serve(one);
  CHECK(one.status == 200);
  FakeExchange none("GET", "/v1/models/nope");
  house.serve(none);
  CHECK(none.status == 404);
  CHECK(error_code(none) == "model_not_found");
}

TEST_CASE("a stream passes frame by frame, its forced usage read and kept back") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({role, piece("he"), piece("llo") + stop + usage, done})};
  auto exchange = streamed("chat");
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->body.contains(R"("include_usage":true)"));
  CHECK(exchange.header_of("content-type") == "text/event-stream");
  CHECK(exchange.received == role + piece("he") + piece("llo") + stop + done);
  CHECK(exchange.finished);
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.input == 5);
  CHECK(outcome.usage.output == 2);
  CHECK(house.upstream.asked[0]->ended);
}

TEST_CASE("an answer that ended gets the end mark that its server left out") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({role, piece("hi"), stop})};
  auto exchange = streamed("chat");
  CHECK(house.serve(exchange).end == End::done);
  CHECK(exchange.received == role + piece("hi") + stop + done);
  CHECK(exchange.finished);
}

TEST_CASE("however a stream is cut into pieces, the client gets the same bytes") {
  const std::string whole = role + piece("hello") + stop + usage + done;
  for (std::size_t size = 1; size < 40; size += 7) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < whole.size(); at += size) pieces.push_back(whole.substr(at, size));
    test::House house(models());
    house.upstream.scripts = {test::event_stream(std::move(pieces))};
    auto exchange = streamed("chat");
    house.serve(exchange);
    CHECK(exchange.received == role + piece("hello") + stop + done);
  }
}

TEST_CASE("events that came together leave together, as far as 16 KB") {
  const std::string longer = piece(std::string(9'000, 'x'));
  struct Row {
    std::string_view name;
    std::vector<std::string> pieces;
    int writes;
  };
  for (const Row& row : {Row{"small ones", {role, piece("a"), piece("b"), stop, usage, done}, 1},
                         Row{"large ones", {role, longer, longer, longer, stop, usage, done}, 2}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.pieces), test::event_stream(row.pieces)};
    house.upstream.scripts.front().together = true;
    auto together = streamed("chat"), apart = streamed("chat");
    house.serve(together);
    house.serve(apart);
    CHECK(together.received == apart.received);
    CHECK(together.writes == row.writes);
    CHECK(apart.writes > row.writes);
  }
  test::House house(models());
  auto script = test::event_stream({role, piece("a"), piece("b")});
  script.together = true;
  script.end_error = Error{ErrorKind::closed, "cut"};
  house.upstream.scripts = {script};
  auto cut = streamed("chat");
  house.serve(cut);
  CHECK(cut.received.starts_with(role + piece("a") + piece("b") + "data: {\"error\":"));
}

TEST_CASE("a stream that fails before its first word leaves no trace and falls back") {
  const Error closed{ErrorKind::closed, "cut"};
  const std::string error = "data: {\"error\":{\"message\":\"overloaded\"}}\n\n";
  struct Row {
    std::string_view name;
    test::Script first;
  };
  test::Script cut = test::event_stream({role});
  cut.end_error = closed;
  for (const Row& row : {Row{"cut after the role", cut},
                         {"ends after the role", test::event_stream({role})},
                         {"error frame", test::event_stream({role, error})},
                         {"no stream at all", test::json_reply(std::string(answer))},
                         {"empty", test::event_stream({})}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {row.first, test::event_stream({piece("second"), stop, usage, done})};
    auto exchange = streamed("chat");
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.received == piece("second") + stop + done);
    CHECK(outcome.end == End::done);
    CHECK(outcome.attempts.size() == 2);
  }
}

TEST_CASE("a stream that breaks after its first word is never replayed and never ends well") {
  const std::string error = "data: {\"error\":{\"message\":\"too busy\"}}\n\n";
  struct Row {
    std::string_view name;
    std::vector<std::string> pieces;
    std::optional<Error> end;
    ErrorKind told = ErrorKind::closed;  // of the attempt
  };
  for (const Row& row :
       {Row{"cut", {piece("he")}, Error{ErrorKind::closed, "cut"}},
        {"silent for too long", {piece("he")}, Error{ErrorKind::timeout, "slow"}, ErrorKind::timeout},
        {"badly framed", {piece("he")}, Error{ErrorKind::protocol, "odd"}, ErrorKind::protocol},
        {"ends without its mark", {piece("he")}, std::nullopt},
        {"error frame", {piece("he"), error}, std::nullopt},
        {"no JSON", {piece("he"), "data: {oops\n\n"}, std::nullopt}}) {
    CAPTURE(row.name);
    test::House house(models());
    auto script = test::event_stream(row.pieces);
    script.end_error = row.end;
    house.upstream.scripts = {script};
    auto exchange = streamed("chat");
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.size() == 1);
    CHECK(exchange.received.starts_with(piece("he")));
    CHECK(exchange.received.contains("\"error\""));
    CHECK_FALSE(exchange.received.contains("[DONE]"));
    CHECK_FALSE(exchange.finished);
    CHECK(exchange.aborted);
    CHECK(outcome.end == End::cut);
    CHECK(outcome.usage.partial);
    CHECK(outcome.attempts.back() == fmt::format("openai/gpt-5-mini {}", word(row.told)));
  }
}

TEST_CASE("a client that leaves its stream aborts the upstream and is settled as such") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({piece("a"), piece("b"), piece("c"), stop, done})};
  auto exchange = streamed("chat");
  exchange.leaves_after_writes(1);
  CHECK(house.serve(exchange).end == End::client_left);
  CHECK(house.upstream.asked.at(0)->aborted);
}

TEST_CASE("after 15 s of silence comments keep the client, and the failover stays free") {
  test::House house(models());
  auto silent = test::json_reply("{}", 503);
  silent.pause = true;
  house.upstream.scripts = {silent, test::event_stream({piece("late"), stop, usage, done})};
  auto exchange = streamed("chat");
  house.begin(exchange);
  house.pass(14s);
  CHECK_FALSE(exchange.started());
  house.pass(2s);
  CHECK(exchange.status == 200);
  CHECK(exchange.received == ": waiting\n\n");
  house.pass(16s);
  CHECK(exchange.received == ": waiting\n\n: waiting\n\n");
  house.upstream.go();
  const auto& outcome = house.end();
  CHECK(exchange.received == ": waiting\n\n: waiting\n\n" + piece("late") + stop + done);
  CHECK(outcome.end == End::done);
}

TEST_CASE("a final failure after comments went out is an error event and a broken end") {
  test::House house(models());
  auto silent = test::json_reply("{}", 503);
  silent.pause = true;
  house.upstream.scripts = {silent};
  auto exchange = streamed("one");
  house.begin(exchange);
  house.pass(16s);
  house.upstream.go();
  const auto& outcome = house.end();
  CHECK(exchange.received.contains("\"error\""));
  CHECK_FALSE(exchange.received.contains("[DONE]"));
  CHECK(exchange.aborted);
  CHECK(outcome.end == End::cut);
}

TEST_CASE("an upstream that only keeps its stream alive is not waited for without end") {
  for (const bool begun : {false, true}) {
    CAPTURE(begun);
    test::House house(models());
    std::vector<std::string> pieces(begun ? 1 : 0, piece("hi"));
    pieces.resize(50, ": still here\n\n");
    test::Script dripping = test::event_stream(pieces);
    dripping.before_piece = [&](std::size_t) { house.clock.advance(30s); };
    house.upstream.scripts = {dripping, test::event_stream({piece("late"), stop, usage, done})};
    auto exchange = streamed("chat");
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.attempts.front() == "openai/gpt-5-mini timeout");
    CHECK(outcome.end == (begun ? End::cut : End::done));
    CHECK(exchange.received.contains(begun ? "did not answer in time" : "late"));
    CHECK_FALSE(exchange.received.contains(begun ? "late" : "did not"));
  }
}

TEST_CASE("what comes in place of a stream is read for some seconds at most") {
  test::House house(models());
  test::Script page{.headers = {{"content-type", "text/plain"}}, .pieces = {"x", "y"}, .announce_length = false};
  page.pause_body = true;
  page.pause_before = 1;
  house.upstream.scripts = {page, test::event_stream({piece("late"), stop, usage, done})};
  auto exchange = streamed("chat");
  house.begin(exchange);
  house.pass(6s);
  CHECK(house.end().end == End::done);
  CHECK(exchange.received.contains("late"));
}

TEST_CASE("an event beyond the limit is told with the limit") {
  test::House house(models());
  const std::string large = piece(std::string(2 << 20, 'x'));
  house.upstream.scripts = {test::event_stream({large})};
  auto exchange = streamed("one");
  house.serve(exchange);
  CHECK(exchange.status == 502);
  CHECK(exchange.received.contains("larger than 1048576 bytes (caps.sse_event)"));
}

TEST_CASE("a stream that outlasts the time for the whole exchange says so to the client and in the log") {
  auto plan = models();
  plan.with([](model::Plan& made) { made.timeouts.whole = 5s; });
  test::House house(plan);
  test::Script slow = test::event_stream({piece("he"), piece("llo"), stop, usage, done});
  slow.pause_body = true;
  slow.pause_before = 1;
  house.upstream.scripts = {slow};
  auto exchange = streamed("chat");
  house.begin(exchange);
  house.pass(6s);
  const auto& outcome = house.end();
  CHECK(exchange.received.starts_with(piece("he")));
  CHECK(exchange.received.contains("\"code\":\"timeout\""));
  CHECK_FALSE(exchange.received.contains("llo"));
  CHECK(exchange.aborted);
  CHECK(outcome.end == End::cut);
  CHECK(outcome.reason == "timeout");
  CHECK(outcome.attempts == std::vector<std::string>{"openai/gpt-5-mini cancelled"});
}

TEST_CASE("a reply that holds a key of the house goes to nobody") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(fmt::format(R"({{"choices":[],"x":"{}"}})", openai_key))};
  auto plain = call_of("one");
  CHECK(house.serve(plain).reason == "secret_blocked");
  CHECK(plain.status == 502);
  CHECK_FALSE(plain.received.contains(openai_key));

  house.upstream.scripts = {test::event_stream({piece("a"), piece(spare_key), stop, done})};
  auto stream = streamed("one");
  CHECK(house.serve(stream).end == End::cut);
  CHECK_FALSE(stream.received.contains(spare_key));
  CHECK(stream.aborted);

  auto header = test::json_reply(std::string(answer));
  header.headers.emplace_back("x-ratelimit-key", std::string(openai_key));
  house.upstream.scripts = {header};
  auto third = call_of("one");
  house.serve(third);
  CHECK(third.status == 502);
  CHECK(house.state.view().secrets_blocked == 3);
}

TEST_CASE("what holds the request's body is free once no other target can want it") {
  struct Row {
    std::string_view name, model;
    bool stream, pause_head;
  };
  const Row rows[] = {{"the only target has not answered yet", "one", false, true},
                      {"the first of two has begun its stream", "chat", true, false}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    test::House house(models());
    auto script =
        row.stream ? test::event_stream({role + piece("a"), stop + done}) : test::json_reply(std::string(answer));
    script.pause = row.pause_head;
    bool held = true;
    FakeExchange exchange = row.stream ? streamed(row.model) : call_of(row.model);
    if (row.stream) script.before_piece = [&](std::size_t next) { held = next == 0 || exchange.holds_piece(); };
    house.upstream.scripts = {script};
    house.begin(exchange);
    if (!row.stream) held = exchange.holds_piece();
    CHECK_FALSE(held);
    house.upstream.go();
    CHECK(house.end().end == End::done);
    CHECK(house.upstream.asked.at(0)->body.contains("gpt-5-mini"));
    CHECK_FALSE(house.upstream.asked.at(0)->body.contains("#"));
  }
}

TEST_CASE("the next target gets the whole body after the first has failed") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({}), test::event_stream({role + piece("a") + stop + done})};
  FakeExchange exchange = streamed("chat");
  CHECK(house.serve(exchange).end == End::done);
  REQUIRE(house.upstream.asked.size() == 2);
  CHECK_FALSE(house.upstream.asked[1]->body.contains("#"));
  CHECK(house.upstream.asked[1]->body.contains("messages"));
}

TEST_CASE("a body that is needed whole is asked for in one piece, a stream is not") {
  for (const bool stream : {false, true}) {
    CAPTURE(stream);
    test::House house(models());
    house.upstream.scripts = {stream ? test::event_stream({role + piece("a") + stop + done})
                                     : test::json_reply(std::string(answer))};
    FakeExchange exchange = stream ? streamed("one") : call_of("one");
    CHECK(house.serve(exchange).end == End::done);
    CHECK(exchange.gathered == 256 << 10);
    CHECK(house.upstream.asked.at(0)->gathered == (stream ? 0 : 256 << 10));
  }
}
