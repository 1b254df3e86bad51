// Calls to a provider that has OpenAI's dialect at Azure's addresses.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

constexpr std::string_view version = "?api-version=2024-10-21";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints().endpoint("POST /v1/completions", "openai-completions", "chat");
  plan.provider("azure", 9200, "key-of-azure-here", "").speaks("azure-openai");
  return plan.model("gpt", {"azure/gpt-5-mini eu"});
}

FakeExchange call_of(std::string_view path, std::string_view body) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  return std::move(exchange.body(std::string(body)));
}

const std::string reply =
    R"({"id":"c1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","prompt_filter_results":[],)"
    R"("choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop",)"
    R"("content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}],)"
    R"("usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";

}  // namespace

TEST_CASE("an OpenAI call goes to the deployment as it came, with the key in Azure's header") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(reply)};
  auto exchange = call_of("/v1/chat/completions", R"({"model":"gpt","messages":[{"role":"user","content":"x"}]})");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == fmt::format("/openai/deployments/gpt-5-mini%20eu/chat/completions{}", version));
  CHECK(asked.request.headers.find("api-key") == "key-of-azure-here");
  CHECK_FALSE(asked.request.headers.has("authorization"));
  CHECK(asked.body == R"({"model":"gpt-5-mini eu","messages":[{"role":"user","content":"x"}]})");
  CHECK(exchange.status == 200);
  CHECK(exchange.received == reply);
  CHECK(exchange.header_of("x-apigw-loss").empty());
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("a stream that begins with what Azure found in the prompt is told as it comes") {
  const auto frame = [](std::string_view more) {
    return fmt::format(
        "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",{}}}\n\n", more);
  };
  const std::string found = frame(R"("choices":[],"prompt_filter_results":[{"prompt_index":0}])"),
                    word = frame(R"("choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}])"),
                    end = frame(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"),
                    usage =
                        frame(R"("choices":[],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5})");
  test::House house(models());
  house.upstream.scripts = {test::event_stream({found, word, end, usage, "data: [DONE]\n\n"})};
  auto exchange =
      call_of("/v1/chat/completions", R"({"model":"gpt","stream":true,"messages":[{"role":"user","content":"x"}]})");
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.received == found + word + end + "data: [DONE]\n\n");
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.total() == 5);
}

TEST_CASE("clients of other dialects, and of OpenAI's older one, reach a deployment through the hub") {
  for (const auto& [path, body] :
       {std::pair("/v1/messages", R"({"model":"gpt","max_tokens":9,"messages":[{"role":"user","content":"x"}]})"),
        std::pair("/v1/completions", R"({"model":"gpt","max_tokens":9,"prompt":"x"})")}) {
    CAPTURE(path);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(reply)};
    auto exchange = call_of(path, body);
    house.serve(exchange);
    const auto& asked = *house.upstream.asked.at(0);
    CHECK(asked.request.target == fmt::format("/openai/deployments/gpt-5-mini%20eu/chat/completions{}", version));
    CHECK(asked.body ==
          R"({"model":"gpt-5-mini eu","messages":[{"role":"user","content":"x"}],"max_completion_tokens":9})");
    CHECK(exchange.status == 200);
    CHECK(exchange.received.contains("hello"));
  }
}

TEST_CASE("vectors are asked of the deployment too") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"model":"e","usage":{"prompt_tokens":1,"total_tokens":1}})")};
  auto exchange = call_of("/v1/embeddings", R"({"model":"gpt","input":"x"})");
  house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->request.target ==
        fmt::format("/openai/deployments/gpt-5-mini%20eu/embeddings{}", version));
  CHECK(exchange.status == 200);
}

TEST_CASE("no name of a model makes another path of a deployment's") {
  auto plan = models();
  plan.model("*", {"azure/"});
  for (const std::string_view name : {".", "..", "a/../b", "%2e%2e", "..\\..", "...", "?x"}) {
    CAPTURE(name);
    test::House house(plan);
    house.upstream.scripts = {test::json_reply(reply)};
    auto exchange =
        call_of("/v1/chat/completions",
                fmt::format(R"({{"model":{},"messages":[{{"role":"user","content":"x"}}]}})", json::quote(name)));
    house.serve(exchange);
    const bool dots = name == "." || name == "..";
    CHECK(exchange.status == (dots ? 400 : 200));
    REQUIRE(house.upstream.asked.size() == (dots ? 0 : 1));
    if (dots) continue;
    const std::string& target = house.upstream.asked[0]->request.target;
    CHECK(std::ranges::count(target, '/') == 5);
    CHECK(std::ranges::count(target, '?') == 1);
  }
}
