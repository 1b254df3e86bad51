// What providers say when they fail, on its way to clients of either dialect: plain, in streams, and in place of an
// answer; and what a stream that ends early is taken to have cost.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "gateway/gateway.h"
#include "support/gateway_house.h"

using namespace apigw;
using gateway::End;
using Json = nlohmann::json;
using test::FakeExchange;

namespace {

constexpr std::string_view openai = "/v1/chat/completions", anthropic = "/v1/messages";
constexpr std::string_view key = "sk-key-of-openai-here";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints();
  plan.provider("openai", 9200, std::string(key));
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.mock().model("claude", {"anthropic/claude-sonnet-4-5"}).model("gpt", {"openai/gpt-5-mini"});
  return plan.model("two", {"openai/gpt-5-mini", "openai/gpt-5"});
}

FakeExchange call_of(std::string_view path, std::string_view model, bool stream = false) {
  FakeExchange exchange("POST", path);
  exchange.header("content-type", "application/json");
  exchange.body(
      fmt::format(R"({{"model":"{}","max_tokens":64,"messages":[{{"role":"user","content":"Hello there, you"}}]{}}})",
                  model, stream ? R"(,"stream":true)" : ""));
  return exchange;
}

std::string message_of(const FakeExchange& exchange) {
  const Json body = Json::parse(exchange.received, nullptr, false);
  REQUIRE(body.is_object());
  return body.at("error").at("message");
}

std::string piece(std::string_view text) {
  return fmt::format("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", text);
}
std::string event(std::string_view type, std::string_view more) {
  return fmt::format("event: {}\ndata: {{\"type\":\"{}\"{}}}\n\n", type, type, more);
}
const std::string message_begins =
    event("message_start", R"(,"message":{"id":"m1","type":"message","role":"assistant","model":"claude",)"
                           R"("content":[],"usage":{"input_tokens":5,"output_tokens":1}})") +
    event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
std::string message_piece(std::string_view text) {
  return event("content_block_delta", fmt::format(R"(,"index":0,"delta":{{"type":"text_delta","text":"{}"}})", text));
}

}  // namespace

TEST_CASE("an error of a foreign shape reaches clients in the shape of their dialect, one of its own as it is") {
  struct Row {
    const char* name;
    int status;
    std::string_view body, message;
    bool of_openai = false, of_anthropic = false;
  };
  const Row rows[] = {
      {"FastAPI's", 422, R"({"detail":[{"msg":"missing"}]})", R"([{"msg":"missing"}])"},
      {"in an array", 400, R"([{"error":{"message":"gbad"}}])", "gbad"},
      {"a text", 418, R"({"error":"teapot"})", "teapot"},
      {"flat", 400, R"({"object":"error","message":"flat one"})", "flat one"},
      {"a page", 502, "<html>x</html>", "the provider answered with status 502"},
      {"OpenAI's", 400, R"({"error":{"message":"own", "type":"t","more":1}})", "own", true, false},
      {"Anthropic's", 400, R"({"type":"error", "error":{"type":"api_error","message":"own"}})", "own", true, true},
  };
  for (const Row& row : rows) {
    for (const std::string_view path : {openai, anthropic}) {
      for (const std::string_view model : {"gpt", "claude"}) {
        CAPTURE(row.name);
        CAPTURE(path);
        CAPTURE(model);
        test::House house(models());
        house.upstream.scripts = {test::json_reply(std::string(row.body), row.status)};
        auto exchange = call_of(path, model);
        house.serve(exchange);
        CHECK(exchange.status == row.status);
        CHECK(message_of(exchange) == row.message);
        const Json body = Json::parse(exchange.received);
        CHECK(body["error"]["type"].is_string());
        if (path == anthropic) CHECK(body["type"] == "error");
        const bool same = (path == openai) == (model == "gpt");
        if (same && (path == openai ? row.of_openai : row.of_anthropic)) CHECK(exchange.received == row.body);
      }
    }
  }
}

