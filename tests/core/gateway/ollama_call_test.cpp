// Calls of clients that speak Ollama's dialect, whose streams are lines: to providers of other dialects through the
// hub, and to one of their own around it.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/gateway.h"
#include "support/gateway_house.h"
#include "support/openai_answers.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;
using test::openai_hel;
using test::openai_reply;
using test::openai_stop;
using test::openai_tail;
using Json = nlohmann::ordered_json;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints().ollama_endpoints();
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("native", 9300, "", "/api").speaks("ollama");
  plan.model("gpt", {"openai/gpt-5-mini"}).model("own", {"native/qwen3:8b"});
  plan.model("either", {"native/qwen3:8b", "openai/gpt-5-mini"});
  return plan;
}

FakeExchange call_of(std::string_view path, std::string body) {
  FakeExchange exchange("POST", std::string(path));
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  exchange.body(std::move(body));
  return exchange;
}

std::string asking(std::string_view model, std::string_view more = "") {
  return fmt::format(R"({{"model":"{}", "messages":[{{"role":"user","content":"Hello there"}}]{}}})", model, more);
}
constexpr std::string_view plainly = R"(,"stream":false)";

const std::string own_reply =
    R"({"model":"qwen3:8b","created_at":"2023-12-12T14:13:43Z","message":{"role":"assistant","content":"hello"},)"
    R"("done":true,"done_reason":"stop","unheard_of":1,"prompt_eval_count":7,"eval_count":3})";

std::string line(std::string_view text, std::string_view more = R"("done":false)") {
  return fmt::format(R"({{"model":"qwen3:8b","created_at":"2023-12-12T14:13:43.4Z","message":{{"role":"assistant",)"
                     R"("content":"{}"}},{}}})"
                     "\n",
                     text, more);
}
const std::string hel = line("hel"), lo = line("lo");
const std::string last = line("", R"("done":true,"done_reason":"stop","prompt_eval_count":5,"eval_count":2)");
const std::string failed = "{\"error\":\"the runner has stopped\"}\n";

test::Script lines(std::vector<std::string> pieces) {
  test::Script script = test::event_stream(std::move(pieces));
  script.headers = {{"content-type", "application/x-ndjson"}};
  return script;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The values of a stream that was received, one a line, as a client splits them.
std::vector<Json> values_of(std::string_view received) {
  std::vector<Json> values;
  for (const std::string_view one : text::split(received, '\n'))
    if (!one.empty()) values.push_back(Json::parse(one));
  return values;
}

}  // namespace

TEST_CASE("a call of Ollama's to a provider of another dialect goes up and comes back in the other") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply), test::json_reply(openai_reply)};
  auto exchange = call_of("/api/chat", asking("gpt", plainly));
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/chat/completions");
  CHECK(asked.request.headers.find("authorization") == "Bearer sk-key-of-openai-here");
  CHECK(holds(asked.body, R"("model":"gpt-5-mini")"));
  CHECK(exchange.status == 200);
  CHECK(exchange.header_of("content-type") == "application/json");
  CHECK(
      exchange.received ==
      R"({"model":"gpt-5-mini","created_at":"2023-11-14T22:13:20Z","message":{"role":"assistant","content":"hello"},)"
      R"("done":true,"done_reason":"stop","prompt_eval_count":7,"eval_count":3})");
  CHECK(outcome.usage.total() == 10);

  auto prompted = call_of("/api/generate", R"({"model":"gpt","prompt":"Hello there","stream":false})");
  house.serve(prompted);
  CHECK(house.upstream.asked.at(1)->request.target == "/v1/chat/completions");
  CHECK(holds(house.upstream.asked.at(1)->body, R"({"role":"user","content":"Hello there"})"));
  CHECK(holds(prompted.received, R"("response":"hello","done":true)"));
}

