// What an Anthropic request becomes for models of different abilities, and what the way back undoes.
#include <functional>

#include <doctest/doctest.h>

#include "dialects/dialect.h"
#include "support/chat_dump.h"
#include "wire/sse.h"

using namespace apigw;
using dialects::TargetTraits;

namespace {

const dialects::Dialect& anthropic() {
  return *dialects::find_dialect("anthropic");
}

// The request of an OpenAI client with `members` beside a message, written for a target; then its losses.
std::string sent(std::string_view members, const TargetTraits& traits, dialects::WayBack* way_back = nullptr) {
  const std::string body = fmt::format(R"({{"model":"m","messages":[{{"role":"user","content":"x"}}]{}{}}})",
                                       members.empty() ? "" : ",", members);
  const auto request = dialects::read_request(*dialects::find_dialect("openai"), body, {});
  REQUIRE(request);
  chat::Losses losses;
  const auto written = anthropic().write_request(*request, traits, losses);
  if (!written) return "error: " + written.error().what;
  if (way_back != nullptr) *way_back = written->way_back;
  CHECK(json::scan(written->body));
  return written->body + "\n" + chat_dump::of(losses);
}

TargetTraits by_budget(std::optional<std::uint64_t> max_output = 64'000) {
  return {.model = "t", .max_output = max_output, .thinks_by_effort = false};
}

struct Row {
  const char* name;
  const char* members;
  TargetTraits traits;
  std::vector<const char*> holds;
  std::vector<const char*> lacks;
};

const Row rows[] = {
    {"the limit is the most that the model gives",
     "",
     by_budget(),
     {R"("max_tokens":64000)", "defaulted max_tokens"},
     {}},
    {"else 4096", "", by_budget({}), {R"("max_tokens":4096)", "it is 4096 tokens"}, {}},
    {"a limit beyond it comes down",
     R"("max_tokens":100000)",
     by_budget(),
     {R"("max_tokens":64000)", "changed max_tokens"},
     {}},
    {"an effort is a budget",
     R"("reasoning_effort":"medium")",
     by_budget(),
     {R"("thinking":{"type":"enabled","budget_tokens":2048})"},
     {"output_config", "loss changed"}},
    {"the greatest effort", R"("reasoning_effort":"max")", by_budget(), {R"("budget_tokens":16384)"}, {}},
    {"no effort switches thinking off",
     R"("reasoning_effort":"none")",
     by_budget(),
     {R"("thinking":{"type":"disabled"})"},
     {"budget"}},
    {"a budget lies below the limit",
     R"("reasoning_effort":"high","max_tokens":3000)",
     by_budget(),
     {R"("budget_tokens":2999)", "changed thinking"},
     {}},
    {"a small limit leaves no room for thinking",
     R"("reasoning_effort":"low","max_tokens":1024)",
     by_budget(),
     {"dropped thinking"},
     {R"("thinking")"}},
    {"an unknown limit makes room for it",
     R"("reasoning_effort":"high")",
     by_budget({}),
     {R"("max_tokens":8192)", R"("budget_tokens":4096)"},
     {}},
    {"thinking forces no tool and leaves no sampling",
     R"("reasoning_effort":"low","temperature":0.2,"top_p":0.99,"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}])",
     by_budget(),
     {R"("tool_choice":{"type":"auto"})", R"("top_p":0.99)", "dropped temperature", "changed tool_choice"},
     {R"("temperature")"}},
    {"a model with its own sampling",
     R"("temperature":0.2,"top_p":0.9)",
     {.model = "t", .max_output = 10, .thinks_by_effort = true, .fixed_sampling = true},
     {"dropped temperature", "dropped top_p"},
     {R"("temperature")", R"("top_p")"}},
    {"a temperature out of range is refused where it is not brought in",
     R"("temperature":1.5)",
     {.model = "t", .clamp = false},
     {"error: 'temperature' must be between 0 and 1"},
     {}},
    {"a schema that the model takes",
     R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
     by_budget(),
     {R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}})"},
     {"tools"}},
    {"one that it does not take is a forced tool, and thinking gives way",
     R"("reasoning_effort":"low","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","maxProperties":1}}})",
     {.model = "t", .max_output = 5000, .native_schema = false},
     {R"("tools":[{"name":"apigw_json_answer")", R"("input_schema":{"type":"object","maxProperties":1})",
      R"("tool_choice":{"type":"tool","name":"apigw_json_answer"})", "dropped thinking"},
     {"output_config", R"("thinking")"}},
    {"beside tools of the client any may be called",
     R"("tools":[{"type":"function","function":{"name":"f"}}],"parallel_tool_calls":false,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
     {.model = "t", .max_output = 5000, .native_schema = false},
     {R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})", R"({"name":"f",)"},
     {}},
    {"a choice that was forced is then among them",
     R"("tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
     {.model = "t", .max_output = 5000, .native_schema = false},
     {R"("tool_choice":{"type":"any"})", "changed tool_choice"},
     {}},
    {"a forced choice among no tools",
     R"("tool_choice":"required")",
     by_budget(),
     {"dropped tool_choice"},
     {"tool_choice"}},
    {"a free one says nothing", R"("tool_choice":"auto")", by_budget(), {"defaulted max_tokens"}, {"tool_choice"}},
    {"a tool with the name that is kept",
     R"("tools":[{"type":"function","function":{"name":"apigw_json_answer"}}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
     {.model = "t", .native_schema = false},
     {"error: 'tools[0]'"},
     {}},
    {"strict tools where the model has none",
     R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])",
     {.model = "t", .max_output = 5, .native_schema = false},
     {"dropped tools[0].strict"},
     {R"("strict")"}},
};

}  // namespace

