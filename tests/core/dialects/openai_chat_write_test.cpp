// What only the hub or another dialect can say, written in the OpenAI dialect, and what targets of it are spared.
#include <doctest/doctest.h>

#include "dialects/dialect.h"
#include "support/chat_dump.h"

using namespace apigw;
using dialects::TargetTraits;

namespace {

const dialects::Dialect& openai() {
  return *dialects::find_dialect("openai");
}

chat::Message turn(chat::Role role, std::vector<chat::Part> parts) {
  return {.role = role, .parts = std::move(parts)};
}

chat::Part said(std::string text) {
  return {chat::Text{std::move(text)}, {}};
}

chat::Request plain() {
  chat::Request request;
  request.messages.push_back(turn(chat::Role::user, {said("x")}));
  return request;
}

chat::Request with(void (*change)(chat::Request&)) {
  chat::Request request = plain();
  change(request);
  return request;
}

// The written body behind `{"model":"m","messages":[{"role":"user","content":"x"}]`, then its losses.
std::string settings(const chat::Request& request, void (*traits)(TargetTraits&)) {
  TargetTraits target;
  target.model = "m";
  traits(target);
  chat::Losses losses;
  const auto written = openai().write_request(request, target, losses);
  if (!written) return written.error().what;
  constexpr std::string_view head = R"({"model":"m","messages":[{"role":"user","content":"x"}])";
  REQUIRE(written->body.starts_with(head));
  return written->body.substr(head.size()) + "\n" + chat_dump::of(losses);
}

chat::Number number(const char* text) {
  return {.text = text, .value = std::strtod(text, nullptr)};
}

struct Setting {
  const char* name;
  void (*request)(chat::Request&);
  void (*traits)(TargetTraits&);
  const char* expected;
};

const Setting rows[] = {
    {"the limit by its newer name", [](chat::Request& r) { r.max_output = 9; }, [](TargetTraits&) {},
     ",\"max_completion_tokens\":9}\n"},
    {"the limit by its older name", [](chat::Request& r) { r.max_output = 9; },
     [](TargetTraits& t) { t.max_tokens_only = true; }, ",\"max_tokens\":9}\n"},
    {"a limit above the model's", [](chat::Request& r) { r.max_output = 9; },
     [](TargetTraits& t) { t.max_output = 8; },
     ",\"max_completion_tokens\":8}\nloss changed max_completion_tokens: the model gives at most 8 tokens\n"},
    {"a limit above the model's that is not to be clamped", [](chat::Request& r) { r.max_output = 9; },
     [](TargetTraits& t) {
       t.max_output = 8;
       t.clamp = false;
     },
     ",\"max_completion_tokens\":9}\n"},
    {"sampling for a reasoning model",
     [](chat::Request& r) {
       r.temperature = number("0.5");
       r.stop = {"END"};
     },
     [](TargetTraits& t) { t.fixed_sampling = true; },
     "}\nloss dropped temperature: a reasoning model takes its own value only\n"
     "loss dropped stop: a reasoning model takes no stop sequences\n"},
    {"a temperature out of range", [](chat::Request& r) { r.temperature = number("2.5"); }, [](TargetTraits&) {},
     ",\"temperature\":2}\nloss changed temperature: 2.5 is outside of 0 to 2\n"},
    {"a temperature out of range that is not to be clamped", [](chat::Request& r) { r.temperature = number("2.50"); },
     [](TargetTraits& t) { t.clamp = false; }, ",\"temperature\":2.50}\n"},
    {"top_k", [](chat::Request& r) { r.top_k = number("40"); }, [](TargetTraits&) {},
     "}\nloss dropped top_k: OpenAI chat completions has none\n"},
    {"top_k for a server that takes it", [](chat::Request& r) { r.top_k = number("40"); },
     [](TargetTraits& t) { t.top_k = true; }, ",\"top_k\":40}\n"},
    {"five stop sequences", [](chat::Request& r) { r.stop = {"a", "b", "c", "d", "e"}; }, [](TargetTraits&) {},
     ",\"stop\":[\"a\",\"b\",\"c\",\"d\"]}\nloss changed stop: OpenAI chat completions takes four, the first four "
     "go\n"},
    {"five stop sequences that are not to be clamped", [](chat::Request& r) { r.stop = {"a", "b", "c", "d", "e"}; },
     [](TargetTraits& t) { t.clamp = false; }, "'stop' must hold at most 4 sequences for this model"},
    {"an effort", [](chat::Request& r) { r.thinking = {.effort = chat::Effort::max}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; }, ",\"reasoning_effort\":\"max\"}\n"},
    {"an effort for a model that takes none", [](chat::Request& r) { r.thinking = {.effort = chat::Effort::high}; },
     [](TargetTraits&) {}, "}\nloss dropped reasoning_effort: the target takes no effort\n"},
    {"a budget for a model that takes no effort", [](chat::Request& r) { r.thinking = {.budget = 1'024}; },
     [](TargetTraits&) {}, "}\nloss dropped thinking: the target takes no effort\n"},
    {"a cache mark of a tool that stood elsewhere",
     [](chat::Request& r) { r.tools.push_back({.name = "f", .cache = chat::CacheMark{}, .place = "tools[1]"}); },
     [](TargetTraits&) {},
     ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}\n"
     "loss dropped tools[1].cache_control: the target takes no cache marks\n"},
    {"no thinking, as another dialect asks for it",
     [](chat::Request& r) { r.thinking = {.effort = chat::Effort::none}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; },
     "}\nloss dropped thinking: the model thinks as it does by default\n"},
    {"no thinking, as the dialect's own clients ask for it",
     [](chat::Request& r) {
       r.thinking = {.effort = chat::Effort::none};
       r.native.dialect = "openai";
     },
     [](TargetTraits& t) { t.thinks_by_effort = true; }, ",\"reasoning_effort\":\"none\"}\n"},
    {"a small budget", [](chat::Request& r) { r.thinking = {.budget = 1024}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; },
     ",\"reasoning_effort\":\"low\"}\nloss changed thinking: said as the effort low\n"},
    {"a middling budget", [](chat::Request& r) { r.thinking = {.budget = 2048}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; },
     ",\"reasoning_effort\":\"medium\"}\nloss changed thinking: said as the effort medium\n"},
    {"a large budget", [](chat::Request& r) { r.thinking = {.budget = 31'999}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; },
     ",\"reasoning_effort\":\"high\"}\nloss changed thinking: said as the effort high\n"},
    {"thinking at the model's choice", [](chat::Request& r) { r.thinking = {.adaptive = true}; },
     [](TargetTraits& t) { t.thinks_by_effort = true; },
     ",\"reasoning_effort\":\"high\"}\nloss changed thinking: said as the effort high\n"},
    {"a schema", [](chat::Request& r) { r.format = {.kind = chat::AnswerFormat::Kind::schema, .schema = {"{}"}}; },
     [](TargetTraits&) {},
     ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"schema\":{}}}}\n"
     "loss defaulted response_format.json_schema.name: a schema has a name here\n"},
    {"a schema for a server that takes none",
     [](chat::Request& r) { r.format = {.kind = chat::AnswerFormat::Kind::schema, .name = "n", .schema = {"{}"}}; },
     [](TargetTraits& t) { t.native_schema = false; },
     ",\"response_format\":{\"type\":\"json_object\"}}\n"
     "loss changed response_format.json_schema: the target takes no schema, only JSON\n"},
    {"a stream always asks for its usage", [](chat::Request& r) { r.stream = true; }, [](TargetTraits&) {},
     ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}\n"},
    {"a stream of a server that may not be asked", [](chat::Request& r) { r.stream = true; },
     [](TargetTraits& t) { t.stream_options = false; }, ",\"stream\":true}\n"},
    {"a tier of another dialect", [](chat::Request& r) { r.service_tier = "standard_only"; }, [](TargetTraits&) {},
     ",\"service_tier\":\"default\"}\n"},
    {"a tier that both have", [](chat::Request& r) { r.service_tier = "auto"; }, [](TargetTraits&) {},
     ",\"service_tier\":\"auto\"}\n"},
    {"a tier that only the other has", [](chat::Request& r) { r.service_tier = "cheap"; }, [](TargetTraits&) {},
     "}\nloss dropped service_tier: OpenAI chat completions has no such tier\n"},
    {"what only another dialect says",
     [](chat::Request& r) { r.native = {"anthropic", {{"mcp_servers", {"[1]"}}, {"tools[1]", {R"({"a":1})"}}}}; },
     [](TargetTraits&) {},
     "}\nloss dropped mcp_servers: OpenAI chat completions has no place for it\n"
     "loss dropped tools[1]: OpenAI chat completions has no place for it\n"},
    {"a marked tool for a server that refuses unknown fields",
     [](chat::Request& r) { r.tools = {{.name = "a", .cache = chat::CacheMark{}}}; }, [](TargetTraits&) {},
     ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"}}]}\n"
     "loss dropped tools[0].cache_control: the target takes no cache marks\n"},
    {"a marked tool as a breakpoint",
     [](chat::Request& r) { r.tools = {{.name = "a", .cache = chat::CacheMark{"1h"}}}; },
     [](TargetTraits& t) { t.cache_marks = TargetTraits::CacheMarks::breakpoint; },
     ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\"},\"prompt_cache_breakpoint\":{\"mode\":"
     "\"explicit\"}}]}\n"
     "loss dropped tools[0].cache_control.ttl: a breakpoint keeps no time of its own\n"},
};

// The member `messages` alone, then the losses.
std::string messages(const std::vector<chat::Message>& turns, const TargetTraits& target = {}) {
  chat::Request request;
  request.messages = turns;
  request.native.dialect = "anthropic";
  chat::Losses losses;
  const auto written = openai().write_request(request, target, losses);
  if (!written) return written.error().what;
  constexpr std::string_view head = R"({"model":"","messages":)";
  return written->body.substr(head.size(), written->body.size() - head.size() - 1) + "\n" + chat_dump::of(losses);
}

chat::Part call(std::string id) {
  return {chat::ToolCall{.id = std::move(id), .name = "f", .arguments = {"{}"}}, {}};
}
chat::Part result(std::string id, std::vector<chat::Part> content, bool failed = false) {
  return {chat::ToolResult{.call_id = std::move(id), .content = std::move(content), .failed = failed}, {}};
}
chat::Part picture(const char* base64) {
  return {chat::Media{.source = {.media_type = "image/png", .base64 = base64}}, {}};
}
chat::Part media(chat::Media::Kind kind, chat::Source source) {
  return {chat::Media{.kind = kind, .source = std::move(source)}, {}};
}

}  // namespace

TEST_CASE("a setting goes as the target takes it, and what it would refuse is left out and listed") {
  for (const Setting& row : rows) {
    CAPTURE(row.name);
    CHECK(settings(with(row.request), row.traits) == row.expected);
  }
}

TEST_CASE("results are messages of their own, before the rest of their turn") {
  CHECK(
      messages({turn(chat::Role::user, {said("q")}), turn(chat::Role::assistant, {call("a"), call("b")}),
                turn(chat::Role::user, {said("and"), result("a", {said("1")}), result("b", {})})}) ==
      R"([{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":""},{"role":"user","content":"and"}])"
      "\n");
}

