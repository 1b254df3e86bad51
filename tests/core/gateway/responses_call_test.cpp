// Calls of clients that speak OpenAI's Responses: to providers of other dialects through the hub, and to one of their
// own around it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"
#include "support/openai_answers.h"

using namespace apigw;
using gateway::End;
using test::chunk;
using test::FakeExchange;
using test::openai_reply;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints().responses_endpoint();
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.provider("native", 9300, "sk-key-of-native-here").speaks("openai-responses");
  plan.model("gpt", {"openai/gpt-5-mini"}).model("claude", {"anthropic/claude-sonnet-4-5"});
  plan.model("own", {"native/gpt-5-mini"}).model("other-first", {"openai/gpt-5-mini", "native/gpt-5-mini"});
  return plan;
}

FakeExchange call_of(std::string_view model, std::string_view more = "", std::string_view path = "/v1/responses") {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  exchange.body(fmt::format(R"({{"model":"{}","input":"Hello there"{}}})", model, more));
  return exchange;
}

const std::string anthropic_reply =
    R"({"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text",)"
    R"("text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}})";
const std::string own_reply =
    R"({ "id":"resp_1","object":"response","status":"completed","model":"gpt-5-mini","output":[{"type":"message",)"
    R"("id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"hello","annotations":[]}]}],)"
    R"("unheard_of":1,"usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10}})";

const std::string role = chunk(R"({"role":"assistant","content":""})"), hel = chunk(R"({"content":"hel"})"),
                  stop = chunk("{}", R"("stop")");
const std::string tail =
    "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: "
    "[DONE]\n\n";

std::string event(std::string_view type, std::string_view more) {
  return fmt::format("event: {}\ndata: {{\"type\":\"{}\"{}}}\n\n", type, type, more);
}
const std::string created =
    event("response.created", R"(,"response":{"id":"resp_1","status":"in_progress","model":"m","output":[]})");
const std::string said = event("response.output_text.delta", R"(,"output_index":0,"content_index":0,"delta":"hel")");
const std::string completed =
    event("response.completed", R"(,"response":{"id":"resp_1","status":"completed","model":"m","output":[],"usage":)"
                                R"({"input_tokens":5,"output_tokens":2,"total_tokens":7}})");
const std::string failed = event("response.failed", R"(,"response":{"id":"resp_1","status":"failed","error":)"
                                                    R"({"code":"server_error","message":"The model broke"}})");

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a Responses call to an OpenAI provider goes up and comes back in the other dialect") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply)};
  auto exchange = call_of("gpt", R"(,"instructions":"Be short.","max_tool_calls":2)");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/chat/completions");
  CHECK(asked.request.headers.find("authorization") == "Bearer sk-key-of-openai-here");
  CHECK(holds(asked.body, R"({"role":"system","content":"Be short."})"));
  CHECK(holds(asked.body, R"({"role":"user","content":"Hello there"})"));
  CHECK(exchange.status == 200);
  CHECK(holds(exchange.received, R"("object":"response")"));
  CHECK(holds(exchange.received, R"("text":"hello")"));
  CHECK(exchange.header_of("x-apigw-model") == "gpt");
  CHECK(exchange.header_of("x-apigw-loss") == "dropped max_tool_calls");
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("a Responses call to an Anthropic provider goes up and comes back in the other dialect") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(anthropic_reply)};
  auto exchange = call_of("claude", R"(,"max_output_tokens":64)");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/messages");
  CHECK(holds(asked.body, R"("max_tokens":64)"));
  CHECK(holds(exchange.received, R"("status":"completed")"));
  CHECK(holds(exchange.received, R"("text":"hello")"));
  CHECK(exchange.header_of("x-apigw-loss").empty());
  CHECK(outcome.usage.input == 7);
}