TEST_CASE("an error that comes with a status of success is that error, plain and where a stream was asked for") {
  const std::string quota = R"({"error":{"message":"Quota exceeded: buy more","code":402}})";
  for (const std::string_view path : {openai, anthropic}) {
    for (const std::string_view model : {"gpt", "claude"}) {
      for (const bool stream : {false, true}) {
        CAPTURE(path);
        CAPTURE(model);
        CAPTURE(stream);
        test::House house(models());
        house.upstream.scripts = {test::json_reply(quota), test::json_reply(R"({"error":{"message":"broken"}})"),
                                  test::json_reply(fmt::format(R"({{"error":{{"message":"what is {}"}}}})", key))};
        auto exchange = call_of(path, model, stream);
        const auto& outcome = house.serve(exchange);
        CHECK(exchange.status == 402);
        CHECK(message_of(exchange) == "Quota exceeded: buy more");
        CHECK(outcome.end == End::failed);
        CHECK(outcome.reason == "upstream_error");
        if (path == openai) CHECK(Json::parse(exchange.received)["error"]["code"] == "402");
        auto broken = call_of(path, model, stream);
        house.serve(broken);
        CHECK(broken.status == 502);
        CHECK(message_of(broken) == "broken");
        auto leaking = call_of(path, model, stream);
        house.serve(leaking);
        CHECK(leaking.status == 502);
        CHECK_FALSE(leaking.received.contains(key));
      }
    }
  }
}

TEST_CASE("an error with a status of success is tried elsewhere as its status says") {
  struct Row {
    std::string_view code;
    std::size_t attempts;
  };
  for (const Row& row : {Row{"402", 1}, {"429", 2}, {"503", 2}, {R"("unheard_of")", 2}, {"401", 1}}) {
    for (const bool stream : {false, true}) {
      CAPTURE(row.code);
      CAPTURE(stream);
      test::House house(models());
      const auto reply = test::json_reply(fmt::format(R"({{"error":{{"message":"no","code":{}}}}})", row.code));
      house.upstream.scripts = {reply, reply};
      auto exchange = call_of(openai, "two", stream);
      const auto& outcome = house.serve(exchange);
      CHECK(outcome.attempts.size() == row.attempts);
      if (row.code == "401") CHECK(outcome.reason == "upstream_auth");
    }
  }
}

TEST_CASE("an error event keeps its own code and type, before and behind the first words") {
  const std::string limited =
      R"({"error":{"message":"slow down","type":"requests","param":"n","code":"rate_limit_exceeded"}})";
  const std::string overloaded = R"({"type":"error","error":{"type":"overloaded_error","message":"busy"},"extra":1})";
  struct Row {
    const char* name;
    std::string_view path, model;
    std::string error, begin, said;
    int status;
  };
  const std::string data = "data: ", named = "event: error\ndata: ";
  const Row rows[] = {
      {"OpenAI's as it is", openai, "gpt", data + limited, piece("he"), limited, 429},
      {"Anthropic's as it is", anthropic, "claude", named + overloaded, message_begins + message_piece("he"),
       overloaded, 529},
      {"in two lines", openai, "gpt", "data: {\"error\":\ndata: {\"message\":\"m\",\"code\":\"c\"}}", piece("he"),
       R"({"error": {"message":"m","code":"c"}})", 502},
      {"OpenAI's to Anthropic", anthropic, "gpt", data + limited, piece("he"),
       R"({"type":"error","error":{"type":"rate_limit_error","message":"slow down"})", 429},
      {"Anthropic's to OpenAI", openai, "claude", named + overloaded, message_begins + message_piece("he"),
       R"({"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded_error"}})", 503},
      {"of a foreign shape", openai, "gpt", "data: {\"object\":\"error\",\"message\":\"flat\",\"code\":429}",
       piece("he"), R"({"error":{"message":"flat","type":"rate_limit_error","param":null,"code":"429"}})", 429},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    // The request's id stands behind what Anthropic's clients read.
    const std::string said =
        row.path == anthropic && row.model == "gpt" ? row.said.substr(0, row.said.size() - 1) : row.said;
    test::House house(models());
    house.upstream.scripts = {test::event_stream({row.begin, row.error + "\n\n"}),
                              test::event_stream({row.error + "\n\n"})};
    auto behind = call_of(row.path, row.model, true);
    const auto& cut = house.serve(behind);
    CHECK(behind.received.contains("he"));
    CHECK(behind.received.contains((row.path == openai ? data : named) + said));
    CHECK(behind.received.ends_with("\n\n"));
    CHECK(cut.end == End::cut);
    CHECK(cut.reason == "upstream_error");
    auto before = call_of(row.path, row.model, true);
    house.serve(before);
    CHECK(before.status == row.status);
    CHECK(before.received.starts_with(said));
  }
}

