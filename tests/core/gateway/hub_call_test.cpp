// Calls whose client and provider speak different dialects: what goes up, what comes back, what is lost and how a
// stream that breaks ends.
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "gateway/gateway.h"
#include "support/gateway_house.h"
#include "support/openai_answers.h"

using namespace apigw;
using namespace std::chrono_literals;
using gateway::End;
using test::chunk;
using test::FakeExchange;
using test::openai_reply;

namespace {

constexpr std::string_view openai = "POST /v1/chat/completions", anthropic = "POST /v1/messages";

test::PlanBuilder models() {
  test::PlanBuilder plan;
  plan.openai_endpoints().anthropic_endpoints();
  plan.provider("openai", 9200, "sk-key-of-openai-here");
  plan.provider("anthropic", 9100, "sk-key-of-anthropic-here").speaks("anthropic");
  plan.mock().model("claude", {"anthropic/claude-sonnet-4-5"}).model("gpt", {"openai/gpt-5-mini"});
  plan.model("both", {"openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"});
  plan.model("other-first", {"anthropic/claude-sonnet-4-5", "openai/gpt-5-mini"});
  plan.model("practice", {"mock/small"});
  plan.model("strict", {"anthropic/claude-sonnet-4-5"});
  plan.with([](model::Plan& made) { made.models.back().refuse_losses = true; });
  plan.model("strict-both", {"anthropic/claude-sonnet-4-5", "openai/gpt-5-mini"});
  return plan.with([](model::Plan& made) { made.models.back().refuse_losses = true; });
}

FakeExchange call_of(std::string_view endpoint, std::string_view model, std::string_view more = "") {
  const auto blank = endpoint.find(' ');
  FakeExchange exchange(std::string(endpoint.substr(0, blank)), endpoint.substr(blank + 1));
  exchange.header("content-type", "application/json").header("authorization", "Bearer sk-client");
  exchange.body(fmt::format(
      R"({{"model":"{}","max_tokens":64,"messages":[{{"role":"user","content":"Hello there"}}]{}}})", model, more));
  return exchange;
}

const std::string anthropic_reply =
    R"({"id":"m1","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{"type":"text",)"
    R"("text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":7,"output_tokens":3}})";

const std::string role = chunk(R"({"role":"assistant","content":""})"), hel = chunk(R"({"content":"hel"})"),
                  lo = chunk(R"({"content":"lo"})"), stop = chunk("{}", R"("stop")");
const std::string tail =
    "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: "
    "[DONE]\n\n";

std::string event(std::string_view type, std::string_view more) {
  return fmt::format("event: {}\ndata: {{\"type\":\"{}\"{}}}\n\n", type, type, more);
}
const std::string begin =
    event("message_start", R"(,"message":{"id":"m1","type":"message","role":"assistant","model":"claude",)"
                           R"("content":[],"usage":{"input_tokens":5,"output_tokens":1}})") +
    event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
const std::string hel_event =
    event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"hel"})");
const std::string end_events =
    event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"lo"})") +
    event("content_block_stop", R"(,"index":0)") +
    event("message_delta",
          R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2})") +
    event("message_stop", "");

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("an OpenAI call to an Anthropic provider goes up and comes back in the other dialect") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(anthropic_reply)};
  auto exchange = call_of(openai, "claude", R"(,"logit_bias":{"5":1})");
  exchange.header("openai-beta", "x=1");
  const auto& outcome = house.serve(exchange);
  const auto& asked = *house.upstream.asked.at(0);
  CHECK(asked.origin.port == 9100);
  CHECK(asked.request.target == "/v1/messages");
  CHECK(asked.request.headers.find("x-api-key") == "sk-key-of-anthropic-here");
  CHECK(asked.request.headers.find("anthropic-version") == "2023-06-01");
  CHECK_FALSE(asked.request.headers.has("authorization"));
  CHECK_FALSE(asked.request.headers.has("openai-beta"));
  CHECK(asked.request.headers.find("content-type") == "application/json");
  CHECK(asked.request.content_length == asked.body.size());
  CHECK(holds(asked.body, R"("model":"claude-sonnet-4-5")"));
  CHECK(holds(asked.body, "Hello there"));
  CHECK_FALSE(holds(asked.body, "logit_bias"));
  CHECK(exchange.status == 200);
  CHECK(holds(exchange.received, R"("choices")"));
  CHECK(holds(exchange.received, R"("hello")"));
  CHECK(exchange.header_of("content-type") == "application/json");
  CHECK(exchange.header_of("x-apigw-model") == "claude");
  CHECK(holds(exchange.header_of("x-apigw-loss"), "dropped logit_bias"));
  CHECK(exchange.header_of("x-apigw-loss-count") == std::to_string(outcome.losses));
  CHECK(outcome.end == End::done);
  CHECK(outcome.usage.input == 7);
  CHECK(outcome.usage.output == 3);
  CHECK(outcome.attempts == std::vector<std::string>{"anthropic/claude-sonnet-4-5 200"});
}

