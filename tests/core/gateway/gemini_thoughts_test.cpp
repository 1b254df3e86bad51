// The proofs of Gemini's thoughts on their way through clients of every dialect and back.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using test::FakeExchange;
using Json = nlohmann::ordered_json;

namespace {

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints().responses_endpoint();
  plan.provider("native", 9300, "sk-key-of-native-here", "/v1beta").speaks("gemini");
  plan.model("own", {"native/gemini-3-pro-preview"});
  return plan;
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the signature of a thought comes back to Gemini through clients of every dialect") {
  const std::string call =
      R"({"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2lnbmVk"},)"
      R"({"functionCall":{"name":"g","args":{}}}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"m",)"
      R"("responseId":"r1"})";
  const std::string want =
      R"({"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2lnbmVk"},{"functionCall":{"name":"g","args":{}}})";
  const auto ask = [](test::House& house, std::string_view path, const Json& body) {
    FakeExchange exchange("POST", path);
    exchange.header("content-type", "application/json").body(body.dump());
    house.serve(exchange);
    REQUIRE(exchange.status == 200);
    return Json::parse(exchange.received);
  };
  test::House house(models());
  house.upstream.scripts.assign(6, test::json_reply(call));
  SUBCASE("chat completions") {
    const Json tools =
        Json::parse(R"([{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}])");
    Json messages = Json::parse(R"([{"role":"user","content":"go"}])");
    const Json reply =
        ask(house, "/v1/chat/completions", {{"model", "own"}, {"messages", messages}, {"tools", tools}});
    const Json& said = reply["choices"][0]["message"];
    messages.push_back(said);
    for (const Json& made : said["tool_calls"])
      messages.push_back({{"role", "tool"}, {"tool_call_id", made["id"]}, {"content", "ok"}});
    ask(house, "/v1/chat/completions", {{"model", "own"}, {"messages", messages}, {"tools", tools}});
  }
  SUBCASE("messages") {
    Json messages = Json::parse(R"([{"role":"user","content":"go"}])");
    const Json reply = ask(house, "/v1/messages", {{"model", "own"}, {"max_tokens", 99}, {"messages", messages}});
    messages.push_back({{"role", "assistant"}, {"content", reply["content"]}});
    Json results = Json::array();
    for (const Json& block : reply["content"]) {
      if (block["type"] == "tool_use")
        results.push_back({{"type", "tool_result"}, {"tool_use_id", block["id"]}, {"content", "ok"}});
    }
    messages.push_back({{"role", "user"}, {"content", results}});
    ask(house, "/v1/messages", {{"model", "own"}, {"max_tokens", 99}, {"messages", messages}});
  }
  SUBCASE("responses") {
    Json input = Json::parse(R"([{"role":"user","content":"go"}])");
    const Json reply = ask(house, "/v1/responses", {{"model", "own"}, {"input", input}});
    for (const Json& item : reply["output"]) input.push_back(item);
    for (const Json& item : reply["output"]) {
      if (item["type"] == "function_call")
        input.push_back({{"type", "function_call_output"}, {"call_id", item["call_id"]}, {"output", "ok"}});
    }
    ask(house, "/v1/responses", {{"model", "own"}, {"input", input}});
  }
  CHECK(holds(house.upstream.asked.back()->body, want));
  CHECK(holds(house.upstream.asked.back()->body, R"({"functionResponse":{"name":"f","response":{"output":"ok"}}},)"
                                                 R"({"functionResponse":{"name":"g","response":{"output":"ok"}}})"));
}

TEST_CASE("a conversation of another model goes on at one of Gemini that demands the signatures of thoughts") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(
      R"({"candidates":[{"content":{"parts":[{"text":"hello"}],"role":"model"},"finishReason":"STOP","index":0}]})")};
  FakeExchange exchange("POST", "/v1/chat/completions");
  exchange.header("content-type", "application/json");
  exchange.body(
      R"({"model":"own","messages":[{"role":"user","content":"go"},{"role":"assistant","tool_calls":[{"id":"1","type":)"
      R"("function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"g",)"
      R"("arguments":"{}"}}]},{"role":"tool","tool_call_id":"2","content":"G"},{"role":"tool","tool_call_id":"1",)"
      R"("content":"F"}]})");
  house.serve(exchange);
  CHECK(holds(house.upstream.asked.at(0)->body,
              R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"},)"
              R"({"functionCall":{"name":"g","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f",)"
              R"("response":{"output":"F"}}},{"functionResponse":{"name":"g","response":{"output":"G"}}}]})"));
  CHECK(holds(exchange.header_of("x-apigw-loss"), "defaulted messages[1].tool_calls[0]"));
}
