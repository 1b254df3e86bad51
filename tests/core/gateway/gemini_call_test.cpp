// Calls of clients that speak Gemini's dialect, whose path names model and operation: to providers of other dialects
// through the hub, and to one of their own around it.
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
  plan.openai_endpoints().anthropic_endpoints().responses_endpoint().gemini_endpoints();
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.provider("native", 9300, "sk-key-of-native-here", "/v1beta").speaks("gemini");
  plan.model("gpt", {"openai/gpt-5-mini"}).model("claude", {"anthropic/claude-sonnet-4-5"});
  plan.model("own", {"native/gemini-3-pro-preview"}).model("tuned", {"native/a b/../c"});
  return plan;
}

FakeExchange call_of(std::string_view path, std::string_view body) {
  FakeExchange exchange("POST", fmt::format("/v1beta/models/{}", path));
  exchange.header("content-type", "application/json").header("x-goog-api-key", "sk-client");
  exchange.body(std::string(body));
  return exchange;
}

constexpr std::string_view hello = R"({ "contents":[{"role":"user","parts":[{"text":"Hello there"}]}]})";

const std::string own_reply =
    R"({ "candidates":[{"content":{"parts":[{"text":"hello"}],"role":"model"},"finishReason":"STOP","index":0}],)"
    R"("unheard_of":1,"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":3,"totalTokenCount":10},)"
    R"("modelVersion":"gemini-3-pro-preview","responseId":"r1"})";
const std::string anthropic_reply =
    R"({"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text",)"
    R"("text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}})";

std::string frame(std::string_view text, std::string_view more = "") {
  return fmt::format(
      "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{}\"}}],\"role\":\"model\"}}{},\"index\":0}}],"
      "\"usageMetadata\":{{\"promptTokenCount\":5,\"candidatesTokenCount\":2}},\"modelVersion\":\"m\"}}\r\n\r\n",
      text, more);
}
const std::string hel = frame("hel"), lo = frame("lo", R"(,"finishReason":"STOP")");
const std::string failed =
    "data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded.\",\"status\":\"UNAVAILABLE\"}}\n\n";

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("a Gemini call to an OpenAI or an Anthropic provider goes up and comes back in the other dialect") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply), test::json_reply(anthropic_reply)};
  auto exchange = call_of("gpt:generateContent", hello);
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1/chat/completions");
  CHECK(asked.request.headers.find("authorization") == "Bearer sk-key-of-openai-here");
  CHECK_FALSE(asked.request.headers.has("x-goog-api-key"));
  CHECK(holds(asked.body, R"("model":"gpt-5-mini")"));
  CHECK(holds(asked.body, R"({"role":"user","content":"Hello there"})"));
  CHECK(exchange.status == 200);
  CHECK(holds(exchange.received, R"("parts":[{"text":"hello"}],"role":"model"},"finishReason":"STOP")"));
  CHECK(holds(exchange.received, R"("modelVersion":"gpt-5-mini")"));
  CHECK(exchange.header_of("x-apigw-model") == "gpt");
  CHECK(outcome.usage.total() == 10);
  auto other = call_of("claude:generateContent", hello);
  house.serve(other);
  CHECK(house.upstream.asked.at(1)->request.target == "/v1/messages");
  CHECK(holds(other.received, R"({"text":"hello"})"));
}

TEST_CASE(
    "a provider of Gemini gets the client's own bytes under the model's name in the path, and its own come back") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply)};
  auto exchange = call_of("own:generateContent", hello);
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1beta/models/gemini-3-pro-preview:generateContent");
  CHECK(asked.request.headers.find("x-goog-api-key") == "sk-key-of-native-here");
  CHECK(asked.request.headers.count("x-goog-api-key") == 1);
  CHECK_FALSE(asked.request.headers.has("authorization"));
  CHECK(asked.body == hello);
  CHECK(exchange.received == own_reply);
  CHECK(outcome.usage.total() == 10);
  CHECK(outcome.model == "own");
}

TEST_CASE("a model's name leads to no other path of a provider than its own") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply)};
  auto exchange = call_of("tuned:generateContent?alt=json", hello);
  house.serve(exchange);
  CHECK(house.upstream.asked.at(0)->request.target == "/v1beta/models/a%20b%2F..%2Fc:generateContent");
}

