// Calls of clients that speak Cohere's dialect: to providers of other dialects through the hub, and to one of their
// own around it; and which of a list of texts answer a question, at providers of either dialect that has it.
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
  plan.openai_endpoints().anthropic_endpoints().cohere_endpoints().endpoint("POST /v1/rerank", "openai", "rerank");
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("cohere", 9300, "key-of-cohere-here", "").speaks("cohere");
  plan.provider("anthropic", 9100).speaks("anthropic");
  plan.model("gpt", {"openai/gpt-5-mini"}).model("own", {"cohere/command-a-03-2025"});
  plan.model("either", {"cohere/command-a-03-2025", "openai/gpt-5-mini"});
  return plan.model("claude", {"anthropic/claude-haiku-4-5"});
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
constexpr std::string_view streamed = R"(,"stream":true)";

const std::string own_reply =
    R"({"id":"c1","message":{"role":"assistant","content":[{"type":"text","text":"hello"}]},"finish_reason":"COMPLETE",)"
    R"("unheard_of":1,"usage":{"billed_units":{"input_tokens":7,"output_tokens":3},)"
    R"("tokens":{"input_tokens":80,"output_tokens":3}}})";

std::string event(std::string_view type, std::string_view members) {
  return fmt::format("event: {0}\ndata: {{\"type\":\"{0}\"{1}}}\n\n", type, members);
}
const std::string begin = event("message-start", R"(,"id":"s1","delta":{"message":{"role":"assistant"}})");
const std::string hel =
    event("content-start", R"(,"index":0,"delta":{"message":{"content":{"type":"text","text":""}}})") +
    event("content-delta", R"(,"index":0,"delta":{"message":{"content":{"text":"hel"}}})");
const std::string last =
    event("content-end", R"(,"index":0)") +
    event("message-end", R"(,"delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,)"
                         R"("output_tokens":2}}})");
const std::string done = "data: [DONE]\n\n";
const std::string failed =
    event("message-end", R"(,"delta":{"finish_reason":"ERROR","error":"the model could not go on"})");

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Of the last event but the end mark.
Json end_of(std::string_view received) {
  if (received.ends_with(done)) received.remove_suffix(done.size());
  const auto at = received.rfind("data: ");
  REQUIRE(at != std::string_view::npos);
  return Json::parse(received.substr(at + 6));
}

const std::string question = R"("query":"when?","documents":["a","b"],"top_n":1})";
const std::string ranked_by_cohere =
    R"({"id":"r1","results":[{"index":1,"relevance_score":0.9}],"meta":{"billed_units":{"search_units":1}}})";
const std::string ranked_by_vllm =
    R"({"id":"r1","model":"bge","usage":{"total_tokens":9},"results":[{"index":1,"document":{"text":"b"},)"
    R"("relevance_score":0.9}]})";

}  // namespace

TEST_CASE("a call of Cohere's to a provider of another dialect goes up and comes back in the other") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply)};
  auto exchange = call_of("/v2/chat", asking("gpt"));
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/chat/completions");
  CHECK(asked.request.headers.find("authorization") == "Bearer sk-key-of-openai-here");
  CHECK(holds(asked.body, R"("model":"gpt-5-mini")"));
  CHECK(exchange.status == 200);
  CHECK(exchange.received ==
        R"({"id":"c1","message":{"role":"assistant","content":[{"type":"text","text":"hello"}]},)"
        R"("finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":7,"output_tokens":3},)"
        R"("tokens":{"input_tokens":7,"output_tokens":3}}})");
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("a provider of Cohere's gets the client's own bytes under its model's name, and its own come back") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), test::event_stream({begin, hel, last, done})};
  auto plain = call_of("/v2/chat", R"({"model":"own", "safety_mode":"STRICT","messages":[]})");
  const auto& outcome = house.serve(plain);
  CHECK(house.upstream.asked.at(0)->body == R"({"model":"command-a-03-2025", "safety_mode":"STRICT","messages":[]})");
  CHECK(house.upstream.asked.at(0)->request.target == "/v2/chat");
  CHECK(house.upstream.asked.at(0)->request.headers.find("authorization") == "Bearer key-of-cohere-here");
  CHECK(plain.received == own_reply);
  CHECK(outcome.usage.total() == 10);
  auto stream = call_of("/v2/chat", asking("own", streamed));
  CHECK(house.serve(stream).usage.total() == 7);
  CHECK(stream.received == begin + hel + last + done);
}

