// What of Cohere's dialect no fixture shows.
#include "dialects/cohere.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"
#include "support/hub.h"

using namespace apigw;
using test::asked;
using test::lost;
using Json = nlohmann::ordered_json;

namespace {

const dialects::Dialect& cohere() {
  return *dialects::find_dialect("cohere");
}

Json written(const chat::Request& request, const dialects::TargetTraits& target, chat::Losses& losses) {
  return test::written(cohere(), request, target, losses);
}

}  // namespace

TEST_CASE("the facts of a call of Cohere's are its model and whether it streams") {
  struct Row {
    std::string_view operation, body;
    bool stream;
  };
  for (const Row& row :
       {Row{"chat", R"({"model":"m","messages":[]})", false}, Row{"chat", R"({"model":"m","stream":null})", false},
        Row{"chat", R"({"model":"m","stream":true})", true}, Row{"rerank", R"({"model":"m"})", false}}) {
    CAPTURE(row.body);
    const auto facts = cohere().scan_request(row.operation, row.body, {});
    REQUIRE(facts);
    CHECK(facts->model == "m");
    CHECK(facts->stream == row.stream);
    CHECK(facts->wants_usage == row.stream);
    CHECK_FALSE(facts->forced);
  }
  for (const std::string_view body :
       {"[]", "{}", R"({"model":1})", R"({"model":""})", R"({"model":"m","stream":1})"}) {
    CAPTURE(body);
    const auto facts = cohere().scan_request("chat", body, {});
    REQUIRE_FALSE(facts);
    CHECK(facts.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("what is counted is what is paid, and cached tokens are told apart where all of the prompt is paid") {
  struct Row {
    std::string_view usage;
    std::uint64_t input, cached, output;
    bool known = true;
  };
  for (
      const Row& row :
      {Row{R"({"billed_units":{"input_tokens":5,"output_tokens":3},"tokens":{"input_tokens":71,"output_tokens":3},)"
           R"("cached_tokens":64})",
           5, 0, 3},
       Row{R"({"billed_units":{"input_tokens":71,"output_tokens":3},"tokens":{"input_tokens":71},"cached_tokens":64})",
           7, 64, 3},
       Row{R"({"tokens":{"input_tokens":71,"output_tokens":3},"cached_tokens":99})", 0, 71, 3},
       Row{R"({"billed_units":{"search_units":1}})", 0, 0, 0, false}, Row{R"({})", 0, 0, 0, false},
       Row{"7", 0, 0, 0, false}}) {
    CAPTURE(row.usage);
    const auto usage = cohere().scan_reply("chat", fmt::format(R"({{"message":{{}},"usage":{}}})", row.usage), {});
    REQUIRE(usage);
    CHECK(usage->input == row.input);
    CHECK(usage->cache_read == row.cached);
    CHECK(usage->output == row.output);
    CHECK(usage->known == row.known);
  }
}

TEST_CASE("a plain reply is whole when it is one of its operation and did not fail") {
  struct Row {
    std::string_view operation, body;
    bool fits;
    std::uint64_t total = 0;
  };
  for (const Row& row :
       {Row{"chat", R"({"message":{},"finish_reason":"COMPLETE"})", true},
        Row{"chat", R"({"message":{},"finish_reason":"ERROR"})", false},
        Row{"chat", R"({"message":{},"finish_reason":"TIMEOUT"})", false},
        Row{"chat", R"({"message":"invalid request"})", false}, Row{"chat", R"({"text":"a"})", false},
        Row{"chat", R"({"error":"no"})", false}, Row{"chat", "no", false},
        Row{"rerank", R"({"id":"r","results":[],"meta":{"billed_units":{"search_units":1}}})", true},
        Row{"rerank", R"({"results":[],"usage":{"total_tokens":9}})", true, 9},
        Row{"rerank", R"({"message":"invalid request"})", false},
        Row{"embeddings", R"({"embeddings":{"int8":[[1]]},"meta":{"billed_units":{"input_tokens":4}}})", true, 4},
        Row{"embeddings", R"({"embeddings":{"float":[[1]]},"meta":{}})", true},
        Row{"embeddings", R"({"embeddings":[[1]]})", false}, Row{"embeddings", R"({"message":"no"})", false}}) {
    CAPTURE(row.body);
    const auto usage = cohere().scan_reply(row.operation, row.body, {});
    CHECK(usage.has_value() == row.fits);
    if (usage) CHECK(usage->total() == row.total);
    if (usage) CHECK(usage->known == (row.total != 0));
    if (!usage) CHECK(usage.error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("a reply is told under the model that was asked, since it names none") {
  chat::Losses losses;
  const auto request = cohere().write_request(asked(), {.model = "command-a"}, losses);
  REQUIRE(request);
  const auto reply = cohere().read_reply(R"({"message":{"content":[]}})", request->way_back, {});
  REQUIRE(reply);
  CHECK(reply->model == "command-a");
  const auto reader = cohere().read_events(request->way_back, {});
  std::vector<chat::Event> events;
  reader->feed({.raw = {}, .event = {}, .data = R"({"type":"message-start","id":"s"})", .has_data = true}, events);
  REQUIRE(events.size() == 1);
  CHECK(std::get<chat::Began>(events[0]).model == "command-a");
}

TEST_CASE("names of tools go without dashes and come back with them") {
  chat::Request request = asked();
  for (const char* name : {"get-weather", "get_weather", "2nd"})
    request.tools.push_back({.name = name, .description = {}, .schema = {}});
  chat::Losses losses;
  const auto out = cohere().write_request(request, {.model = "t"}, losses);
  REQUIRE(out);
  const Json tools = Json::parse(out->body)["tools"];
  CHECK(tools[0]["function"]["name"] == "get_weather_1");
  CHECK(tools[1]["function"]["name"] == "get_weather");
  CHECK(tools[2]["function"]["name"] == "_2nd");
  const auto reply = cohere().read_reply(
      R"({"message":{"tool_calls":[{"id":"a","function":{"name":"get_weather_1","arguments":"{}"}}]}})",
      out->way_back, {});
  REQUIRE(reply);
  CHECK(std::get<chat::ToolCall>(reply->answers[0].parts[0].content).name == "get-weather");
  CHECK(losses.empty());
}

TEST_CASE("how much to think is a budget of tokens") {
  using chat::Effort;
  struct Row {
    chat::Thinking thinking;
    std::string_view sent, lost;
  };
  for (const Row& row :
       {Row{{.effort = Effort::none}, R"({"type":"disabled"})", ""},
        Row{{.effort = Effort::low}, R"({"type":"enabled","token_budget":1024})", "changed reasoning_effort\n"},
        Row{{.effort = Effort::max}, R"({"type":"enabled","token_budget":16384})", "changed reasoning_effort\n"},
        Row{{.budget = 3000}, R"({"type":"enabled","token_budget":3000})", ""},
        Row{{.effort = Effort::low, .budget = 3000}, R"({"type":"enabled","token_budget":3000})", ""},
        Row{{.adaptive = true}, R"({"type":"enabled"})", ""}}) {
    CAPTURE(row.sent);
    chat::Request request = asked();
    request.thinking = row.thinking;
    chat::Losses losses, of_none;
    CHECK(written(request, {.model = "t"}, losses)["thinking"].dump() == row.sent);
    CHECK(lost(losses) == row.lost);
    CHECK_FALSE(written(request, {.model = "t", .thinks = false}, of_none).contains("thinking"));
    CHECK(of_none.empty() == (row.thinking.effort == Effort::none));
  }
}

TEST_CASE("a choice among tools leaves the others out, and schemas are kept to for all or none") {
  using Mode = chat::ToolChoice::Mode;
  struct Row {
    std::optional<chat::ToolChoice> choice;
    std::string_view sent, word, lost;
  };
  for (const Row& row :
       {Row{{}, "fgh", "", "changed tools[1].strict\nchanged tools[2].strict\n"},
        Row{{{.mode = Mode::none}}, "fgh", "NONE", "changed tools[1].strict\nchanged tools[2].strict\n"},
        Row{{{.mode = Mode::required, .name = {}, .allowed = {"f"}}},
            "f",
            "REQUIRED",
            "changed tool_choice.allowed_tools\n"},
        Row{{{.mode = Mode::named, .name = "g"}}, "g", "REQUIRED", ""}}) {
    CAPTURE(row.sent);
    chat::Request request = asked();
    for (const char* name : {"f", "g", "h"}) request.tools.push_back({.name = name, .description = {}, .schema = {}});
    request.tools[0].strict = true;
    request.tools[1].strict = false;
    request.tool_choice = row.choice;
    chat::Losses losses;
    const Json body = written(request, {.model = "t"}, losses);
    std::string sent;
    for (const Json& tool : body["tools"]) sent += tool["function"]["name"].get<std::string>();
    CHECK(sent == row.sent);
    CHECK(body.value("tool_choice", "") == row.word);
    CHECK(body.value("strict_tools", false) == (row.sent.contains('f')));
    CHECK(lost(losses) == row.lost);
  }
  chat::Request without = asked();
  without.tool_choice = {.mode = Mode::required};
  chat::Losses losses;
  CHECK_FALSE(written(without, {.model = "t"}, losses).contains("tool_choice"));
  CHECK(lost(losses) == "dropped tool_choice\n");
}

TEST_CASE("numbers out of Cohere's ranges are brought into them, or go as they are where nothing is clamped") {
  chat::Request request = asked();
  request.temperature = {.text = "1.5", .value = 1.5};
  request.top_p = {.text = "1", .value = 1};
  request.frequency_penalty = {.text = "-1", .value = -1};
  request.stop = {"a", "b", "c", "d", "e", "f"};
  chat::Losses losses, none;
  const Json body = written(request, {.model = "t"}, losses);
  CHECK(body["temperature"] == 1);
  CHECK(body["p"] == 0.99);
  CHECK(body["frequency_penalty"] == 0);
  CHECK(body["stop_sequences"].size() == 5);
  CHECK(lost(losses) == "changed stop\nchanged temperature\nchanged top_p\nchanged frequency_penalty\n");
  request.stop.resize(5);
  const Json whole = written(request, {.model = "t", .clamp = false}, none);
  CHECK(whole["temperature"] == 1.5);
  CHECK(whole["p"] == 1);
  CHECK(none.empty());
}

TEST_CASE("what Cohere cannot be told and must not be dropped is refused") {
  chat::Request several = asked();
  several.answers = 2;
  chat::Request stored = asked();
  stored.messages[0].parts.push_back({chat::Media{.source = {.file_id = "file-1"}}, {}, {}});
  chat::Request sound = asked();
  sound.messages[0].parts.push_back(
      {chat::Media{.kind = chat::Media::Kind::audio, .source = {.media_type = "audio/wav", .base64 = "AAAA"}},
       {},
       {}});
  chat::Request arguments = asked();
  arguments.messages.push_back({.role = chat::Role::assistant,
                                .parts = {{chat::ToolCall{.id = "c", .name = "f", .arguments = {"{\"a"}}, {}, {}}},
                                .name = {},
                                .place = {}});
  chat::Request nobody = asked();
  nobody.tools.push_back({.name = "f", .description = {}, .schema = {}});
  nobody.tool_choice = {.mode = chat::ToolChoice::Mode::named, .name = "g"};
  for (const chat::Request& request : {several, stored, sound, arguments, nobody}) {
    chat::Losses losses;
    const auto out = cohere().write_request(request, {.model = "t"}, losses);
    REQUIRE_FALSE(out);
    CHECK(out.error().kind == ErrorKind::invalid);
  }
  chat::Request stops = asked();
  stops.stop.assign(6, "a");
  chat::Losses losses;
  CHECK_FALSE(cohere().write_request(stops, {.model = "t", .clamp = false}, losses));
}

TEST_CASE("thoughts go back to a model that thinks, those of others and of models that do not are left out") {
  const auto said = [](chat::Reasoning thought, dialects::TargetTraits target, bool calls, chat::Losses& losses) {
    chat::Request request = asked();
    chat::Message turn{
        .role = chat::Role::assistant, .parts = {{std::move(thought), {}, {}}}, .name = {}, .place = {}};
    if (calls)
      turn.parts.push_back({chat::ToolCall{.id = "c", .name = "f"}, {}, {}});
    else
      turn.parts.push_back({chat::Text{"a"}, {}, {}});
    request.messages.push_back(std::move(turn));
    request.messages.push_back(asked().messages[0]);
    return written(request, target, losses)["messages"][1];
  };
  chat::Losses losses, more;
  CHECK(said({.text = "hm"}, {.model = "t"}, false, losses)["content"].dump() ==
        R"([{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"}])");
  CHECK(said({.text = "hm"}, {.model = "t", .thinks = false}, true, losses)["tool_plan"] == "hm");
  CHECK(losses.empty());
  CHECK(said({.text = "hm"}, {.model = "t", .thinks = false}, false, more)["content"] == "a");
  CHECK(said({.text = "hm", .signature = "s", .origin = "anthropic"}, {.model = "t"}, false, more)["content"] == "a");
  CHECK(lost(more) == "dropped messages[1].content[0]\ndropped messages[1].content[0]\n");
}

TEST_CASE("parts that grow at the same time go out one after the other, and too much of them is given up") {
  const auto writer = cohere().write_events({.id = "i"});
  chat::Losses losses;
  std::string out;
  const auto tell = [&](const chat::Event& event) { writer->feed(event, out, losses); };
  tell(chat::Began{});
  tell(chat::PartBegan{0, 0, chat::ToolCall{.id = "a", .name = "f", .arguments = {""}}});
  tell(chat::PartBegan{0, 1, chat::ToolCall{.id = "b", .name = "g", .arguments = {""}}});
  tell(chat::PartGrew{0, 1, R"({"n":2})"});
  CHECK_FALSE(out.contains(R"("id":"b")"));
  tell(chat::PartGrew{0, 0, "{}"});
  tell(chat::PartEnded{0, 0});
  const auto second = out.find(R"("id":"b")");
  CHECK(out.find(R"("type":"tool-call-end","index":0)") < second);
  CHECK(out.find(R"(\"n\":2)") > second);
  tell(chat::PartBegan{0, 2, chat::Text{}});
  const std::string much(1 << 20, ' ');
  for (int i = 0; i < 33 && !writer->gave_up(); ++i) tell(chat::PartGrew{0, 2, much});
  CHECK(writer->gave_up());
}

TEST_CASE("a key that Cohere does not know is told as one that was refused") {
  CHECK(cohere().read_error(498, {}, R"({"message":"invalid api token"})").status == 401);
  const auto own = json::scan(R"({"id":"a","message":"m"})"), other = json::scan(R"({"error":{"message":"m"}})");
  CHECK(cohere().is_own_error(R"({"id":"a","message":"m"})", *own));
  CHECK_FALSE(cohere().is_own_error(R"({"error":{"message":"m"}})", *other));
  CHECK(cohere().error_body({.message = "m", .request_id = "r"}) == R"({"id":"r","message":"m"})");
}