TEST_CASE("a request follows what its target is able to do") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string text = sent(row.members, row.traits);
    for (const char* part : row.holds) CHECK_MESSAGE(text.contains(part), text, " lacks ", part);
    for (const char* part : row.lacks)
      CHECK_MESSAGE(!text.substr(0, text.find('\n')).contains(part), text, " holds ", part);
  }
}

TEST_CASE("each effort is a budget of tokens, or a word where the model thinks by effort") {
  struct Effort {
    const char *asked, *thinking, *word;
  };
  for (const Effort& row : {Effort{"none", R"("thinking":{"type":"disabled"})", nullptr},
                            {"minimal", R"("thinking":{"type":"enabled","budget_tokens":1024})", "low"},
                            {"low", R"("thinking":{"type":"enabled","budget_tokens":1024})", "low"},
                            {"medium", R"("thinking":{"type":"enabled","budget_tokens":2048})", "medium"},
                            {"high", R"("thinking":{"type":"enabled","budget_tokens":4096})", "high"},
                            {"xhigh", R"("thinking":{"type":"enabled","budget_tokens":8192})", "xhigh"},
                            {"max", R"("thinking":{"type":"enabled","budget_tokens":16384})", "max"}}) {
    CAPTURE(row.asked);
    const std::string members = fmt::format(R"("max_tokens":64000,"reasoning_effort":"{}")", row.asked);
    const std::string by_tokens = sent(members, by_budget());
    CHECK_MESSAGE(by_tokens.contains(row.thinking), by_tokens);
    CHECK(!by_tokens.contains("output_config"));
    TargetTraits traits = by_budget();
    traits.thinks_by_effort = true;
    const std::string by_word = sent(members, traits);
    CHECK(!by_word.contains("budget_tokens"));
    if (row.word == nullptr) {
      CHECK(!by_word.contains("output_config"));
      continue;
    }
    CHECK_MESSAGE(by_word.contains(fmt::format(R"("output_config":{{"effort":"{}"}})", row.word)), by_word);
    CHECK(by_word.contains(R"("thinking":{"type":"adaptive"})"));
    // Said in another way only where the model has no such word.
    CHECK(by_word.contains("changed thinking") == (std::string_view(row.asked) != row.word));
  }
}

TEST_CASE("arguments of a call that are no object are the client's mistake, named by their place") {
  chat::Request request;
  request.messages = {{.role = chat::Role::user, .parts = {{chat::Text{"x"}, {}}}},
                      {.role = chat::Role::assistant, .parts = {{chat::ToolCall{"c", "f", {"[1]"}}, {}}}}};
  chat::Losses losses;
  const auto written = anthropic().write_request(request, by_budget(), losses);
  REQUIRE(!written);
  CHECK(written.error().kind == ErrorKind::invalid);
  CHECK(written.error().what == "'messages[1].content[0]' calls the tool 'f' with arguments that are no JSON object");
}

TEST_CASE("a model that thinks by a budget does not think on where the thoughts before its calls are missing") {
  using chat::Reasoning;
  const auto written = [](std::vector<chat::Part> turn, TargetTraits traits) {
    chat::Request request;
    request.thinking = chat::Thinking{.effort = chat::Effort::medium};
    request.messages = {{.role = chat::Role::user, .parts = {{chat::Text{"x"}, {}}}},
                        {.role = chat::Role::assistant, .parts = std::move(turn)},
                        {.role = chat::Role::user,
                         .parts = {{chat::ToolResult{.call_id = "c", .content = {{chat::Text{"r"}, {}}}}, {}}}}};
    chat::Losses losses;
    const auto out = anthropic().write_request(request, traits, losses);
    REQUIRE(out);
    return out->body + chat_dump::of(losses);
  };
  const chat::Part call{chat::ToolCall{"c", "f", {"{}"}}, {}};
  const chat::Part own{Reasoning{.text = "hm", .signature = "s", .origin = "anthropic"}, {}};
  const chat::Part foreign{Reasoning{.text = "hm", .signature = "s", .origin = "gemini"}, {}};
  TargetTraits by_effort = by_budget();
  by_effort.thinks_by_effort = true;
  CHECK(written({own, call}, by_budget()).contains(R"("budget_tokens":2048)"));
  CHECK(written({foreign, call}, by_effort).contains(R"("type":"adaptive")"));
  for (const auto& turn : {std::vector{foreign, call}, std::vector{call}}) {
    const std::string text = written(turn, by_budget());
    CHECK(text.contains("dropped thinking"));
    CHECK(!text.contains("budget_tokens"));
  }
}