TEST_CASE("clients of other dialects reach a provider of Cohere's, plainly and streamed, and are told its model") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), test::event_stream({begin, hel, last, done})};
  auto plain =
      call_of("/v1/chat/completions", R"({"model":"own","messages":[{"role":"user","content":"Hello there"}]})");
  house.serve(plain);
  CHECK(house.upstream.asked.at(0)->request.target == "/v2/chat");
  CHECK(house.upstream.asked.at(0)->body ==
        R"({"model":"command-a-03-2025","messages":[{"role":"user","content":"Hello there"}],"stream":false})");
  CHECK(Json::parse(plain.received)["choices"][0]["message"]["content"] == "hello");
  CHECK(Json::parse(plain.received)["model"] == "command-a-03-2025");
  CHECK(Json::parse(plain.received)["usage"]["prompt_tokens"] == 7);
  CHECK(plain.header_of("x-apigw-loss") == "dropped unheard_of");
  auto stream = call_of(
      "/v1/messages",
      R"({"model":"own","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hello there"}]})");
  const auto& outcome = house.serve(stream);
  CHECK(holds(house.upstream.asked.at(1)->body, R"("max_tokens":64,"stream":true)"));
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.total() == 7);
  CHECK(holds(stream.received, R"("model":"command-a-03-2025")"));
  CHECK(holds(stream.received, R"("text":"hel")"));
  CHECK(holds(stream.received, "message_stop"));
}

TEST_CASE("a stream of Cohere's ends whole, and one that breaks with an event that says the error") {
  struct Row {
    std::string_view name, model;
    test::Script script;
    bool whole;
  };
  for (const Row& row :
       {Row{"whole, translated", "gpt", test::event_stream({openai_hel, openai_stop, openai_tail}), true},
        Row{"whole, of its own", "own", test::event_stream({begin, hel, last, done}), true},
        Row{"whole, without the mark", "own", test::event_stream({begin, hel, last}), true},
        Row{"closed without an end, translated", "gpt", test::event_stream({openai_hel}), false},
        Row{"closed without an end, of its own", "own", test::event_stream({begin, hel}), false},
        Row{"failed, of its own", "own", test::event_stream({begin, hel, failed}), false}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {row.script};
    auto exchange = call_of("/v2/chat", asking(row.model, streamed));
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == (row.whole ? End::done : End::cut));
    CHECK(exchange.finished == row.whole);
    CHECK(exchange.received.ends_with(done) == row.whole);
    const Json end = end_of(exchange.received);
    CHECK(end["type"] == "message-end");
    CHECK(end["delta"]["finish_reason"] == (row.whole ? "COMPLETE" : "ERROR"));
    CHECK(holds(exchange.received, "the model could not go on") == row.name.starts_with("failed"));
    CHECK(outcome.usage.partial == !row.whole);
    if (row.whole) CHECK(outcome.usage.total() == 7);
  }
}

TEST_CASE("a stream that fails before it says anything is the next target's, or a status") {
  for (const auto& script :
       {test::event_stream({failed}), test::event_stream({}), test::event_stream({begin}), test::event_stream({done}),
        test::json_reply("<html></html>"), test::json_reply(R"({"message":"no"})", 500)}) {
    test::House house(models());
    house.upstream.scripts = {script, test::event_stream({openai_hel, openai_stop, openai_tail})};
    auto exchange = call_of("/v2/chat", asking("either", streamed));
    CHECK(house.serve(exchange).end == End::done);
    CHECK(end_of(exchange.received)["delta"]["finish_reason"] == "COMPLETE");
    house.upstream.scripts = {script};
    auto alone = call_of("/v2/chat", asking("own", streamed));
    house.serve(alone);
    CHECK(alone.status >= 500);
    CHECK(alone.header_of("content-type") == "application/json");
    CHECK(Json::parse(alone.received)["message"].is_string());
  }
}

TEST_CASE("what a provider of Cohere's says of a client's mistake comes back, what it says of our key does not") {
  for (const int status : {400, 401, 498}) {
    CAPTURE(status);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(R"({"id":"e","message":"what it says"})", status)};
    auto exchange = call_of("/v2/chat", asking("own"));
    house.serve(exchange);
    CHECK(exchange.status == (status == 400 ? 400 : 502));
    CHECK(holds(exchange.received, "what it says") == (status == 400));
  }
}

