// What a request becomes for models of different makers at Bedrock, and what the way back undoes.
#include <doctest/doctest.h>

#include "dialects/dialect.h"
#include "support/chat_dump.h"
#include "support/event_stream.h"
#include "wire/splitter.h"

using namespace apigw;
using dialects::TargetTraits;

namespace {

const dialects::Dialect& bedrock() {
  return *dialects::find_spoken("bedrock");
}

// The request of an OpenAI client with `members` beside a message, written for a target; then its losses.
std::string sent(std::string_view members, const TargetTraits& traits, dialects::WayBack* way_back = nullptr) {
  const std::string body = fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"x"}}]{}{}}})",
                                       members.empty() ? "" : ",", members);
  const auto request = dialects::read_request(*dialects::find_dialect("openai"), body, {});
  REQUIRE(request);
  chat::Losses losses;
  const auto written = bedrock().write_request(*request, traits, losses);
  if (!written) return "error: " + written.error().what;
  if (way_back != nullptr) *way_back = written->way_back;
  CHECK(json::scan(written->body));
  return written->body + "\n" + chat_dump::of(losses);
}

TargetTraits made_by(std::string maker) {
  TargetTraits traits{.model = "t"};
  traits.maker = std::move(maker);
  return traits;
}
TargetTraits claude_by_budget(std::optional<std::uint64_t> max_output = {}) {
  TargetTraits traits = made_by("anthropic");
  traits.max_output = max_output;
  return traits;
}

constexpr std::string_view schema =
    R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{}}}})";

struct Row {
  const char* name;
  std::string members;
  TargetTraits traits;
  std::vector<const char*> holds, lacks;
};

const Row rows[] = {
    {"no limit is made up", "", claude_by_budget(), {R"({"messages":[)"}, {"inferenceConfig", "loss"}},
    {"nor where the most is known", "", claude_by_budget(64'000), {}, {"inferenceConfig", "loss"}},
    {"a limit beyond the most comes down",
     R"("max_tokens":100000)",
     claude_by_budget(64'000),
     {R"("maxTokens":64000)", "changed max_tokens"},
     {}},
    {"Claude thinks by a budget in its own words",
     R"("reasoning_effort":"medium")",
     claude_by_budget(),
     {R"("additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2048}})"},
     {"inferenceConfig", "loss"}},
    {"a budget lies below a limit that was asked for",
     R"("reasoning_effort":"high","max_tokens":3000)",
     claude_by_budget(),
     {R"("budget_tokens":2999)", R"("maxTokens":3000)", "changed thinking"},
     {}},
    {"no effort switches Claude's thinking off",
     R"("reasoning_effort":"none")",
     claude_by_budget(),
     {R"("thinking":{"type":"disabled"})"},
     {}},
    {"OpenAI's models take a word",
     R"("reasoning_effort":"minimal")",
     made_by("openai"),
     {R"("additionalModelRequestFields":{"reasoning_effort":"low"})", "changed thinking"},
     {}},
    {"and none for none", R"("reasoning_effort":"none")", made_by("openai"), {}, {"additionalModel", "loss"}},
    {"Amazon's take theirs",
     R"("reasoning_effort":"high")",
     made_by("amazon"),
     {R"("additionalModelRequestFields":{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}})"},
     {"loss"}},
    {"Amazon's are told not to think",
     R"("reasoning_effort":"none")",
     made_by("amazon"),
     {R"("reasoningConfig":{"type":"disabled"})"},
     {"loss"}},
    {"others cannot be told",
     R"("reasoning_effort":"high")",
     made_by("meta"),
     {"dropped thinking"},
     {"additionalModel"}},
    {"what is a loss at one maker's is none at another's",
     R"("temperature":0.5,"top_p":0.5)",
     made_by("mistral"),
     {R"("inferenceConfig":{"temperature":0.5,"topP":0.5})"},
     {"loss"}},
    {"Claude takes one of the two",
     R"("temperature":0.5,"top_p":0.5)",
     claude_by_budget(),
     {R"("inferenceConfig":{"temperature":0.5})", "dropped top_p"},
     {"topP"}},
    {"a model that takes a schema gets it as a text",
     std::string(schema),
     made_by("qwen"),
     {R"("outputConfig":{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\")"},
     {"toolConfig"}},
    {"the cheaper tier has a word, an unknown one is lost",
     R"("service_tier":"flex")",
     made_by("amazon"),
     {R"("serviceTier":{"type":"flex"})"},
     {"loss"}},
    {"an unknown tier is lost",
     R"("service_tier":"scale")",
     made_by("amazon"),
     {"dropped service_tier"},
     {"serviceTier"}},
};

}  // namespace

TEST_CASE("a request says what the model's maker lets it say, and lists the rest") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string text = sent(row.members, row.traits);
    CAPTURE(text);
    for (const char* part : row.holds) CHECK(text.contains(part));
    for (const char* part : row.lacks) CHECK_FALSE(text.contains(part));
  }
}