TEST_CASE("a failed result loses its mark, and its place is named") {
  CHECK(
      messages({turn(chat::Role::assistant, {call("a")}), turn(chat::Role::user, {result("a", {said("no")}, true)})})
          .ends_with(
              "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"no\"}]\nloss dropped messages[1].content[0]: "
              "OpenAI chat completions does not mark a result as failed\n"));
}

TEST_CASE("pictures of results follow them in a user's message, in their order") {
  CHECK(
      messages({turn(chat::Role::user, {result("a", {said("see"), picture("AAAA")})}),
                turn(chat::Role::user, {result("b", {picture("BBBB")})}), turn(chat::Role::user, {said("so?")})}) ==
      R"([{"role":"tool","tool_call_id":"a","content":"see"},{"role":"tool","tool_call_id":"b","content":""},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,BBBB"}},{"type":"text","text":"so?"}]}])"
      "\n"
      "loss changed messages[0].content[0]: a tool's pictures and documents go in a user's message behind its "
      "result\n"
      "loss changed messages[1].content[0]: a tool's pictures and documents go in a user's message behind its "
      "result\n");
  // Also when nobody speaks after them.
  CHECK(
      messages({turn(chat::Role::user, {result("a", {picture("AAAA")})})})
          .starts_with(
              R"([{"role":"tool","tool_call_id":"a","content":""},{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}])"));
  CHECK(
      messages({turn(chat::Role::user, {result("a", {picture("AAAA")})}), turn(chat::Role::assistant, {said("ok")}),
                turn(chat::Role::user, {said("?")})})
          .contains(
              R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},{"role":"assistant","content":"ok"})"));
}

