// Calls to Amazon Bedrock, which no client speaks: through the hub both ways, signed or with a key of its own.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/event_stream.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using test::FakeExchange;

namespace {

constexpr std::string_view claude = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
constexpr std::string_view claudes_path = "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints();
  plan.provider("bedrock", 9200, "key-of-bedrock-here", "").speaks("bedrock");
  plan.provider("next", 9201, "key-of-the-next-one");
  plan.model("claude", {fmt::format("bedrock/{}", claude)});
  return plan.model("either", {fmt::format("bedrock/{}", claude), "next/gpt-5-mini"});
}

FakeExchange chat_call(std::string_view model, bool stream = false) {
  FakeExchange exchange("POST", "/v1/chat/completions");
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  return std::move(exchange.body(fmt::format(R"({{"model":"{}","messages":[{{"role":"user","content":"x"}}]{}}})",
                                             model, stream ? R"(,"stream":true)" : "")));
}

const std::string reply =
    R"({"output":{"message":{"role":"assistant","content":[{"text":"hello"}]}},"stopReason":"end_turn",)"
    R"("usage":{"inputTokens":7,"outputTokens":3,"totalTokens":10},"metrics":{"latencyMs":1}})";

const std::string next_reply =
    R"({"id":"c1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"from the next"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";

test::Script messages(std::vector<std::string> pieces) {
  return {.headers = {{"content-type", "application/vnd.amazon.eventstream"}},
          .pieces = std::move(pieces),
          .announce_length = false};
}

std::string message(std::string_view type, std::string_view payload) {
  return test::event_stream_of(fmt::format("{} {}\n", type, payload));
}

const std::string start = message("messageStart", R"({"role":"assistant"})"),
                  hel = message("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"hel"}})"),
                  lo = message("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{"text":"lo"}})"),
                  stop = message("contentBlockStop", R"({"contentBlockIndex":0})") +
                         message("messageStop", R"({"stopReason":"end_turn"})"),
                  usage = message("metadata", R"({"usage":{"inputTokens":4,"outputTokens":2,"totalTokens":6}})");

std::string head_of(const std::shared_ptr<test::FakeTransport::Asked>& asked, std::string_view name) {
  return std::string(asked->request.headers.find(name).value_or(""));
}

}  // namespace

TEST_CASE("a call goes to Converse with the model in its path and a key of Bedrock's") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(reply)};
  auto exchange = chat_call("claude");
  const auto& outcome = house.serve(exchange);
  const auto& asked = house.upstream.asked.at(0);
  CHECK(asked->request.method == "POST");
  CHECK(asked->request.target == fmt::format("{}/converse", claudes_path));
  CHECK(head_of(asked, "authorization") == "Bearer key-of-bedrock-here");
  CHECK(head_of(asked, "x-amz-date").empty());
  CHECK(asked->body == R"({"messages":[{"role":"user","content":[{"text":"x"}]}]})");
  CHECK(exchange.status == 200);
  CHECK(exchange.received.contains(R"("content":"hello")"));
  CHECK(exchange.received.contains(fmt::format(R"("model":"{}")", claude)));  // Bedrock does not say it
  CHECK(outcome.usage.total() == 10);
}