TEST_CASE("a form of the answer that a model has no word for is a tool, and its call the answer") {
  TargetTraits traits = made_by("amazon");
  traits.native_schema = false;
  dialects::WayBack way_back;
  const std::string text = sent(schema, traits, &way_back);
  CHECK(text.contains(R"("toolSpec":{"name":"apigw_json_answer")"));
  CHECK(text.contains(R"("toolChoice":{"tool":{"name":"apigw_json_answer"}})"));
  CHECK(way_back.answer_in_tool);
  CHECK(way_back.model == "t");
  const auto reply = bedrock().read_reply(
      R"({"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"apigw_json_answer",)"
      R"("input":{"a":1.0}}}]}},"stopReason":"tool_use"})",
      way_back, {});
  REQUIRE(reply);
  CHECK(chat_dump::of(*reply) ==
        "reply \"\" of t at 0\nanswer\n  text \"{\"a\":1.0}\"\n  stop end native \"tool_use\"\n"
        "usage unknown\n");
  const std::string stream = test::event_stream_of(
      "messageStart {}\n"
      "contentBlockStart "
      "{\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"a\",\"name\":\"apigw_json_answer\"}}}\n"
      "contentBlockDelta {\"contentBlockIndex\":0,\"delta\":{\"toolUse\":{\"input\":\"{}\"}}}\n"
      "contentBlockStop {\"contentBlockIndex\":0}\nmessageStop {\"stopReason\":\"tool_use\"}\nmetadata {}\n");
  wire::Splitter splitter(wire::Framing::event_stream);
  splitter.feed(stream);
  const auto reader = bedrock().read_events(way_back, {});
  std::vector<chat::Event> events;
  for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) reader->feed(**frame, events);
  CHECK(chat_dump::of(events) ==
        "began \"\" of t at 0\n0.0 began text \"\"\n0.0 grew \"{}\"\n0.0 ended\n"
        "0 stop end native \"tool_use\"\nfinished usage unknown\n");
}

TEST_CASE("documents have names of their own, of letters that Bedrock takes") {
  const auto request = dialects::read_request(
      *dialects::find_dialect("anthropic"),
      R"({"model":"m","max_tokens":9,"messages":[{"role":"user","content":[)"
      R"({"type":"document","title":"Plan  für_2026.pdf","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="}},)"
      R"({"type":"document","title":"a","source":{"type":"text","media_type":"text/plain","data":"x"}},)"
      R"({"type":"document","title":"a","source":{"type":"text","media_type":"text/plain","data":"y"}},)"
      R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"z"}}]}]})",
      {});
  REQUIRE(request);
  chat::Losses losses;
  const auto written = bedrock().write_request(*request, made_by("anthropic"), losses);
  REQUIRE(written);
  for (const char* part : {R"("document":{"format":"pdf","name":"Plan f--r-2026-pdf","source":{"bytes":"JVBERi0="}})",
                           R"("name":"a","source":{"bytes":"eA=="})", R"("name":"a 2","source":{"bytes":"eQ=="})",
                           R"("name":"document")"})
    CHECK_MESSAGE(written->body.contains(part), written->body);
  CHECK(losses.empty());
}

TEST_CASE("ids of calls keep to what Bedrock takes, a call and its result alike") {
  const std::string longer(80, 'x');
  for (const std::string& id : {std::string("call_1"), std::string("a.b:c"), longer, std::string()}) {
    CAPTURE(id);
    const std::string body = fmt::format(
        R"({{"model":"m","messages":[{{"role":"user","content":"x"}},{{"role":"assistant","content":null,"tool_calls":[)"
        R"({{"id":"{0}","type":"function","function":{{"name":"f","arguments":"{{}}"}}}}]}},)"
        R"({{"role":"tool","tool_call_id":"{0}","content":"r"}}]}})",
        id);
    const auto request = dialects::read_request(*dialects::find_dialect("openai"), body, {});
    REQUIRE(request);
    chat::Losses losses;
    const auto written = bedrock().write_request(*request, made_by("anthropic"), losses);
    REQUIRE(written);
    const auto ids = [&](std::string_view holder) {
      const auto at = written->body.find(fmt::format(R"("{}":{{"toolUseId":")", holder));
      REQUIRE(at != std::string::npos);
      const auto begin = at + holder.size() + 17;
      return written->body.substr(begin, written->body.find('"', begin) - begin);
    };
    CHECK(ids("toolUse") == ids("toolResult"));
    CHECK(!ids("toolUse").empty());
    CHECK(ids("toolUse").size() <= 64);
    CHECK(ids("toolUse").find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
          std::string::npos);
    CHECK((ids("toolUse") == id) == (id == "call_1"));
  }
}
