// Calls of OpenAI's older completions: as they came where OpenAI's dialect is spoken, through the hub elsewhere.
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
  plan.endpoint("POST /v1/completions", "openai-completions", "chat").openai_endpoints();
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.provider("base", 9300).speaks("openai-completions");
  plan.model("instruct", {"openai/gpt-3.5-turbo-instruct"}).model("claude", {"anthropic/claude-haiku-4-5"});
  return plan.model("code", {"base/starcoder"});
}

FakeExchange call_of(std::string_view body, std::string_view path = "/v1/completions") {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  return std::move(exchange.body(std::string(body)));
}

const std::string reply =
    R"({"id":"cmpl-1","object":"text_completion","created":1700000000,"model":"m","choices":[{"text":" a gateway","index":0,)"
    R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}})";

std::string chunk(std::string_view choices, std::string_view more = "") {
  return fmt::format(
      "data: "
      "{{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[{}]{}}}\n\n",
      choices, more);
}

}  // namespace

TEST_CASE("a provider of OpenAI's dialect gets the call as it came, at its own address") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(reply)};
  auto exchange = call_of(R"({"model":"instruct","prompt":["one","two"],"suffix":"end","echo":true,"max_tokens":9})");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/completions");
  CHECK(asked.request.headers.find("authorization") == "Bearer sk-key-of-openai-here");
  CHECK(asked.body ==
        R"({"model":"gpt-3.5-turbo-instruct","prompt":["one","two"],"suffix":"end","echo":true,"max_tokens":9})");
  CHECK(exchange.received == reply);
  CHECK(exchange.header_of("x-apigw-loss").empty());
  CHECK(outcome.usage.prompt() == 4);
  CHECK(outcome.usage.answer() == 2);
}

TEST_CASE("the usage of a stream is asked for, and swallowed where the client did not ask") {
  const std::string text = chunk(R"({"text":" a","index":0,"logprobs":null,"finish_reason":null})"),
                    end = chunk(R"({"text":"","index":0,"logprobs":null,"finish_reason":"stop"})"),
                    usage = chunk("", R"(,"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5})");
  for (const bool asks : {true, false}) {
    CAPTURE(asks);
    test::House house(models());
    house.upstream.scripts = {test::event_stream({text, end, usage, "data: [DONE]\n\n"})};
    auto exchange = call_of(fmt::format(R"({{"model":"instruct","prompt":"x","stream":true{}}})",
                                        asks ? R"(,"stream_options":{"include_usage":true})" : ""));
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->body.contains(R"("stream_options":{"include_usage":true})"));
    CHECK(exchange.received == text + end + (asks ? usage : "") + "data: [DONE]\n\n");
    CHECK(outcome.end == End::done);
    CHECK(outcome.usage.total() == 5);
  }
}

TEST_CASE("a provider of another dialect is asked for a chat of one turn, and its words come back as a text") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(
      R"({"id":"m1","type":"message","role":"assistant","model":"claude-haiku-4-5","content":[{"type":"text","text":"hello"}],)"
      R"("stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}})")};
  auto exchange = call_of(R"({"model":"claude","prompt":"Say hello","echo":true})");
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->request.target == "/v1/messages");
  CHECK(house.upstream.asked.at(0)->body ==
        R"({"model":"claude-haiku-4-5","max_tokens":16,"messages":[{"role":"user","content":"Say hello"}]})");
  CHECK(exchange.status == 200);
  CHECK(exchange.received.contains(R"("object":"text_completion")"));
  CHECK(exchange.received.contains(R"({"text":"hello","index":0,"logprobs":null,"finish_reason":"length",)"));
  CHECK(exchange.header_of("x-apigw-loss") == "dropped echo");
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("several prompts are a 400 where they would be several calls") {
  test::House house(models());
  auto exchange = call_of(R"({"model":"claude","prompt":["one","two"]})");
  house.serve(exchange);
  CHECK(exchange.status == 400);
  CHECK(
      exchange.received.contains("'prompt' must be one text for a provider of another dialect; make a call of each"));
  CHECK(house.upstream.asked.empty());
}

TEST_CASE("a chat goes to a provider of completions as one text") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(reply)};
  auto exchange = call_of(
      R"({"model":"code","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]})",
      "/v1/chat/completions");
  house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->request.target == "/v1/completions");
  CHECK(house.upstream.asked.at(0)->body ==
        R"({"model":"starcoder","prompt":"Be brief.\n\nUser: Hi\n\nAssistant:","max_tokens":1024})");
  CHECK(exchange.received.contains(R"("content":" a gateway")"));
  CHECK(exchange.header_of("x-apigw-loss") == "changed messages");
}
