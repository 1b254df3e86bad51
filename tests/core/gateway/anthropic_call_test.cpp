// Calls of Anthropic clients to Anthropic providers: bytes through, the dialect's own headers, its errors.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.endpoint("POST /v1/messages", "anthropic", "chat")
      .endpoint("POST /v1/messages/count_tokens", "anthropic", "count_tokens")
      .provider("anthropic", 9100, "sk-ant-provider-key")
      .with([](model::Plan& made) { made.providers.back().dialect = "anthropic"; })
      .provider("openai", 9200, "sk-provider-key");
  plan.model("chat", {"anthropic/claude"}).model("other", {"openai/gpt"});
  return plan;
}

FakeExchange call_of(std::string_view body, std::string_view path = "/v1/messages") {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("x-api-key", "sk-client");
  exchange.body(std::string(body));
  return exchange;
}

constexpr std::string_view answer =
    R"({"type":"message","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":7,"output_tokens":3}})";

}  // namespace

TEST_CASE("an Anthropic call goes on with the dialect's headers, its allowed flags and the provider's key") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(std::string(answer))};
  auto exchange = call_of(R"({"model":"chat", "max_tokens":5,"new":1.0})");
  exchange.header("anthropic-beta", "interleaved-thinking-2025-05-14,mcp-client-2025-04-04");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/messages");
  CHECK(asked.body == R"({"model":"claude", "max_tokens":5,"new":1.0})");
  CHECK(asked.request.headers.find("x-api-key") == "sk-ant-provider-key");
  CHECK(asked.request.headers.count("x-api-key") == 1);
  CHECK(asked.request.headers.find("anthropic-version") == "2023-06-01");
  CHECK(asked.request.headers.find("anthropic-beta") == "interleaved-thinking-2025-05-14");
  CHECK(exchange.received == answer);
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.input == 7);
  CHECK(outcome.usage.output == 3);
}

TEST_CASE("a client's own anthropic-version stays, and counting tokens is a call of its own") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(R"({"input_tokens":9})")};
  auto exchange = call_of(R"({"model":"chat"})", "/v1/messages/count_tokens");
  exchange.header("anthropic-version", "2024-01-01");
  house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/messages/count_tokens");
  CHECK(asked.request.headers.find("anthropic-version") == "2024-01-01");
  CHECK(!asked.request.headers.has("anthropic-beta"));
  CHECK(exchange.received == R"({"input_tokens":9})");
}

TEST_CASE("an Anthropic stream passes whole, and one that breaks ends in the dialect's error") {
  const std::string start =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":"
      "{\"input_tokens\":4,\"output_tokens\":1}}}\n\n";
  const std::string text =
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
      "\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n";
  const std::string end =
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
      "\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n"
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  test::House house(models());
  house.upstream.scripts = {test::event_stream({start, text, end}), test::event_stream({start, text})};
  auto whole = call_of(R"({"model":"chat","stream":true})");
  CHECK(house.serve(whole).usage.output == 2);
  CHECK(whole.received == start + text + end);
  auto cut = call_of(R"({"model":"chat","stream":true})");
  CHECK(house.serve(cut).end == End::cut);
  CHECK(cut.received.starts_with(start + text + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"));
}

TEST_CASE("a refusal on an Anthropic path has the dialect's shape and carries the request's id") {
  test::House house(models());
  auto exchange = call_of(R"({"model":"nothing"})");
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.status == 404);
  CHECK(exchange.received.starts_with(R"({"type":"error","error":{"type":"not_found_error","message":)"));
  CHECK(exchange.received.ends_with(fmt::format(R"("request_id":"{}"}})", outcome.request_id)));
}