TEST_CASE("a provider of Ollama's gets the client's own bytes under its model's name, and its own come back") {
  test::House house(models());
  const std::string prompt_reply = R"({"response":"hello","done":true,"eval_count":3})";
  const std::string vectors = R"({"model":"m","embeddings":[[0.10]],"prompt_eval_count":4})";
  const std::string vector = R"({"embedding":[0.10]})";
  struct Row {
    std::string_view path, body, sent, target, reply;
    std::uint64_t total;
  };
  for (const Row& row :
       {Row{"/api/chat", R"({"stream":false, "model":"own","options":{"num_ctx":9},"messages":[]})",
            R"({"stream":false, "model":"qwen3:8b","options":{"num_ctx":9},"messages":[]})", "/api/chat", own_reply,
            10},
        Row{"/api/generate", R"({"model":"own","prompt":"a","suffix":"b","stream":false})",
            R"({"model":"qwen3:8b","prompt":"a","suffix":"b","stream":false})", "/api/generate", prompt_reply, 3},
        Row{"/api/embed", R"({"model":"own","input":"a"})", R"({"model":"qwen3:8b","input":"a"})", "/api/embed",
            vectors, 4},
        Row{"/api/embeddings", R"({"model":"own","prompt":"a"})", R"({"model":"qwen3:8b","prompt":"a"})",
            "/api/embeddings", vector, 0}}) {
    CAPTURE(row.path);
    house.upstream.scripts = {test::json_reply(std::string(row.reply))};
    auto exchange = call_of(row.path, std::string(row.body));
    const auto& outcome = house.serve(exchange);
    const auto& asked = *house.upstream.asked.back();
    CHECK(asked.body == row.sent);
    CHECK(asked.request.target == row.target);
    CHECK_FALSE(asked.request.headers.has("authorization"));
    CHECK(exchange.received == row.reply);
    CHECK(outcome.usage.total() == row.total);
  }
}

TEST_CASE("clients of other dialects reach a provider of Ollama's, plainly and streamed") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), lines({hel, lo, last})};
  FakeExchange plain("POST", "/v1/chat/completions");
  plain.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  plain.body(R"({"model":"own","messages":[{"role":"user","content":"Hello there"}]})");
  house.serve(plain);
  CHECK(house.upstream.asked.at(0)->request.target == "/api/chat");
  CHECK(house.upstream.asked.at(0)->body ==
        R"({"model":"qwen3:8b","messages":[{"role":"user","content":"Hello there"}],"stream":false})");
  CHECK(holds(plain.received, R"("content":"hello")"));
  CHECK(plain.header_of("x-apigw-loss") == "dropped unheard_of");
  FakeExchange streamed("POST", "/v1/messages");
  streamed.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  streamed.body(
      R"({"model":"own","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hello there"}]})");
  const auto& outcome = house.serve(streamed);
  CHECK(holds(house.upstream.asked.at(1)->body, R"("options":{"num_predict":64},"stream":true)"));
  CHECK(streamed.header_of("content-type") == "text/event-stream");
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.total() == 7);
  CHECK(holds(streamed.received, R"("text":"hel")"));
  CHECK(holds(streamed.received, "message_stop"));
}

TEST_CASE("a stream of lines ends whole, and one that breaks with an error alone, each line a value") {
  struct Row {
    std::string_view name, model;
    test::Script script;
    bool whole;
  };
  for (const Row& row :
       {Row{"whole, translated", "gpt", test::event_stream({openai_hel, openai_stop, openai_tail}), true},
        Row{"whole, of its own", "own", lines({hel, lo, last}), true},
        Row{"whole, the last line without its end", "own", lines({hel, last.substr(0, last.size() - 1)}), true},
        Row{"closed without an end, translated", "gpt", test::event_stream({openai_hel}), false},
        Row{"closed without an end, of its own", "own", lines({hel}), false},
        Row{"closed without a line's end", "own", lines({hel.substr(0, hel.size() - 1)}), false},
        Row{"closed in a line", "own", lines({hel, lo.substr(0, 30)}), false},
        Row{"failed, of its own", "own", lines({hel, failed}), false}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {row.script};
    auto exchange = call_of("/api/chat", asking(row.model));
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == (row.whole ? End::done : End::cut));
    CHECK(exchange.finished == row.whole);
    CHECK(exchange.header_of("content-type") == "application/x-ndjson");
    CHECK(exchange.received.ends_with('\n'));
    const auto values = values_of(exchange.received);
    REQUIRE(values.size() >= 2);
    CHECK(values.front()["message"]["content"] == "hel");
    CHECK(values.back().contains("error") == !row.whole);
    CHECK(values.back().value("done", false) == row.whole);
    CHECK(holds(exchange.received, "the runner has stopped") == row.name.starts_with("failed"));
    CHECK(outcome.usage.partial == !row.whole);
    if (row.whole) CHECK(outcome.usage.total() == 7);
  }
}

TEST_CASE("a stream that fails before it says anything is the next target's, or a status") {
  for (const auto& script : {lines({failed}), lines({}), lines({line("")}), test::json_reply("<html></html>"),
                             test::json_reply("{}", 500)}) {
    test::House house(models());
    house.upstream.scripts = {script, test::event_stream({openai_hel, openai_stop, openai_tail})};
    auto exchange = call_of("/api/chat", asking("either"));
    CHECK(house.serve(exchange).end == End::done);
    CHECK(values_of(exchange.received).back()["done"] == true);
    house.upstream.scripts = {script};
    auto alone = call_of("/api/chat", asking("own"));
    house.serve(alone);
    CHECK(alone.status >= 500);
    CHECK(alone.header_of("content-type") == "application/json");
    CHECK(Json::parse(alone.received)["error"].is_string());
  }
}