TEST_CASE("a key of this gateway in an error event reaches nobody, in whichever field it stands") {
  for (const char* const field : {"message", "code", "param", "extra"}) {
    for (const bool begun : {false, true}) {
      CAPTURE(field);
      CAPTURE(begun);
      test::House house(models());
      Json error{{"message", "m"}, {"type", "t"}};
      error[field] = std::string(key);
      const std::string frame = fmt::format("data: {}\n\n", Json{{"error", error}}.dump());
      house.upstream.scripts = {begun ? test::event_stream({piece("he"), frame}) : test::event_stream({frame})};
      auto exchange = call_of(openai, "gpt", true);
      house.serve(exchange);
      CHECK(exchange.received.contains("secret_blocked"));
      CHECK(exchange.received.contains("the provider's reply held a secret of this gateway"));
      CHECK_FALSE(exchange.received.contains(key));
    }
  }
}

TEST_CASE("a stream that is cut or left before its usage came is counted about as far as it came") {
  struct Row {
    const char* name;
    std::string_view path, model;
    std::vector<std::string> frames;
    std::uint64_t input, output;
  };
  const std::string twenty(20, 'x');
  const std::string call =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\","
      "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n";
  const Row rows[] = {
      {"OpenAI's", openai, "gpt", {piece(twenty), piece(twenty)}, 5, 10},
      {"OpenAI's to Anthropic", anthropic, "gpt", {piece(twenty), piece(twenty)}, 5, 10},
      {"a call", openai, "gpt", {call}, 5, 2},
      {"what the provider counted of Anthropic's stays",
       anthropic,
       "claude",
       {message_begins, message_piece(twenty), message_piece(twenty)},
       5,
       10},
      {"Anthropic's to OpenAI", openai, "claude", {message_begins, message_piece(twenty)}, 5, 5},
  };
  for (const Row& row : rows) {
    for (const bool left : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(left);
      test::House house(models());
      std::vector<std::string> frames = row.frames;
      if (left) frames.insert(frames.end(), 3, row.frames.back());
      auto script = test::event_stream(std::move(frames));
      script.end_error = Error{ErrorKind::closed, "cut"};
      house.upstream.scripts = {script};
      auto exchange = call_of(row.path, row.model, true);
      if (left) exchange.leaves_after_writes(1);
      const auto& outcome = house.serve(exchange);
      CHECK(outcome.end == (left ? End::client_left : End::cut));
      CHECK(outcome.usage.known);
      CHECK(outcome.usage.partial);
      if (left) continue;  // how far it came depends on the writes
      CHECK(outcome.usage.input == row.input);
      CHECK(outcome.usage.output == row.output);
    }
  }
  // Whoever ends well without a count has none.
  test::House house(models());
  house.upstream.scripts = {test::event_stream(
      {piece("x"), "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
       "data: [DONE]\n\n"})};
  auto whole = call_of(openai, "gpt", true);
  CHECK_FALSE(house.serve(whole).usage.known);
}