TEST_CASE("where a body names the model again it is the provider's name") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), test::json_reply(R"({"totalTokens":31})"),
                            test::json_reply(R"({"embeddings":[{"values":[1.0]},{"values":[2.0]}]})"),
                            test::json_reply(R"({"embedding":{"values":[1.0]}})")};
  struct Row {
    std::string_view path, body, sent, target;
  };
  std::size_t number = 0;
  for (const Row& row :
       {Row{"own:generateContent", R"({"model":"models/own", "contents":[]})",
            R"({"model":"models/gemini-3-pro-preview", "contents":[]})", "generateContent"},
        Row{"own:countTokens", R"({"generateContentRequest":{"model":"models/own","contents":[]}})",
            R"({"generateContentRequest":{"model":"models/gemini-3-pro-preview","contents":[]}})", "countTokens"},
        Row{"own:batchEmbedContents",
            R"({"requests":[{"model":"models/own","content":{"parts":[]}}, {"model":"models/own"},{}]})",
            R"({"requests":[{"model":"models/gemini-3-pro-preview","content":{"parts":[]}}, )"
            R"({"model":"models/gemini-3-pro-preview"},{}]})",
            "batchEmbedContents"},
        Row{"own:embedContent", R"({"content":{"parts":[{"text":"a"}]}})", R"({"content":{"parts":[{"text":"a"}]}})",
            "embedContent"}}) {
    CAPTURE(row.path);
    auto exchange = call_of(row.path, row.body);
    house.serve(exchange);
    CHECK(exchange.status == 200);
    REQUIRE(house.upstream.asked.size() == ++number);
    CHECK(house.upstream.asked.back()->body == row.sent);
    CHECK(house.upstream.asked.back()->request.target ==
          fmt::format("/v1beta/models/gemini-3-pro-preview:{}", row.target));
  }
}

TEST_CASE("clients of other dialects reach a provider of Gemini, plainly and streamed") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(own_reply), test::event_stream({hel, lo})};
  FakeExchange plain("POST", "/v1/chat/completions");
  plain.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  plain.body(R"({"model":"own","reasoning_effort":"medium","messages":[{"role":"user","content":"Hello there"}]})");
  house.serve(plain);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.request.target == "/v1beta/models/gemini-3-pro-preview:generateContent");
  CHECK(asked.request.headers.find("content-type") == "application/json");
  CHECK(holds(asked.body, R"("thinkingLevel":"high")"));  // of low and high alone
  CHECK_FALSE(holds(asked.body, R"("model")"));
  CHECK(holds(plain.received, R"("content":"hello")"));
  CHECK(plain.header_of("x-apigw-loss") == "changed reasoning_effort, dropped unheard_of");
  FakeExchange streamed("POST", "/v1/messages");
  streamed.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  streamed.body(
      R"({"model":"own","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"Hello there"}]})");
  const auto& outcome = house.serve(streamed);
  CHECK(house.upstream.asked.at(1)->request.target ==
        "/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse");
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.total() == 7);
  CHECK(holds(streamed.received, R"("text":"hel")"));
  CHECK(holds(streamed.received, "message_stop"));
}