TEST_CASE("a plain reply answers a call for a stream of lines, as one that loads a model does") {
  test::House house(models());
  const std::string loaded =
      R"({"model":"qwen3:8b","message":{"role":"assistant","content":""},"done_reason":"load",)"
      R"("done":true})";
  house.upstream.scripts = {test::json_reply(loaded)};
  auto exchange = call_of("/api/chat", R"({"model":"own","messages":[]})");
  CHECK(house.serve(exchange).end == End::done);
  CHECK(exchange.received == loaded + "\n");
}

TEST_CASE("a silent stream of lines is kept alive by a blank before the next value") {
  using namespace std::chrono_literals;
  for (const bool own : {false, true}) {
    test::Script script = own ? lines({hel, lo, last}) : test::event_stream({openai_hel, openai_stop, openai_tail});
    script.pause_body = true;
    for (const std::size_t pieces : {0U, 1U}) {
      CAPTURE(own);
      CAPTURE(pieces);
      test::House house(models());
      script.pause_before = pieces;
      house.upstream.scripts = {script};
      auto exchange = call_of("/api/chat", asking(own ? "own" : "gpt"));
      house.begin(exchange);
      house.pass(16s);
      house.pass(16s);
      CHECK(exchange.received.ends_with("  "));
      CHECK(holds(exchange.received, "hel") == (pieces > 0));
      house.upstream.go();
      house.end();
      // Neither an empty line nor one that is no value.
      for (const std::string_view one : text::split(exchange.received.substr(0, exchange.received.size() - 1), '\n'))
        CHECK(Json::parse(one).is_object());
      CHECK(values_of(exchange.received).back()["done"] == true);
    }
  }
}

TEST_CASE("a stream that breaks after a silence ends in an error on a line of its own") {
  using namespace std::chrono_literals;
  test::House house(models());
  test::Script script = lines({hel});
  script.pause_body = true;
  script.pause_before = 1;
  house.upstream.scripts = {script};
  auto exchange = call_of("/api/chat", asking("own"));
  house.begin(exchange);
  house.pass(16s);
  house.upstream.go();
  house.end();
  CHECK_FALSE(exchange.finished);
  CHECK(values_of(exchange.received).back()["error"].is_string());
}

TEST_CASE("Ollama's clients list models, are shown one, and told a version") {
  test::House house(models());
  FakeExchange list("GET", "/api/tags");
  list.header("authorization", "Bearer sk-client");
  house.serve(list);
  const Json tags = Json::parse(list.received);
  REQUIRE(tags["models"].size() == 3);
  CHECK(tags["models"][1]["name"] == "gpt");
  CHECK(tags["models"][1]["model"] == "gpt");
  for (const std::string_view body : {R"({"model":"gpt"})", R"({"name":"gpt","verbose":true})"}) {
    auto shown = call_of("/api/show", std::string(body));
    house.serve(shown);
    CHECK(shown.status == 200);
    CHECK(holds(shown.received, R"("capabilities":["completion")"));
  }
  auto none = call_of("/api/show", R"({"model":"gtp"})");
  house.serve(none);
  CHECK(none.status == 404);
  CHECK(holds(Json::parse(none.received)["error"].get<std::string>(), "did you mean 'gpt'"));
  auto unnamed = call_of("/api/show", "{}");
  house.serve(unnamed);
  CHECK(unnamed.status == 400);
  FakeExchange version("GET", "/api/version");
  version.header("authorization", "Bearer sk-client");
  house.serve(version);
  CHECK(Json::parse(version.received)["version"].is_string());
}

TEST_CASE("an unknown path below /api/ is Ollama's error, unless the config has a route there") {
  for (const bool shared : {false, true}) {
    CAPTURE(shared);
    test::PlanBuilder plan = models();
    if (shared) plan.service("orders", 9400).route("GET /api/orders", "orders");
    test::House house(plan);
    auto exchange = call_of("/api/pull", R"({"model":"x"})");
    house.serve(exchange);
    CHECK(exchange.status == 404);
    CHECK(exchange.header_of("content-type") == (shared ? "application/problem+json" : "application/json"));
    CHECK(Json::parse(exchange.received).contains("error") == !shared);
  }
}
