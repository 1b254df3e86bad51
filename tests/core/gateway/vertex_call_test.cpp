// Calls to Vertex AI: two dialects at Google's addresses, for an access token that somebody else fetches.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"
#include "support/service_account.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

constexpr std::string_view base = "/v1/projects/shop/locations/global";

test::PlanBuilder models(const std::string& key) {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints().gemini_endpoints();
  plan.provider("gemini", 9200, key, std::string(base)).speaks("vertex-gemini");
  plan.provider("claude", 9201, key, std::string(base)).speaks("vertex-anthropic");
  plan.provider("next", 9202, "key-of-the-next-one");
  plan.model("flash", {"gemini/gemini-2.5-flash"}).model("sonnet", {"claude/claude-sonnet-4-5@20250929"});
  return plan.model("either", {"gemini/gemini-2.5-flash", "next/gpt-5-mini"});
}

FakeExchange call_of(std::string_view path, std::string_view body) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  return std::move(exchange.body(std::string(body)));
}
FakeExchange openai_call(std::string_view model) {
  return call_of("/v1/chat/completions",
                 fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"x"}}]}})", model));
}

const std::string gemini_reply =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}],)"
    R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1,"totalTokenCount":4}})";
const std::string claude_reply =
    R"({"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text","text":"hello"}],)"
    R"("stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}})";
const std::string next_reply =
    R"({"id":"c1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"from the next"},"finish_reason":"stop"}]})";

std::string head_of(const test::House& house, std::size_t call, std::string_view name) {
  return std::string(house.upstream.asked.at(call)->request.headers.find(name).value_or(""));
}

// Of the provider that is named `gemini`, which the house is bound to as well.
std::shared_ptr<credential::TokenSlot> slot_of(const test::House& house, const std::string& key) {
  return house.state.bind(*models(key).build())->providers.front()->token;
}

}  // namespace

TEST_CASE("Gemini's calls go below the project with a bearer, without the ids of calls") {
  test::House house(models("ya29.token-of-google"));
  house.upstream.scripts = {test::json_reply(gemini_reply), test::json_reply(gemini_reply)};
  auto translated = openai_call("flash");
  house.serve(translated);
  CHECK(house.upstream.asked.at(0)->request.target ==
        fmt::format("{}/publishers/google/models/gemini-2.5-flash:generateContent", base));
  CHECK(head_of(house, 0, "authorization") == "Bearer ya29.token-of-google");
  CHECK(head_of(house, 0, "x-goog-api-key").empty());
  CHECK(translated.received.contains(R"("content":"hello")"));
  auto own = call_of(
      "/v1beta/models/flash:generateContent",
      R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":)"
      R"({"id":"1","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"1","name":"f",)"
      R"("response":{"id":2}}}]}]})");
  house.serve(own);
  CHECK(own.received == gemini_reply);
  CHECK(
      house.upstream.asked.at(1)->body ==
      R"({"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":)"
      R"({"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"id":2}}}]}]})");
}

TEST_CASE("Claude's calls name the model in the path and the version in the body, plain and streamed") {
  test::House house(models("ya29.token-of-google"));
  const std::string stream =
      "event: message_start\ndata: "
      "{\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":"
      "\"assistant\",\"model\":\"c\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
      "event: content_block_start\ndata: "
      "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\","
      "\"text\":\"hi\"}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":"
      "{\"output_tokens\":1}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  house.upstream.scripts = {test::json_reply(claude_reply), test::event_stream({stream}),
                            test::json_reply(claude_reply)};
  auto plain =
      call_of("/v1/messages", R"({"model":"sonnet","max_tokens":9,"messages":[{"role":"user","content":"x"}]})");
  plain.header("anthropic-version", "2023-06-01")
      .header("anthropic-beta", "context-1m-2025-08-07,files-api-2025-04-14");
  house.serve(plain);
  CHECK(plain.received == claude_reply);
  CHECK(house.upstream.asked.at(0)->request.target ==
        fmt::format("{}/publishers/anthropic/models/claude-sonnet-4-5%4020250929:rawPredict", base));
  CHECK(house.upstream.asked.at(0)->body ==
        R"({"anthropic_version":"vertex-2023-10-16","max_tokens":9,"messages":[{"role":"user","content":"x"}]})");
  CHECK(head_of(house, 0, "anthropic-beta") == "context-1m-2025-08-07");
  CHECK(head_of(house, 0, "anthropic-version").empty());
  CHECK(head_of(house, 0, "x-api-key").empty());
  auto streamed =
      call_of("/v1/messages",
              R"({"model":"sonnet","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]})");
  const auto& outcome = house.serve(streamed);
  CHECK(streamed.received == stream);
  CHECK(outcome.usage.total() == 4);
  CHECK(house.upstream.asked.at(1)->request.target.ends_with(":streamRawPredict"));
  CHECK(house.upstream.asked.at(1)->body.contains(R"("stream":true)"));
  auto translated = openai_call("sonnet");
  house.serve(translated);
  CHECK_FALSE(house.upstream.asked.at(2)->body.contains(R"("model")"));
  CHECK(house.upstream.asked.at(2)->body.contains(R"("anthropic_version":"vertex-2023-10-16")"));
  CHECK(house.upstream.asked.at(2)->body.contains(R"("max_tokens":64000)"));  // what Anthropic's row knows
}