TEST_CASE("several blocks of a system prompt stay parts, so that their marks survive") {
  chat::Part marked = said("long");
  marked.cache = chat::CacheMark{"5m"};
  TargetTraits target;
  target.cache_marks = TargetTraits::CacheMarks::control;
  CHECK(
      messages({turn(chat::Role::system, {said("a"), marked}), turn(chat::Role::user, {said("x")})}, target) ==
      R"([{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"long","cache_control":{"type":"ephemeral","ttl":"5m"}}]},{"role":"user","content":"x"}])"
      "\n");
  CHECK(messages({turn(chat::Role::system, {marked}), turn(chat::Role::user, {said("x")})}) ==
        R"([{"role":"system","content":"long"},{"role":"user","content":"x"}])"
        "\nloss dropped messages[0].content[0].cache_control: the target takes no cache marks\n");
}

TEST_CASE("thoughts go to targets that take them back, and never as text of the answer") {
  const chat::Part thought{chat::Reasoning{.text = "hm", .signature = "c2ln", .origin = "anthropic"}, {}};
  const std::vector<chat::Message> turns = {turn(chat::Role::assistant, {thought, said("yes")}),
                                            turn(chat::Role::user, {said("x")})};
  CHECK(messages(turns) == R"([{"role":"assistant","content":"yes"},{"role":"user","content":"x"}])"
                           "\nloss dropped messages[0].content[0]: the target does not take thoughts back\n");
  TargetTraits target;
  target.thoughts = TargetTraits::Thoughts::text_only;
  CHECK(messages(turns, target).starts_with(R"([{"role":"assistant","content":"yes","reasoning_content":"hm"})"));
  target.thoughts = TargetTraits::Thoughts::details;
  CHECK(
      messages(turns, target)
          .starts_with(
              R"([{"role":"assistant","content":"yes","reasoning":"hm","reasoning_details":[{"index":0,"type":"reasoning.text","format":"anthropic-claude-v1","text":"hm","signature":"c2ln"}]})"));
}