TEST_CASE("a stream to a client of Gemini ends whole, and one that breaks with an error alone") {
  struct Row {
    std::string_view name, model;
    std::vector<std::string> frames;
    bool whole;
  };
  for (const Row& row : {Row{"whole, translated", "gpt", {openai_hel, openai_stop, openai_tail}, true},
                         Row{"whole, of its own", "own", {hel, lo}, true},
                         Row{"closed without an end, translated", "gpt", {openai_hel}, false},
                         Row{"closed without an end, of its own", "own", {hel}, false},
                         Row{"failed, of its own", "own", {hel, failed}, false}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.frames), test::event_stream(row.frames)};
    auto exchange = call_of(fmt::format("{}:streamGenerateContent?alt=sse", row.model), hello);
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == (row.whole ? End::done : End::cut));
    CHECK(exchange.finished == row.whole);
    CHECK(exchange.header_of("content-type") == "text/event-stream");
    CHECK(holds(exchange.received, R"({"text":"hel"})"));
    CHECK(holds(exchange.received, R"("finishReason":"STOP")") == row.whole);
    CHECK(holds(exchange.received, R"(data: {"error":{"code":)") == !row.whole);
    CHECK(holds(exchange.received, "overloaded") == (row.name.starts_with("failed")));
    CHECK(outcome.usage.partial == !row.whole);
    if (row.whole) CHECK(outcome.usage.total() == 7);

    // The same without alt=sse: one array, which a broken stream leaves open.
    auto array = call_of(fmt::format("{}:streamGenerateContent", row.model), hello);
    const auto& second = house.serve(array);
    CHECK(second.end == (row.whole ? End::done : End::cut));
    CHECK(array.finished == row.whole);
    CHECK(array.header_of("content-type") == "application/json");
    CHECK_FALSE(holds(array.received, "data:"));
    if (!row.whole) {
      CHECK(array.received.back() != ']');
      array.received += "]";
    }
    const Json elements = Json::parse(array.received);
    REQUIRE(elements.size() >= 2);
    CHECK(elements[0]["candidates"][0]["content"]["parts"][0]["text"] == "hel");
    if (row.whole)
      CHECK(elements.back()["candidates"][0]["finishReason"] == "STOP");
    else
      CHECK(elements.back()["error"]["status"] == "UNAVAILABLE");
    CHECK(holds(house.upstream.asked.at(1)->request.target,
                row.model == "own" ? ":streamGenerateContent?alt=sse" : "/v1/chat/completions"));
  }
}

TEST_CASE("an array that fails before its first element is an error alone") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({failed})};
  auto exchange = call_of("own:streamGenerateContent", hello);
  house.serve(exchange);
  CHECK(exchange.status == 503);
  CHECK(Json::parse(exchange.received)["error"]["message"] == "The model is overloaded.");
}

TEST_CASE("a silent stream is kept alive by an empty text, and an array by a blank") {
  using namespace std::chrono_literals;
  test::Script script = test::event_stream({openai_hel, openai_stop, openai_tail});
  script.pause_body = true;
  for (const bool array : {false, true}) {
    CAPTURE(array);
    for (const std::size_t pieces : {0U, 1U}) {
      test::House house(models());
      script.pause_before = pieces;
      house.upstream.scripts = {script};
      auto exchange = call_of(array ? "gpt:streamGenerateContent" : "gpt:streamGenerateContent?alt=sse", hello);
      house.begin(exchange);
      house.pass(16s);
      CHECK(exchange.received.ends_with(array ? "\n"
                                              : R"("parts":[{"text":""}],"role":"model"},"index":0}]})"
                                                "\n\n"));
      CHECK(holds(exchange.received, "hel") == (pieces > 0));
      house.upstream.go();
      house.end();
      if (array)
        CHECK(Json::parse(exchange.received).back()["candidates"][0]["finishReason"] == "STOP");
      else
        CHECK_FALSE(holds(exchange.received, ": waiting"));
    }
  }
}

TEST_CASE("tokens are counted by a provider of Gemini, and estimated where another one is asked") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(R"({"totalTokens":31})")};
  auto native = call_of("own:countTokens", hello);
  const auto& outcome = house.serve(native);
  CHECK(native.received == R"({"totalTokens":31})");
  CHECK(outcome.usage.total() == 0);
  auto estimated = call_of("gpt:countTokens", hello);
  house.serve(estimated);
  CHECK(estimated.status == 200);
  CHECK(estimated.received == R"({"totalTokens":4})");  // "user", "Hello there"
  CHECK(estimated.header_of("x-apigw-estimate") == "1");
  FakeExchange anthropic("POST", "/v1/messages/count_tokens");
  anthropic.header("content-type", "application/json");
  anthropic.body(R"({"model":"own","messages":[{"role":"user","content":"Hello there"}],"max_tokens":1})");
  house.serve(anthropic);
  CHECK(anthropic.status == 200);
  CHECK(anthropic.header_of("x-apigw-estimate") == "1");
  auto wrong = call_of("gpt:countTokens", R"({"contents":[]})");
  house.serve(wrong);
  CHECK(wrong.status == 400);
  CHECK(house.upstream.asked.size() == 1);
}