TEST_CASE("an Anthropic call to an OpenAI provider, and to the mock, goes up and comes back in the other dialect") {
  for (const std::string_view model : {"gpt", "practice"}) {
    CAPTURE(model);
    test::House house(models());
    test::FakeTransport& transport = model == "gpt" ? house.upstream : house.mock;
    transport.scripts = {test::json_reply(openai_reply)};
    auto exchange = call_of(anthropic, model);
    exchange.header("anthropic-version", "2023-06-01").header("anthropic-beta", "effort-2025-11-24");
    const auto& outcome = house.serve(exchange);
    const auto& asked = *transport.asked.at(0);
    CHECK(asked.request.target == "/v1/chat/completions");
    CHECK_FALSE(asked.request.headers.has("anthropic-version"));
    CHECK_FALSE(asked.request.headers.has("anthropic-beta"));
    CHECK(holds(asked.body, "Hello there"));
    CHECK(holds(exchange.received, R"("type":"message")"));
    CHECK(holds(exchange.received, R"("stop_reason":"end_turn")"));
    CHECK(exchange.header_of("x-apigw-model") == model);
    CHECK(outcome.usage.total() == 10);
  }
}

TEST_CASE("the same dialect says the name that was asked for, and nothing of losses") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(openai_reply)};
  auto exchange = call_of(openai, "gpt", R"(,"logit_bias":{"5":1})");
  house.serve(exchange);
  CHECK(exchange.received == openai_reply);
  CHECK(exchange.header_of("x-apigw-model") == "gpt");
  CHECK(exchange.header_of("x-apigw-loss").empty());
}

TEST_CASE("streams come back in the client's dialect with a clean end, and their usage is counted") {
  struct Row {
    std::string_view name, endpoint, model;
    std::vector<std::string> frames;
    std::string_view has, ends;
  };
  for (const Row& row : {Row{"Anthropic to OpenAI",
                             openai,
                             "claude",
                             {begin, hel_event, end_events},
                             R"("content":"hel")",
                             "data: [DONE]\n\n"},
                         Row{"OpenAI to Anthropic",
                             anthropic,
                             "gpt",
                             {role, hel, lo, stop, tail},
                             R"("text":"hel")",
                             R"({"type":"message_stop"})"
                             "\n\n"}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.frames)};
    auto exchange = call_of(row.endpoint, row.model, R"(,"stream":true)");
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == End::done);
    CHECK(exchange.finished);
    CHECK(exchange.header_of("content-type") == "text/event-stream");
    CHECK(exchange.header_of("x-apigw-model") == row.model);
    CHECK(holds(exchange.received, row.has));
    CHECK(exchange.received.ends_with(row.ends));
    CHECK(outcome.usage.known);
    CHECK_FALSE(outcome.usage.partial);
    CHECK(outcome.usage.input == 5);
    CHECK(outcome.usage.output == 2);
  }
}