TEST_CASE("an answer that only thought is an empty one") {
  const chat::Part thought{chat::Reasoning{.text = "hm"}, {}};
  CHECK(messages({turn(chat::Role::assistant, {thought}), turn(chat::Role::user, {said("x")})})
            .starts_with(R"([{"role":"assistant","content":""},)"));
}

TEST_CASE("a begun answer at the end is a loss of meaning that is said") {
  CHECK(messages({turn(chat::Role::user, {said("x")}), turn(chat::Role::assistant, {said("Once")})})
            .ends_with(
                "loss changed messages[1]: OpenAI chat completions answers after it instead of going on with it\n"));
}

TEST_CASE("what a user shows and the dialect cannot say is refused, not dropped") {
  using Kind = chat::Media::Kind;
  struct Row {
    const char* name;
    chat::Part part;
    const char* why;
  };
  const Row refused[] = {
      {"a document by address", media(Kind::document, {.url = "https://example.com/a.pdf"}),
       "'messages[0]' holds a document by its address, which OpenAI chat completions cannot fetch; send its data"},
      {"a file of another provider", media(Kind::image, {.file_id = "file_011"}),
       "'messages[0]' holds a file that is stored with another provider; send its data instead"},
      {"a sound by address", media(Kind::audio, {.url = "https://example.com/a.wav"}),
       "'messages[0]' holds a sound that is not given as data"},
      {"a picture without data", media(Kind::image, {}), "'messages[0]' holds a picture without its data"},
  };
  for (const Row& row : refused) {
    CAPTURE(row.name);
    CHECK(messages({turn(chat::Role::user, {row.part})}) == row.why);
  }
  CHECK(messages({turn(chat::Role::user, {media(Kind::document, {.media_type = "text/plain", .text = "hello"})})}) ==
        R"([{"role":"user","content":[{"type":"text","text":"hello"}]}])"
        "\nloss changed messages[0].content[0]: a plain-text document goes as text\n");
}