TEST_CASE("a Gemini client's call for vectors is refused where the provider's dialect has none") {
  test::House house(models());
  for (const std::string_view path : {"claude:embedContent", "claude:batchEmbedContents"}) {
    auto exchange = call_of(path, R"({"content":{"parts":[{"text":"a"}]}})");
    house.serve(exchange);
    CHECK(exchange.status == 501);
    CHECK(Json::parse(exchange.received)["error"]["status"] == "UNIMPLEMENTED");
  }
  CHECK(house.upstream.asked.empty());
}

TEST_CASE("a client of Gemini is told what is wrong in its dialect") {
  test::House house(models());
  struct Row {
    std::string_view name, path, body;
    int status;
    std::string_view word, says;
  };
  for (const Row& row :
       {Row{"model", "nobody:generateContent", hello, 404, "NOT_FOUND", "'nobody' does not exist"},
        Row{"method", "own:generateAnswer", hello, 404, "NOT_FOUND", "no such operation"},
        Row{"no method", "own", hello, 404, "NOT_FOUND", "no such operation"},
        Row{"body", "own:generateContent", "[]", 400, "INVALID_ARGUMENT", "JSON object"},
        Row{"contents", "gpt:generateContent", "{}", 400, "INVALID_ARGUMENT", "'contents' must be"}}) {
    CAPTURE(row.name);
    auto exchange = call_of(row.path, row.body);
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    const Json error = Json::parse(exchange.received)["error"];
    CHECK(error["code"] == row.status);
    CHECK(error["status"] == row.word);
    CHECK(holds(error["message"].get<std::string>(), row.says));
  }
  CHECK(house.upstream.asked.empty());
}

TEST_CASE("how long a provider of Gemini asks to wait is told in the head too") {
  test::House house(models());
  const std::string busy =
      R"({"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":[{"@type":)"
      R"("type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}})";
  house.upstream.scripts = {test::json_reply(busy, 429)};
  auto exchange = call_of("own:generateContent", hello);
  house.serve(exchange);
  CHECK(exchange.status == 429);
  CHECK(exchange.received == busy);
  CHECK(exchange.header_of("retry-after") == "35");
}

TEST_CASE("a path of Gemini's that is not served is refused in its shape, other paths in theirs") {
  test::House house(models());
  for (const auto& [path, word] :
       {std::pair("/v1beta/files", R"("status":"NOT_FOUND")"),
        std::pair("/v1/files", R"("type":"invalid_request_error")"), std::pair("/files/1", R"("title":)")}) {
    CAPTURE(path);
    FakeExchange exchange("POST", path);
    exchange.header("content-type", "application/json").body("{}");
    house.serve(exchange);
    CHECK(exchange.status == 404);
    CHECK(holds(exchange.received, word));
  }
}

TEST_CASE("that a provider of Gemini does not take our key is told neutrally, though its status is 400") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(
      R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":)"
      R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})",
      400)};
  auto exchange = call_of("own:generateContent", hello);
  house.serve(exchange);
  CHECK(exchange.status == 502);
  CHECK_FALSE(holds(exchange.received, "API key"));
}

TEST_CASE("models are listed in Gemini's form, each and alone") {
  test::House house(models());
  FakeExchange list("GET", "/v1beta/models");
  house.serve(list);
  CHECK(holds(list.received, R"({"name":"models/claude","displayName":"claude",)"));
  FakeExchange one("GET", "/v1beta/models/own");
  house.serve(one);
  CHECK(Json::parse(one.received)["name"] == "models/own");
}

TEST_CASE("a key in the query is not read, and what to do is said") {
  test::PlanBuilder plan = models();
  plan.consumer("shop", "sk-shop").keyed();
  test::House house(plan);
  FakeExchange exchange("POST", "/v1beta/models/own:generateContent?key=sk-shop&alt=json");
  exchange.header("content-type", "application/json").body(std::string(hello));
  house.serve(exchange);
  CHECK(exchange.status == 401);
  const Json error = Json::parse(exchange.received)["error"];
  CHECK(error["status"] == "UNAUTHENTICATED");
  CHECK(holds(error["message"].get<std::string>(), "a key in the query is not read"));
  CHECK(holds(error["message"].get<std::string>(), "x-goog-api-key"));
  CHECK_FALSE(holds(exchange.received, "sk-shop"));
  CHECK(house.upstream.asked.empty());
}