TEST_CASE("a provider of Responses gets the client's own bytes and its own come back") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply)};
  auto exchange = call_of("own", R"(, "tools":[{"type":"web_search"}],"previous_response_id":"resp_0")");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/responses");
  CHECK(asked.body == R"({"model":"gpt-5-mini","input":"Hello there", "tools":[{"type":"web_search"}],)"
                      R"("previous_response_id":"resp_0"})");
  CHECK(exchange.received == own_reply);
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("clients of other dialects reach a provider of Responses, plainly and streamed") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), test::event_stream({created, said, completed})};
  FakeExchange plain("POST", "/v1/chat/completions");
  plain.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  plain.body(R"({"model":"own","messages":[{"role":"user","content":"Hello there"}]})");
  house.serve(plain);
  CHECK(house.upstream.asked.at(0)->request.target == "/v1/responses");
  CHECK(holds(house.upstream.asked.at(0)->body, R"("store":false)"));
  CHECK(holds(plain.received, R"("content":"hello")"));
  FakeExchange streamed("POST", "/v1/messages");
  streamed.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  streamed.body(
      R"({"model":"own","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hello there"}]})");
  const auto& outcome = house.serve(streamed);
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.total() == 7);
  CHECK(holds(streamed.received, R"("text":"hel")"));
  CHECK(holds(streamed.received, "message_stop"));
}

TEST_CASE("a call that goes on from a stored response reaches a provider of Responses alone") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply)};
  constexpr std::string_view stored = R"(,"previous_response_id":"resp_0")";
  auto pinned = call_of("other-first", stored);
  const auto& outcome = house.serve(pinned);
  CHECK(pinned.status == 200);
  CHECK(outcome.attempts.back() == "native/gpt-5-mini 200");
  CHECK(house.upstream.asked.size() == 1);
  for (const std::string_view model : {"gpt", "claude"}) {
    CAPTURE(model);
    auto refused = call_of(model, stored);
    house.serve(refused);
    CHECK(refused.status == 400);
    CHECK(holds(refused.received, R"({"error":{"message":"'previous_response_id' )"));
    CHECK(holds(refused.received, R"("type":"invalid_request_error")"));
  }
  CHECK(house.upstream.asked.size() == 1);
}

TEST_CASE("a stream to a client of Responses ends whole, and one that breaks with an error alone") {
  struct Row {
    std::string_view name, model;
    std::vector<std::string> frames;
    bool whole;
  };
  for (const Row& row : {Row{"whole, translated", "gpt", {role, hel, stop, tail}, true},
                         Row{"whole, of its own", "own", {created, said, completed}, true},
                         Row{"closed without an end, translated", "gpt", {role, hel}, false},
                         Row{"closed without an end, of its own", "own", {created, said}, false},
                         Row{"failed, of its own", "own", {created, said, failed}, false}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.frames)};
    auto exchange = call_of(row.model, R"(,"stream":true)");
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == (row.whole ? End::done : End::cut));
    CHECK(exchange.finished == row.whole);
    CHECK(holds(exchange.received, "event: response.created\n"));
    CHECK(holds(exchange.received, R"("delta":"hel")"));
    CHECK(holds(exchange.received, "event: response.completed\n") == row.whole);
    CHECK(holds(exchange.received, "event: error\n") == !row.whole);
    CHECK(holds(exchange.received, "The model broke") == (row.name.starts_with("failed")));
    CHECK(outcome.usage.partial == !row.whole);
    if (row.whole) CHECK(outcome.usage.total() == 7);
  }
}

TEST_CASE("a stream that a provider of Responses fails before its first words is tried elsewhere") {
  test::PlanBuilder plan = models();
  plan.model("twice", {"native/gpt-5-mini", "openai/gpt-5-mini"});
  test::House house(plan);
  house.upstream.scripts = {test::event_stream({created, failed}), test::event_stream({role, hel, stop, tail})};
  auto exchange = call_of("twice", R"(,"stream":true)");
  const auto& outcome = house.serve(exchange);
  CHECK(outcome.end == End::done);
  CHECK(outcome.attempts.size() == 2);
  CHECK(holds(exchange.received, "event: response.completed\n"));
  CHECK_FALSE(holds(exchange.received, "The model broke"));
}