TEST_CASE("an access key of AWS signs what is sent, anew for each call") {
  test::PlanBuilder plan;
  plan.openai_endpoints().provider("aws", 9200, "", "").speaks("bedrock");
  plan.signed_by("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "eu-central-1");
  plan.model("claude", {fmt::format("aws/{}", claude)});
  test::House house(plan);
  house.upstream.scripts = {test::json_reply(reply), test::json_reply(reply)};
  auto first = chat_call("claude"), second = chat_call("claude");
  house.serve(first);
  house.clock.advance(std::chrono::minutes(20));
  house.serve(second);
  const auto& asked = house.upstream.asked;
  CHECK(head_of(asked[0], "x-amz-date") == "20231114T221320Z");
  CHECK(head_of(asked[1], "x-amz-date") == "20231114T223320Z");
  CHECK(head_of(asked[0], "authorization") != head_of(asked[1], "authorization"));
  // The signature of the request that was sent, made again from what arrived.
  http::Headers again;
  again.add("content-type", head_of(asked[1], "content-type"));
  const credential::AwsKey key{.id = Secret("AKIDEXAMPLE"),
                               .secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                               .session_token = {},
                               .region = "eu-central-1",
                               .service = "bedrock"};
  const auto& request = asked[1]->request;
  credential::sign(key, {request.method, request.target, request.authority, asked[1]->body}, house.clock.wall(),
                   again);
  CHECK(head_of(asked[1], "authorization") == again.find("authorization"));
  CHECK(head_of(asked[1], "authorization").contains("/20231114/eu-central-1/bedrock/aws4_request"));
}

TEST_CASE("a stream of messages becomes the client's events, its usage among them") {
  for (const std::size_t cut : {std::size_t{0}, std::size_t{5}, hel.size() + 3}) {
    CAPTURE(cut);
    test::House house(models());
    const std::string whole = start + hel + lo + stop + usage;
    house.upstream.scripts = {messages(cut == 0 ? std::vector<std::string>{start, hel, lo, stop, usage}
                                                : std::vector<std::string>{whole.substr(0, cut), whole.substr(cut)})};
    auto exchange = chat_call("claude", true);
    const auto& outcome = house.serve(exchange);
    CHECK(house.upstream.asked.at(0)->request.target == fmt::format("{}/converse-stream", claudes_path));
    CHECK(exchange.header_of("content-type") == "text/event-stream");
    CHECK(exchange.received.contains(R"("content":"hel")"));
    CHECK(exchange.received.contains(R"("content":"lo")"));
    CHECK(exchange.received.ends_with("data: [DONE]\n\n"));
    CHECK(outcome.end == End::done);
    CHECK(outcome.usage.total() == 6);
    CHECK_FALSE(outcome.usage.partial);
  }
}

TEST_CASE("an exception before the answer lets another target try, behind its beginning it ends the stream") {
  const std::string slow = message("!throttlingException", R"({"message":"slow down"})");
  {
    test::House house(models());
    house.upstream.scripts = {messages({start + slow}), test::event_stream({"data: [DONE]\n\n"})};
    auto exchange = chat_call("either", true);
    house.serve(exchange);
    CHECK(house.upstream.asked.size() == 2);
  }
  test::House house(models());
  house.upstream.scripts = {messages({start, hel, slow})};
  auto exchange = chat_call("either", true);
  const auto& outcome = house.serve(exchange);
  CHECK(house.upstream.asked.size() == 1);
  CHECK(outcome.end == End::cut);
  CHECK(exchange.received.contains("slow down"));
  CHECK_FALSE(exchange.received.contains("[DONE]"));
}

TEST_CASE("a damaged message is a broken stream, never half an answer that looks whole") {
  std::string damaged = lo;
  damaged[damaged.size() - 20] = static_cast<char>(damaged[damaged.size() - 20] ^ 1);
  {
    test::House house(models());
    house.upstream.scripts = {messages({start, hel, damaged, stop, usage})};
    auto exchange = chat_call("claude", true);
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == End::cut);
    CHECK(outcome.reason == "upstream_protocol");
    CHECK(outcome.usage.partial);
    CHECK(exchange.received.contains(R"("content":"hel")"));
    CHECK_FALSE(exchange.received.contains("[DONE]"));
  }
  test::House house(models());
  house.upstream.scripts = {messages({damaged}), test::json_reply(next_reply)};
  auto exchange = chat_call("claude", true);
  const auto& outcome = house.serve(exchange);
  CHECK(exchange.status == 502);
  CHECK(outcome.attempts.front() == fmt::format("bedrock/{} protocol", claude));
}

TEST_CASE("errors come in the client's shape, and say nothing of our credential") {
  struct Row {
    int status;
    const char *type, *body;
    int told;
    const char* words;
  };
  for (const Row& row :
       {Row{400, "ValidationException", R"({"message":"The provided model identifier is invalid."})", 400,
            "The provided model identifier is invalid."},
        Row{403, "InvalidSignatureException", R"({"message":"The request signature does not match."})", 502,
            "did not accept this gateway's credential"},
        Row{429, "ThrottlingException:http://internal.amazon.com/coral/", R"({"message":"Too many requests."})", 429,
            "Too many requests."},
        Row{424, "ModelErrorException", R"({"message":"The model broke."})", 502, "The model broke."},
        Row{503, "ServiceUnavailableException", R"({"message":"Later."})", 503, "Later."}}) {
    CAPTURE(row.type);
    test::House house(models());
    test::Script script = test::json_reply(row.body, row.status);
    script.headers.emplace_back("x-amzn-errortype", row.type);
    house.upstream.scripts = {script};
    auto exchange = chat_call("claude");
    house.serve(exchange);
    CHECK(exchange.status == row.told);
    CHECK(exchange.received.contains(row.words));
    CHECK(exchange.received.starts_with(R"({"error":{)"));
  }
  for (const int status : {424, 429, 503}) {
    CAPTURE(status);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(R"({"message":"no"})", status), test::json_reply(next_reply)};
    auto exchange = chat_call("either");
    house.serve(exchange);
    CHECK(exchange.status == 200);
    CHECK(exchange.received.contains("from the next"));
  }
}

TEST_CASE("the mock in Bedrock's place is asked in a dialect that it speaks") {
  test::PlanBuilder plan;
  plan.openai_endpoints().mock().speaks("bedrock").model("claude", {fmt::format("mock/{}", claude)});
  test::House house(plan);
  house.mock.scripts = {test::json_reply(next_reply)};
  auto exchange = chat_call("claude");
  house.serve(exchange);
  CHECK(exchange.status == 200);
  CHECK(house.mock.asked.at(0)->request.target.ends_with("/chat/completions"));
}