TEST_CASE("a stream whose parts come too far out of turn gives up") {
  const auto writer = anthropic().write_events({.id = "x", .now = 1});
  chat::Losses losses;
  std::string out;
  writer->feed(chat::PartBegan{.answer = 0, .part = 0, .content = chat::ToolCall{"a", "f", {}}}, out, losses);
  writer->feed(chat::PartBegan{.answer = 0, .part = 1, .content = chat::ToolCall{"b", "f", {}}}, out, losses);
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 31; ++i) writer->feed(chat::PartGrew{.answer = 0, .part = 1, .text = megabyte}, out, losses);
  CHECK(!writer->gave_up());
  writer->feed(chat::PartGrew{.answer = 0, .part = 1, .text = megabyte}, out, losses);
  CHECK(writer->gave_up());
  const std::size_t size = out.size();
  writer->feed(chat::Finished{.usage = {}}, out, losses);
  CHECK(out.size() == size);
}

TEST_CASE("an answer that was forced into a tool comes back as text, whole and streamed") {
  dialects::WayBack way_back;
  sent(R"("response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})",
       {.model = "t", .native_schema = false}, &way_back);
  REQUIRE(way_back.answer_in_tool);
  const auto reply = anthropic().read_reply(
      R"({"content":[{"type":"tool_use","id":"t","name":"apigw_json_answer","input":{"a":1.0}}],"stop_reason":"tool_use"})",
      way_back, {});
  REQUIRE(reply);
  CHECK(chat_dump::of(*reply).contains("  text \"{\"a\":1.0}\"\n  stop end native \"tool_use\""));

  const std::string stream =
      "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
      "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
      "\"name\":\"apigw_json_answer\",\"input\":{}}}\n\n"
      "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"input_json_delta\","
      "\"partial_json\":\"{\\\"a\\\":1}\"}}\n\n"
      "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\n"
      "data: {\"type\":\"message_stop\"}\n\n";
  const auto reader = anthropic().read_events(way_back, {});
  wire::SseSplitter splitter;
  splitter.feed(stream);
  std::vector<chat::Event> events;
  for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) reader->feed(**frame, events);
  const std::string told = chat_dump::of(events);
  CHECK(told.contains("0.0 began text \"\"\n0.0 grew \"{\"a\":1}\"\n0.0 ended\n0 stop end native \"tool_use\"\n"));
}

TEST_CASE("a tool that was renamed comes back under the client's name, whole and streamed") {
  const dialects::WayBack way_back{.tools = {{.sent = "a_b_1", .original = "a.b"}}};
  const auto reply =
      anthropic().read_reply(R"({"content":[{"type":"tool_use","id":"t","name":"a_b_1","input":{}}]})", way_back, {});
  REQUIRE(reply);
  CHECK(chat_dump::of(*reply).contains("call \"t\" a.b {}"));
  const auto reader = anthropic().read_events(way_back, {});
  std::vector<chat::Event> events;
  const std::string data =
      R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"a_b_1"}})";
  reader->feed({.raw = data, .event = {}, .data = data, .has_data = true}, events);
  CHECK(chat_dump::of(events).contains("call \"t\" a.b"));
}

TEST_CASE("thoughts of another provider keep their proof, marked as whose it is, and come back with it") {
  chat::Reply reply;
  reply.answers.resize(1);
  reply.answers[0].parts = {{chat::Reasoning{.text = "hm", .signature = "s", .sealed = {}, .origin = "gemini"}, {}},
                            {chat::Reasoning{.text = {}, .signature = {}, .sealed = "x", .origin = "gemini"}, {}}};
  reply.usage.known = true;
  chat::Losses losses;
  const std::string body = anthropic().write_reply(reply, {.id = "r"}, losses);
  CHECK(body.contains(R"("content":[{"type":"thinking","thinking":"hm","signature":"apigw:gemini:signature:s"},)"
                      R"({"type":"thinking","thinking":"","signature":"apigw:gemini:sealed:x"}])"));
  CHECK(losses.empty());
  const auto again = anthropic().read_reply(body, {}, {});
  REQUIRE(again);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& before = std::get<chat::Reasoning>(reply.answers[0].parts[i].content);
    const auto& after = std::get<chat::Reasoning>(again->answers[0].parts[i].content);
    CHECK(after.signature == before.signature);
    CHECK(after.sealed == before.sealed);
    CHECK(after.origin == before.origin);
  }
}