TEST_CASE("what a stream loses on its way is counted in the log, as no head can name it any more") {
  test::House house(models());
  const std::string cited = event(
      "content_block_delta", R"(,"index":0,"delta":{"type":"citations_delta","citation":{"type":"char_location"}})");
  house.upstream.scripts = {
      test::event_stream({begin, hel_event, cited, cited, end_events}),
      test::event_stream({role, hel, chunk(R"({"annotations":[{"type":"url_citation"}]})"), lo, stop, tail})};
  auto from_anthropic = call_of(openai, "claude", R"(,"stream":true)");
  CHECK(house.serve(from_anthropic).losses == 1);
  CHECK(from_anthropic.header_of("x-apigw-loss").empty());
  auto from_openai = call_of(anthropic, "gpt", R"(,"stream":true)");
  CHECK(house.serve(from_openai).losses == 1);
}

TEST_CASE("usage is asked of an OpenAI provider and swallowed for an OpenAI client that did not ask") {
  test::House house(models());
  house.upstream.scripts = {test::event_stream({role, hel, lo, stop, tail}),
                            test::event_stream({begin, hel_event, end_events})};
  auto asking = call_of(anthropic, "gpt", R"(,"stream":true)");
  house.serve(asking);
  CHECK(holds(house.upstream.asked.at(0)->body, R"("include_usage":true)"));
  auto silent = call_of(openai, "claude", R"(,"stream":true)");
  house.serve(silent);
  CHECK_FALSE(holds(silent.received, R"("usage":{)"));
}

TEST_CASE("a stream that breaks behind its first words ends with the client's error and no mark of an end") {
  const std::string broken_provider = event("error", R"(,"error":{"type":"overloaded_error","message":"too busy"})");
  struct Row {
    std::string_view name, endpoint, model;
    std::vector<std::string> frames;
    std::optional<Error> error;
    std::string_view error_part, end_mark, reason;
  };
  const Error closed{ErrorKind::closed, "c"};
  for (const Row& row : {
           Row{"cut, to OpenAI",
               openai,
               "claude",
               {begin, hel_event},
               closed,
               "data: {\"error\":",
               "[DONE]",
               "closed"},
           Row{"cut, to Anthropic", anthropic, "gpt", {role, hel}, closed, "event: error", "message_stop", "closed"},
           Row{"closed without an end, to OpenAI",
               openai,
               "claude",
               {begin, hel_event},
               {},
               "data: {\"error\":",
               "[DONE]",
               "truncated"},
           Row{"closed without an end, to Anthropic",
               anthropic,
               "gpt",
               {role, hel},
               {},
               "event: error",
               "message_stop",
               "truncated"},
           Row{"an error of the provider's",
               openai,
               "claude",
               {begin, hel_event, broken_provider},
               {},
               "too busy",
               "[DONE]",
               "upstream_error"},
           Row{"garbage",
               anthropic,
               "gpt",
               {role, hel, "data: {oops\n\n"},
               {},
               "event: error",
               "message_stop",
               "upstream_error"},
       }) {
    CAPTURE(row.name);
    test::House house(models());
    test::Script script = test::event_stream(row.frames);
    script.end_error = row.error;
    house.upstream.scripts = {script};
    auto exchange = call_of(row.endpoint, row.model, R"(,"stream":true)");
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == End::cut);
    CHECK(outcome.reason == row.reason);
    CHECK(outcome.usage.partial);
    CHECK(exchange.aborted);
    CHECK_FALSE(exchange.finished);
    CHECK(holds(exchange.received, "hel"));
    CHECK(holds(exchange.received, row.error_part));
    CHECK_FALSE(holds(exchange.received, row.end_mark));
  }
}