TEST_CASE("Cohere's clients list models at the path that OpenAI's have too") {
  test::House house(models());
  for (const bool own : {false, true}) {
    CAPTURE(own);
    FakeExchange list("GET", "/v1/models"), one("GET", "/v1/models/gpt"), none("GET", "/v1/models/gtp");
    for (FakeExchange* exchange : {&list, &one, &none}) {
      exchange->header("authorization", "Bearer sk-client");
      if (own) exchange->header("x-fern-sdk-name", "cohere");
      house.serve(*exchange);
    }
    const Json listed = Json::parse(list.received);
    REQUIRE(listed[own ? "models" : "data"].size() == 4);
    CHECK(listed[own ? "models" : "data"][0][own ? "name" : "id"] == "claude");
    CHECK(Json::parse(one.received)[own ? "name" : "id"] == "gpt");
    CHECK(none.status == 404);
    CHECK(Json::parse(none.received).contains(own ? "message" : "error"));
  }
}

TEST_CASE("which texts answer a question goes as it came to a provider of either dialect, and comes back as it is") {
  struct Row {
    std::string_view path, model, name, target;
    const std::string* reply;
    std::uint64_t tokens;  // 0: none are known
  };
  for (const Row& row : {Row{"/v2/rerank", "own", "command-a-03-2025", "/v2/rerank", &ranked_by_cohere, 0},
                         Row{"/v1/rerank", "own", "command-a-03-2025", "/v2/rerank", &ranked_by_cohere, 0},
                         Row{"/v2/rerank", "gpt", "gpt-5-mini", "/v1/rerank", &ranked_by_vllm, 9},
                         Row{"/v1/rerank", "gpt", "gpt-5-mini", "/v1/rerank", &ranked_by_vllm, 9}}) {
    CAPTURE(row.path);
    CAPTURE(row.model);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(*row.reply)};
    auto exchange = call_of(row.path, fmt::format(R"({{"model":"{}", {})", row.model, question));
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->request.target == row.target);
    CHECK(house.upstream.asked.at(0)->body == fmt::format(R"({{"model":"{}", {})", row.name, question));
    CHECK(exchange.status == 200);
    CHECK(exchange.received == *row.reply);
    CHECK(outcome.usage.known == (row.tokens != 0));
    CHECK(outcome.usage.total() == row.tokens);
  }
}

TEST_CASE("what cannot be ranked is said in the words of the client's dialect") {
  struct Row {
    std::string_view path, body;
    int status;
    std::string_view says;
  };
  for (const Row& row :
       {Row{"/v2/rerank", R"({"query":"a"})", 400, R"({"id":)"},
        Row{"/v1/rerank", R"({"query":"a"})", 400, R"({"error":{"message":"'model' must)"},
        Row{"/v2/rerank", R"({"model":"claude","query":"a"})", 501, "does not offer rerank"},
        Row{"/v1/rerank", R"({"model":"own","stream":true})", 400, "'stream' is not served for rerank"}}) {
    CAPTURE(row.body);
    test::House house(models());
    auto exchange = call_of(row.path, std::string(row.body));
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(holds(exchange.received, row.says));
    CHECK(house.upstream.asked.empty());
  }
  for (const std::string_view path : {"/v1/rerank", "/v2/rerank"}) {
    test::House house(models());
    house.upstream.scripts = {test::json_reply(R"({"message":"query must not be empty"})", 400)};
    auto exchange = call_of(path, R"({"model":"own","query":""})");
    house.serve(exchange);
    CHECK(exchange.status == 400);
    const Json said = Json::parse(exchange.received);
    CHECK((path == "/v2/rerank" ? said : said["error"])["message"] == "query must not be empty");
    house.upstream.scripts = {test::json_reply(own_reply)};
    auto other = call_of(path, R"({"model":"own","query":"a"})");
    house.serve(other);
    CHECK(other.status == 502);
  }
}

TEST_CASE("an unknown path below /v2/ is Cohere's error, unless the config has a route there") {
  for (const bool shared : {false, true}) {
    CAPTURE(shared);
    test::PlanBuilder plan = models();
    if (shared) plan.service("orders", 9400).route("GET /v2/orders", "orders");
    test::House house(plan);
    auto exchange = call_of("/v2/classify", R"({"model":"x"})");
    house.serve(exchange);
    CHECK(exchange.status == 404);
    CHECK(exchange.header_of("content-type") == (shared ? "application/problem+json" : "application/json"));
    CHECK(Json::parse(exchange.received).contains("message") == !shared);
  }
}