TEST_CASE("tokens are counted here, and vectors are not asked of Vertex") {
  test::House house(models("ya29.token-of-google"));
  auto counted =
      call_of("/v1/messages/count_tokens", R"({"model":"sonnet","messages":[{"role":"user","content":"x"}]})");
  house.serve(counted);
  CHECK(counted.status == 200);
  CHECK(counted.header_of("x-apigw-estimate") == "1");
  auto vectors = call_of("/v1/embeddings", R"({"model":"flash","input":"x"})");
  house.serve(vectors);
  CHECK(vectors.status >= 400);
  CHECK(house.upstream.asked.empty());
}

TEST_CASE("a token that was fetched is sent, and never the key that it was fetched for") {
  const std::string key = test::account("https://oauth2.googleapis.com/token");
  test::House house(models(key));
  const auto held = slot_of(house, key);
  credential::TokenSlot& slot = *held;
  slot.keep(true);
  slot.give({Secret("ya29.fetched"), house.clock.wall() + std::chrono::hours(1)});
  house.upstream.scripts = {test::json_reply(gemini_reply)};
  auto exchange = openai_call("flash");
  house.serve(exchange);
  CHECK(head_of(house, 0, "authorization") == "Bearer ya29.fetched");
  CHECK(exchange.status == 200);
}

TEST_CASE("a call waits for the fetch under way, and goes on with its token") {
  test::House house(models(test::account("https://oauth2.googleapis.com/token")));
  const auto held = slot_of(house, test::account("https://oauth2.googleapis.com/token"));
  credential::TokenSlot& slot = *held;
  slot.keep(true);
  house.upstream.scripts = {test::json_reply(gemini_reply)};
  auto exchange = openai_call("flash");
  house.begin(exchange);
  CHECK_FALSE(house.done());
  CHECK(house.upstream.asked.empty());
  slot.give({Secret("ya29.late"), house.clock.wall() + std::chrono::hours(1)});
  house.end();
  CHECK(head_of(house, 0, "authorization") == "Bearer ya29.late");
  CHECK(exchange.status == 200);
}

TEST_CASE("without a token another target answers, or the call is a 502 that says so") {
  for (const bool fetching : {false, true}) {
    CAPTURE(fetching);
    test::House house(models(test::account("https://oauth2.googleapis.com/token")));
    const auto held = slot_of(house, test::account("https://oauth2.googleapis.com/token"));
    credential::TokenSlot& slot = *held;
    slot.keep(true);
    if (!fetching) slot.give_up(house.clock.wall() + std::chrono::minutes(1));
    house.upstream.scripts = {test::json_reply(next_reply)};
    auto exchange = openai_call("either");
    house.begin(exchange);
    CHECK(house.done() != fetching);
    if (fetching) slot.give_up(house.clock.wall() + std::chrono::seconds(1));
    const auto& outcome = house.end();
    CHECK(exchange.received.contains("from the next"));
    CHECK(outcome.attempts.front() == "gemini/gemini-2.5-flash denied");
    CHECK(house.upstream.asked.size() == 1);
  }
  test::House house(models(test::account("https://oauth2.googleapis.com/token")));
  auto exchange = openai_call("flash");
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.status == 502);
  CHECK(outcome.reason == "upstream_auth");
  CHECK(exchange.received.contains("access token"));
}

TEST_CASE("a client that leaves while a token is fetched is let go") {
  test::House house(models(test::account("https://oauth2.googleapis.com/token")));
  const auto slot = slot_of(house, test::account("https://oauth2.googleapis.com/token"));
  slot->keep(true);
  auto exchange = openai_call("flash");
  house.begin(exchange);
  CHECK_FALSE(house.done());
  exchange.leave();
  const auto& outcome = house.end();
  CHECK(outcome.end == End::client_left);
  slot->give({Secret("ya29.too-late"), house.clock.wall() + std::chrono::hours(1)});
}

TEST_CASE("the mock in Vertex's place is asked in the dialect of the variant") {
  test::PlanBuilder plan;
  plan.openai_endpoints().mock().speaks("vertex-anthropic").model("sonnet", {"mock/claude-sonnet-4-5"});
  test::House house(plan);
  house.mock.scripts = {test::json_reply(claude_reply)};
  auto exchange = openai_call("sonnet");
  house.serve(exchange);
  CHECK(exchange.status == 200);
  CHECK(house.mock.asked.at(0)->request.target.ends_with("/messages"));
  CHECK(house.mock.asked.at(0)->body.contains(R"("model":"claude-sonnet-4-5")"));
}