TEST_CASE(
    "a provider's own error in a stream is told around the hub as through it, before and behind the first words") {
  const std::string overloaded = event("error", R"(,"error":{"type":"overloaded_error","message":"Overloaded"})");
  const std::string too_long =
      "data: {\"error\":{\"message\":\"context too long\",\"type\":\"invalid_request_error\"}}\n\n";
  struct Row {
    std::string_view endpoint, model;
    std::string first, failed;
    int status;
    std::string_view type, words;
  };
  for (const Row& row : {
           Row{anthropic, "claude", begin + hel_event, overloaded, 529, "overloaded_error", "Overloaded"},
           Row{openai, "claude", begin + hel_event, overloaded, 503, "server_error", "Overloaded"},
           Row{openai, "gpt", role + hel, too_long, 400, "invalid_request_error", "context too long"},
           Row{anthropic, "gpt", role + hel, too_long, 400, "invalid_request_error", "context too long"},
       }) {
    CAPTURE(row.endpoint);
    CAPTURE(row.model);
    test::House house(models());
    house.upstream.scripts = {test::event_stream({row.first, row.failed}), test::event_stream({row.failed})};
    const auto told = [&](const FakeExchange& exchange) {
      return holds(exchange.received, fmt::format(R"("type":"{}")", row.type)) &&
             holds(exchange.received, fmt::format(R"("message":"{}")", row.words));
    };
    auto behind = call_of(row.endpoint, row.model, R"(,"stream":true)");
    CHECK(house.serve(behind).end == End::cut);
    CHECK(behind.status == 200);
    CHECK(told(behind));
    auto before = call_of(row.endpoint, row.model, R"(,"stream":true)");
    house.serve(before);
    CHECK(before.status == row.status);
    CHECK(told(before));
  }
}

TEST_CASE("a page of a proxy in place of a provider's error is told around the hub as through it") {
  for (const std::string_view model : {"claude", "gpt"}) {
    std::set<std::string> said;
    for (const std::string_view endpoint : {openai, anthropic}) {
      CAPTURE(endpoint);
      CAPTURE(model);
      test::House house(models());
      test::Script page = test::json_reply("<html>sorry</html>", 500);
      page.headers = {{"content-type", "text/html"}, {"retry-after", "7"}};
      house.upstream.scripts = {page};
      auto exchange = call_of(endpoint, model);
      house.serve(exchange);
      CHECK(exchange.status == 500);
      CHECK(exchange.header_of("content-type") == "application/json");
      CHECK(exchange.header_of("retry-after") == "7");
      CHECK(exchange.header_of("x-apigw-model") == model);
      const auto body = json::scan(exchange.received);
      REQUIRE(body);
      REQUIRE(body->find("error"));
      const auto error = json::members(exchange.received, body->find("error")->value);
      REQUIRE(error.find("message"));
      said.emplace(json::at(exchange.received, error.find("message")->value));
    }
    CHECK(said.size() == 1);
  }
}

TEST_CASE("a key of this gateway in a provider's words reaches no client, before and behind the first words") {
  constexpr std::string_view key = "sk-key-of-anthropic-here";
  const std::string leaking =
      event("error", fmt::format(R"(,"error":{{"type":"api_error","message":"what is {}?"}})", key));
  for (const std::string_view endpoint : {openai, anthropic}) {
    for (const auto& frames : {std::vector{leaking}, std::vector{begin, hel_event, leaking}}) {
      CAPTURE(endpoint);
      CAPTURE(frames.size());
      test::House house(models());
      house.upstream.scripts = {test::event_stream(frames)};
      auto exchange = call_of(endpoint, "claude", R"(,"stream":true)");
      house.serve(exchange);
      CHECK(holds(exchange.received, "held a secret of this gateway"));
      CHECK_FALSE(holds(exchange.received, key));
      CHECK(house.state.view().secrets_blocked == 1);
    }
  }
}