TEST_CASE("a choice among some tools and renamed ones find each other") {
  chat::Request request = plain();
  request.tools = {{.name = "a.b"}, {.name = "c"}};
  request.tool_choice = chat::ToolChoice{.mode = chat::ToolChoice::Mode::automatic, .allowed = {"a.b"}};
  CHECK(
      settings(request, [](TargetTraits&) {}) ==
      R"(,"tools":[{"type":"function","function":{"name":"a_b"}},{"type":"function","function":{"name":"c"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"a_b"}}]}}})"
      "\n");
}

TEST_CASE("a reply's tools come back under the names that the client knows, plain and streamed") {
  dialects::WayBack way_back;
  way_back.tools = {{.sent = "a_b", .original = "a.b"}};
  const auto reply = openai().read_reply(
      R"({"choices":[{"message":{"tool_calls":[{"id":"1","function":{"name":"a_b","arguments":"{}"}}]}}]})", way_back,
      {});
  REQUIRE(reply);
  CHECK(std::get<chat::ToolCall>(reply->answers[0].parts[0].content).name == "a.b");
  const auto reader = openai().read_events(way_back, {});
  std::vector<chat::Event> events;
  const std::string_view data =
      R"({"choices":[{"delta":{"tool_calls":[{"id":"1","function":{"name":"a_b","arguments":"{}"}}]}}]})";
  reader->feed({.raw = data, .event = {}, .data = data, .has_data = true}, events);
  CHECK(chat_dump::of(events).contains("call \"1\" a.b"));
  CHECK(reader->usage().partial);
}

TEST_CASE("a client that did not ask for usage gets none, and one without a model's id gets its own") {
  for (const bool asked : {false, true}) {
    const auto writer = openai().write_events({.id = "mine", .now = 7, .stream_usage = asked});
    std::string out;
    chat::Losses losses;
    writer->feed(chat::Began{.id = {}, .model = "m"}, out, losses);
    writer->feed(chat::Stopped{.answer = 0, .stop = {}}, out, losses);
    writer->feed(chat::Finished{.usage = {.input = 1, .known = true}}, out, losses);
    CHECK(out.contains("\"usage\"") == asked);
    CHECK(out.contains(R"({"id":"mine","object":"chat.completion.chunk","created":7,"model":"m")"));
    CHECK(out.ends_with("data: [DONE]\n\n"));
  }
}

TEST_CASE("a stream that told no usage ends without any: zeros are not invented") {
  const auto writer = openai().write_events({.id = "x", .now = 1});
  std::string out;
  chat::Losses losses;
  writer->feed(chat::Finished{.usage = {}}, out, losses);
  CHECK(out == "data: [DONE]\n\n");
}

TEST_CASE("a request of too many parts and a stream of too many answers or calls are refused") {
  std::string body = R"({"model":"m","messages":[{"role":"user","content":"x"})";
  for (std::size_t i = 0; i < 50'000; ++i) body += R"(,{})";
  const auto read = dialects::read_request(openai(), body + "]}", {});
  REQUIRE(!read);
  CHECK(read.error().kind == ErrorKind::too_large);

  const auto fed = [](const std::string& data) {
    const auto reader = openai().read_events({}, {});
    std::vector<chat::Event> events;
    reader->feed({.raw = data, .event = {}, .data = data, .has_data = true}, events);
    return chat_dump::of(events);
  };
  CHECK(fed(R"({"choices":[{"index":128,"delta":{"content":"x"}}]})").contains("too many answers"));
  std::string calls;
  for (int i = 0; i < 513; ++i) {
    calls += fmt::format(R"({}{{"index":{},"id":"c{}","function":{{"name":"f"}}}})", i == 0 ? "" : ",", i, i);
  }
  CHECK(fed(R"({"choices":[{"delta":{"tool_calls":[)" + calls + "]}}]}").contains("too many calls"));
}

TEST_CASE("an error of another dialect keeps its type as the code") {
  const auto writer = openai().write_events({.id = "x", .now = 1});
  std::string out;
  chat::Losses losses;
  writer->feed(chat::Failed{.error = {.status = 529, .type = "overloaded_error", .message = "busy"}}, out, losses);
  CHECK(out ==
        "data: "
        "{\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"param\":null,\"code\":\"overloaded_error\"}}"
        "\n\n");
}