TEST_CASE("an answer that comes too far out of turn for the client's dialect breaks off") {
  const auto call = [](int index, std::string_view more) {
    return chunk(fmt::format(R"({{"tool_calls":[{{"index":{},{}}}]}})", index, more));
  };
  std::vector<std::string> frames{role};
  for (const int index : {0, 1}) {
    frames.push_back(call(
        index, fmt::format(R"("id":"c{}","type":"function","function":{{"name":"f","arguments":"{{"}})", index)));
  }
  const std::string much(1'000'000, 'x');
  for (int i = 0; i < 34; ++i) frames.push_back(call(1, fmt::format(R"("function":{{"arguments":"{}"}})", much)));
  frames.insert(frames.end(), {stop, tail});
  test::House house(models());
  house.upstream.scripts = {test::event_stream(frames)};
  auto exchange = call_of(anthropic, "gpt", R"(,"stream":true)");
  const auto& outcome = house.serve(exchange);
  CHECK(outcome.end == End::cut);
  CHECK(outcome.reason == "upstream_protocol");
  CHECK(holds(exchange.received, "came out of turn"));
  CHECK_FALSE(holds(exchange.received, "message_stop"));
}

TEST_CASE("a call that was forgotten reads no body any more") {
  const auto* client = dialects::find_dialect("openai");
  constexpr std::string_view body = R"({"model":"gpt","messages":[{"role":"user","content":"hi"}]})";
  auto facts = client->scan_request("chat", body, {});
  REQUIRE(facts);
  const http::RequestHead head;
  gateway::ModelRequest call(head, *client, "chat", body, std::move(*facts));
  CHECK(call.in_hub());
  call.forget();
  CHECK_FALSE(call.in_hub());
  CHECK(call.facts().scanned.members.empty());
  CHECK(call.facts().model == "gpt");
}

TEST_CASE("a provider gets earlier thoughts and cache marks by the extension that the catalogue names") {
  test::PlanBuilder plan;
  plan.anthropic_endpoints().provider("deepseek", 9300, "sk-key-of-deepseek-here");
  plan.provider("openrouter", 9400, "sk-key-of-openrouter-here").provider("openai", 9200, "sk-key-of-openai-here");
  plan.model("d", {"deepseek/deepseek-chat"}).model("r", {"openrouter/a/b"}).model("o", {"openai/gpt-5-mini"});
  const auto sent = [&](std::string_view model) {
    test::House house(plan);
    house.upstream.scripts = {test::json_reply(openai_reply)};
    FakeExchange exchange("POST", "/v1/messages");
    exchange.header("content-type", "application/json");
    exchange.body(fmt::format(
        R"({{"model":"{}","max_tokens":64,"messages":[{{"role":"user","content":[{{"type":"text","text":"x",)"
        R"("cache_control":{{"type":"ephemeral"}}}}]}},{{"role":"assistant","content":[{{"type":"thinking","thinking":"hm",)"
        R"("signature":"s"}},{{"type":"tool_use","id":"t","name":"f","input":{{}}}}]}},)"
        R"({{"role":"user","content":[{{"type":"tool_result","tool_use_id":"t","content":"r"}}]}}]}})",
        model));
    house.serve(exchange);
    return house.upstream.asked.at(0)->body;
  };
  CHECK(holds(sent("d"), R"("reasoning_content":"hm")"));
  CHECK_FALSE(holds(sent("d"), "cache_control"));
  CHECK(holds(sent("r"), R"("reasoning_details":[)"));
  CHECK(holds(sent("r"), R"("cache_control":{"type":"ephemeral"})"));
  CHECK_FALSE(holds(sent("o"), "hm"));
}

TEST_CASE("a stream that fails before its first words leaves the client free for the next target") {
  struct Row {
    std::string_view name;
    std::vector<std::string> frames;
  };
  for (const Row& row : {Row{"nothing", {}}, Row{"only who speaks", {role}}, Row{"garbage", {"data: <html>\n\n"}},
                         Row{"an error", {"data: {\"error\":{\"message\":\"no\"}}\n\n"}},
                         Row{"an end of nothing", {"data: [DONE]\n\n"}}}) {
    CAPTURE(row.name);
    test::House house(models());
    house.upstream.scripts = {test::event_stream(row.frames), test::event_stream({begin, hel_event, end_events})};
    auto exchange = call_of(anthropic, "both", R"(,"stream":true)");
    const auto& outcome = house.serve(exchange);
    CHECK(outcome.end == End::done);
    CHECK(exchange.received == begin + hel_event + end_events);
    CHECK(outcome.attempts.size() == 2);
    house.upstream.scripts = {test::event_stream(row.frames)};
    auto last = call_of(anthropic, "gpt", R"(,"stream":true)");
    house.serve(last);
    CHECK(last.status == 502);
    CHECK(last.received.starts_with(R"({"type":"error")"));
  }
}

TEST_CASE("a provider's error has the client's shape and a status of its dialect") {
  const std::string overloaded = R"({"type":"error","error":{"type":"overloaded_error","message":"later"}})";
  const std::string limited =
      R"({"error":{"message":"slow down","type":"rate_limit_error","code":"rate_limit_exceeded"}})";
  struct Row {
    std::string_view name, endpoint, model;
    test::Script script;
    int status;
    std::string_view part;
  };
  for (const Row& row : {
           Row{"529 to OpenAI", openai, "claude", test::json_reply(overloaded, 529), 503,
               R"({"error":{"message":"later")"},
           Row{"529 to Anthropic", anthropic, "claude", test::json_reply(overloaded, 529), 529, overloaded},
           Row{"429 to Anthropic", anthropic, "gpt", test::json_reply(limited, 429), 429,
               R"("type":"rate_limit_error")"},
           Row{"a page", anthropic, "gpt", test::json_reply("<html>10.0.0.1</html>", 502), 502, R"({"type":"error")"},
           Row{"our key", openai, "claude", test::json_reply(overloaded, 401), 502, "upstream_auth"},
       }) {
    CAPTURE(row.name);
    test::House house(models());
    test::Script script = row.script;
    script.headers.emplace_back("retry-after", "7");
    house.upstream.scripts = {script};
    auto exchange = call_of(row.endpoint, row.model);
    house.serve(exchange);
    CHECK(exchange.status == row.status);
    CHECK(holds(exchange.received, row.part));
    CHECK_FALSE(holds(exchange.received, "10.0.0.1"));
    if (row.status != 502) CHECK(exchange.header_of("retry-after") == "7");
  }
}

TEST_CASE("a reply of success that is none of the target's dialect is a failed attempt") {
  for (const std::string_view body : {"", "{}", "<html>", R"({"type":"error","error":{"type":"x","message":"y"}})"}) {
    CAPTURE(body);
    test::House house(models());
    house.upstream.scripts = {test::json_reply(std::string(body)), test::json_reply(openai_reply)};
    auto exchange = call_of(openai, "other-first");
    const auto& outcome = house.serve(exchange);
    CHECK(exchange.received == openai_reply);
    CHECK(outcome.losses == 0);
    CHECK(outcome.attempts.size() == 2);
  }
}

TEST_CASE(
    "where losses are errors nothing is sent to a target that would lose something, and the next one is tried") {
  test::House house(models());
  auto refused = call_of(openai, "strict", R"(,"logit_bias":{"5":1})");
  CHECK(house.serve(refused).end == End::refused);
  CHECK(house.upstream.asked.empty());
  CHECK(refused.status == 400);
  CHECK(holds(refused.received, "logit_bias"));
  CHECK(holds(refused.received, "lossy_translation"));
  house.upstream.scripts = {test::json_reply(openai_reply), test::json_reply(anthropic_reply)};
  auto passed = call_of(openai, "strict-both", R"(,"logit_bias":{"5":1})");
  house.serve(passed);
  CHECK(passed.received == openai_reply);
  auto lossless = call_of(openai, "strict");
  house.serve(lossless);
  CHECK(lossless.status == 200);
}

TEST_CASE("an operation that a target does not have is a 501 in the client's shape, or the next target's") {
  test::House house(models());
  FakeExchange embeddings("POST", "/v1/embeddings");
  embeddings.body(R"({"model":"claude","input":"x"})");
  house.serve(embeddings);
  CHECK(embeddings.status == 501);
  CHECK(holds(embeddings.received, R"({"error":{"message":"the provider 'anthropic' does not offer embeddings")"));
  house.upstream.scripts = {test::json_reply(R"({"object":"list","data":[]})")};
  FakeExchange second("POST", "/v1/embeddings");
  second.body(R"({"model":"other-first","input":"x"})");
  house.serve(second);
  CHECK(second.status == 200);
  CHECK(house.upstream.asked.at(0)->origin.port == 9200);
}

TEST_CASE("tokens are counted by the provider where it can, and estimated with a flag where it cannot") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(R"({"input_tokens":9})")};
  constexpr std::string_view count = "POST /v1/messages/count_tokens";
  auto native = call_of(count, "claude");
  house.serve(native);
  CHECK(native.received == R"({"input_tokens":9})");
  CHECK(native.header_of("x-apigw-estimate").empty());
  auto estimated = call_of(count, "gpt");
  CHECK(house.serve(estimated).end == End::answered);
  CHECK(house.upstream.asked.size() == 1);
  CHECK(estimated.header_of("x-apigw-estimate") == "1");
  CHECK(estimated.header_of("x-apigw-model") == "gpt");
  CHECK(estimated.received == R"({"input_tokens":4})");  // "user" and "Hello there" at four bytes a token
}

TEST_CASE("what has no messages is not counted here either") {
  for (const std::string_view body : {R"({"model":"gpt"})", R"({"model":"gpt","messages":[]})"}) {
    CAPTURE(body);
    test::House house(models());
    FakeExchange exchange("POST", "/v1/messages/count_tokens");
    exchange.body(std::string(body));
    CHECK(house.serve(exchange).end == End::refused);
    CHECK(exchange.status == 400);
    CHECK(holds(exchange.received, "'messages' must "));
    CHECK(exchange.header_of("x-apigw-estimate").empty());
  }
}

TEST_CASE("a silent Anthropic stream is kept alive by a comment before its first frame and by pings behind it") {
  test::Script script = test::event_stream({role, hel, lo, stop, tail});
  script.pause_body = true;
  for (const std::size_t pieces : {0U, 2U}) {
    CAPTURE(pieces);
    test::House house(models());
    script.pause_before = pieces;
    house.upstream.scripts = {script};
    auto exchange = call_of(anthropic, "gpt", R"(,"stream":true)");
    house.begin(exchange);
    house.pass(16s);
    CHECK(exchange.received.ends_with(pieces == 0 ? ": waiting\n\n" : "event: ping\ndata: {\"type\":\"ping\"}\n\n"));
    CHECK(holds(exchange.received, "message_start") == (pieces > 0));
    CHECK(exchange.header_of("x-apigw-model") == "gpt");
    house.upstream.go();
    house.end();
    CHECK(exchange.received.ends_with("\"message_stop\"}\n\n"));
  }
}

TEST_CASE("models are listed in the form of the client that asks") {
  test::House house(models());
  FakeExchange plain("GET", "/v1/models"), version("GET", "/v1/models"), one("GET", "/v1/models/claude");
  house.serve(plain);
  CHECK(plain.received.starts_with(R"({"object":"list")"));
  version.header("anthropic-version", "2023-06-01");
  house.serve(version);
  CHECK(version.received.starts_with(R"({"data":[)"));
  CHECK(holds(version.received, R"("has_more":false)"));
  one.header("anthropic-version", "2023-06-01");
  house.serve(one);
  CHECK(one.received.starts_with(R"({"type":"model","id":"claude")"));
}

TEST_CASE("what nobody serves is refused in the shape of whoever would ask there") {
  struct Row {
    std::string_view name, method, path, header, part;
  };
  for (const Row& row : {Row{"a path of Anthropic's", "GET", "/v1/messages", "", R"({"type":"error")"},
                         Row{"below it", "POST", "/v1/messages/batches", "", R"({"type":"error")"},
                         Row{"its header", "POST", "/v1/files", "anthropic-version", R"({"type":"error")"},
                         Row{"any other", "POST", "/v1/files", "", R"({"error":)"}}) {
    CAPTURE(row.name);
    test::House house(models());
    FakeExchange exchange{std::string(row.method), row.path};
    if (!row.header.empty()) exchange.header(row.header, "2023-06-01");
    house.serve(exchange);
    CHECK(exchange.received.starts_with(row.part));
  }
}

TEST_CASE("names that a client chose neither end a header nor an entry of the list of losses") {
  test::House house(models());
  house.upstream.scripts = {test::json_reply(anthropic_reply)};
  auto exchange = call_of(openai, "claude", R"(,"ä, x: 1":1)");
  house.serve(exchange);
  CHECK(exchange.header_of("x-apigw-loss") == "dropped %C3%A4%2C%20x:%201");
}
