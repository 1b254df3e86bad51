// What of Ollama's dialect no fixture shows.
#include "dialects/ollama.h"

#include <set>

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

const dialects::Dialect& ollama() {
  return *dialects::find_dialect("ollama");
}

Json written(const chat::Request& request, const dialects::TargetTraits& target, chat::Losses& losses) {
  return test::written(ollama(), request, target, losses);
}

}  // namespace

TEST_CASE("a call of Ollama's streams unless it says otherwise, and names its model in either of its members") {
  struct Row {
    std::string_view operation, body, model;
    bool stream;
  };
  for (const Row& row :
       {Row{"chat", R"({"model":"m","messages":[]})", "m", true},
        Row{"chat", R"({"model":"m","stream":null})", "m", true},
        Row{"chat", R"({"model":"m","stream":false})", "m", false}, Row{"generate", R"({"model":"m"})", "m", true},
        Row{"embeddings", R"({"model":"m","input":"a"})", "m", false}, Row{"model", R"({"model":"m"})", "m", false},
        Row{"model", R"({"name":"m"})", "m", false}}) {
    CAPTURE(row.body);
    const auto facts = ollama().scan_request(row.operation, row.body, {});
    REQUIRE(facts);
    CHECK(facts->model == row.model);
    CHECK(facts->stream == row.stream);
    CHECK(facts->framing == wire::Framing::lines);
    CHECK(dialects::edited(row.body, *facts, "other").contains(R"("other")"));
  }
  for (const std::string_view body :
       {R"([])", R"({})", R"({"model":1})", R"({"model":""})", R"({"name":"m"})", R"({"model":"m","stream":1})"}) {
    CAPTURE(body);
    const auto facts = ollama().scan_request("chat", body, {});
    REQUIRE_FALSE(facts);
    CHECK(facts.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a plain reply is whole when it says so and is one of its operation") {
  struct Row {
    std::string_view operation, body;
    bool fits;
    std::uint64_t total = 0;
  };
  for (const Row& row :
       {Row{"chat", R"({"message":{},"done":true,"prompt_eval_count":2,"eval_count":3})", true, 5},
        Row{"chat", R"({"message":{},"done":false})", false}, Row{"chat", R"({"response":"a","done":true})", false},
        Row{"generate", R"({"response":"a","done":true,"eval_count":3})", true, 3},
        Row{"generate", R"({"message":{},"done":true})", false},
        Row{"embeddings", R"({"embeddings":[[1]],"prompt_eval_count":4})", true, 4},
        Row{"embeddings", R"({"embedding":[1]})", false}, Row{"prompt_embedding", R"({"embedding":[1]})", true},
        Row{"chat", R"({"error":"no"})", false}, Row{"chat", "no", false}}) {
    CAPTURE(row.body);
    const auto usage = ollama().scan_reply(row.operation, row.body, {});
    CHECK(usage.has_value() == row.fits);
    if (usage) CHECK(usage->total() == row.total);
    if (!usage) CHECK(usage.error().kind == ErrorKind::protocol);
  }
}

TEST_CASE("times are read with their fraction and zone, and written to the second") {
  struct Row {
    std::string_view written;
    std::int64_t seconds;
  };
  for (const Row& row : {Row{"1970-01-01T00:00:01Z", 1}, Row{"2023-11-14T22:13:20.000000Z", 1'700'000'000},
                         Row{"2023-08-04T08:52:19.385406455-07:00", 1'691'164'339},
                         Row{"2023-08-04T17:52:19+02:00", 1'691'164'339}, Row{"2024-02-29T23:59:59Z", 1'709'251'199}})
    CHECK(dialects::ollama::read_time(row.written) == row.seconds);
  for (const std::string_view wrong :
       {"", "2023", "2023-13-01T00:00:00Z", "2023-02-30T00:00:00Z", "2023-01-01 00:00:00Z", "2023-01-01T00:00:00",
        "2023-01-01T24:00:00Z", "2023-01-01T00:00:00+2:00", "2023-01-01T00:00:00.Z5", "-023-01-01T00:00:00Z"}) {
    CAPTURE(wrong);
    CHECK(dialects::ollama::read_time(wrong) == 0);
  }
  CHECK(dialects::ollama::written_time(1'700'000'000) == "2023-11-14T22:13:20Z");
}

TEST_CASE("ids of calls that have none are the same for the same bytes, and others for other calls") {
  std::set<std::string> seen;
  const auto id = [](std::string_view when, std::size_t number, std::string_view name, std::string_view arguments) {
    return dialects::ollama::made_id(when, number,
                                     {.name = std::string(name), .arguments = json::Raw{std::string(arguments)}});
  };
  CHECK(id("t", 0, "f", "{}") == id("t", 0, "f", "{}"));
  for (const std::string_view when : {"t", "u"})
    for (std::size_t number = 0; number < 100; ++number)
      for (const std::string_view name : {"f", "g"})
        for (const std::string_view arguments : {"{}", R"({"a":1})"})
          CHECK(seen.insert(id(when, number, name, arguments)).second);
}

TEST_CASE("how much to think is a level where the model takes one, else whether to") {
  using chat::Effort;
  struct Row {
    chat::Thinking thinking;
    Json level, flag;  // for a model of levels, and for another one
    std::string_view lost_level, lost_flag;
  };
  const Row rows[] = {
      {{.effort = Effort::none}, false, false, "", ""},
      {{.effort = Effort::minimal}, "low", true, "changed reasoning_effort\n", "changed reasoning_effort\n"},
      {{.effort = Effort::low}, "low", true, "", "changed reasoning_effort\n"},
      {{.effort = Effort::medium}, "medium", true, "", "changed reasoning_effort\n"},
      {{.effort = Effort::high}, "high", true, "", "changed reasoning_effort\n"},
      {{.effort = Effort::max}, "high", true, "changed reasoning_effort\n", "changed reasoning_effort\n"},
      {{.adaptive = true}, true, true, "", ""},
      {{.budget = 4096}, "high", true, "dropped thinking.budget_tokens\n", "changed thinking\n"},
      {{.budget = 100}, "low", true, "dropped thinking.budget_tokens\n", "changed thinking\n"},
  };
  for (const Row& row : rows) {
    chat::Request request = asked();
    request.thinking = row.thinking;
    chat::Losses of_level, of_flag, of_none;
    CHECK(written(request, {.model = "t", .thinks_by_effort = true}, of_level)["think"] == row.level);
    CHECK(lost(of_level) == row.lost_level);
    CHECK(written(request, {.model = "t"}, of_flag)["think"] == row.flag);
    CHECK(lost(of_flag) == row.lost_flag);
    CHECK_FALSE(written(request, {.model = "t", .thinks = false}, of_none).contains("think"));
    CHECK(of_none.empty() == (row.flag == false));
  }
}

TEST_CASE("a choice among tools leaves the others out") {
  using Mode = chat::ToolChoice::Mode;
  struct Row {
    chat::ToolChoice choice;
    std::string_view sent, lost;
  };
  for (const Row& row : {Row{{.mode = Mode::automatic}, "fgh", ""}, Row{{.mode = Mode::none}, "", ""},
                         Row{{.mode = Mode::required}, "fgh", "changed tool_choice\n"},
                         Row{{.mode = Mode::named, .name = "g"}, "g", "changed tool_choice\n"},
                         Row{{.mode = Mode::automatic, .name = {}, .allowed = {"f", "h"}}, "fh", ""}}) {
    chat::Request request = asked();
    for (const char* name : {"f", "g", "h"}) request.tools.push_back({.name = name, .description = {}, .schema = {}});
    request.tool_choice = row.choice;
    chat::Losses losses;
    const Json body = written(request, {.model = "t"}, losses);
    std::string sent;
    for (const Json& tool : body.value("tools", Json::array())) sent += tool["function"]["name"].get<std::string>();
    CHECK(sent == row.sent);
    CHECK(lost(losses) == row.lost);
  }
}

TEST_CASE("what Ollama cannot be told and must not be dropped is refused") {
  chat::Request several = asked();
  several.answers = 2;
  chat::Request address = asked();
  address.messages[0].parts.push_back({chat::Media{.source = {.url = "https://a.example/b.png"}}, {}, {}});
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
  chat::Request bitmap = asked();
  bitmap.messages[0].parts.push_back(
      {chat::Media{.source = {.media_type = "image/bmp", .base64 = "Qk0AAAAA"}}, {}, {}});
  for (const chat::Request& request : {several, address, sound, arguments, bitmap}) {
    chat::Losses losses;
    const auto out = ollama().write_request(request, {.model = "t"}, losses);
    REQUIRE_FALSE(out);
    CHECK(out.error().kind == ErrorKind::invalid);
  }
}

TEST_CASE("a stream of arguments without end is given up") {
  const auto writer = ollama().write_events({.id = "i"});
  chat::Losses losses;
  std::string out;
  writer->feed(chat::Began{}, out, losses);
  writer->feed(chat::PartBegan{0, 0, chat::ToolCall{.id = "c", .name = "f", .arguments = {""}}}, out, losses);
  const std::string much(1 << 20, ' ');
  for (int i = 0; i < 33 && !writer->gave_up(); ++i) writer->feed(chat::PartGrew{0, 0, much}, out, losses);
  CHECK(writer->gave_up());
}

TEST_CASE("arguments that stand in several lines go out in one") {
  const auto writer = ollama().write_events({.now = 1});
  chat::Losses losses;
  std::string out;
  writer->feed(chat::PartBegan{0, 0, chat::ToolCall{.id = "c", .name = "f", .arguments = {""}}}, out, losses);
  writer->feed(chat::PartGrew{0, 0, "{\n \"a\":\r\n\"b\\n\"}"}, out, losses);
  writer->feed(chat::PartEnded{0, 0}, out, losses);
  CHECK(out.find('\n') == out.size() - 1);
  CHECK(out.contains(R"("arguments":{  "a":  "b\n"})"));
}

TEST_CASE("a prompt's answer has the form of one prompt, plain and streamed") {
  chat::Reply reply{
      .id = "i", .model = "m", .answers = {}, .usage = {.input = 2, .output = 1, .known = true}, .native = {}};
  reply.answers.push_back(
      {.parts = {{chat::Reasoning{.text = "hm"}, {}, {}}, {chat::Text{"a"}, {}, {}}}, .stop = {}});
  chat::Losses losses;
  CHECK(ollama().write_reply(reply, {.now = 1, .operation = "generate"}, losses) ==
        R"({"model":"m","created_at":"1970-01-01T00:00:01Z","response":"a","thinking":"hm","done":true,)"
        R"("done_reason":"stop","prompt_eval_count":2,"eval_count":1})");
  const auto writer = ollama().write_events({.now = 1, .operation = "generate"});
  std::string out;
  writer->feed(chat::Began{.model = "m"}, out, losses);
  writer->feed(chat::PartBegan{0, 0, chat::Text{}}, out, losses);
  writer->feed(chat::PartGrew{0, 0, "a"}, out, losses);
  writer->feed(chat::PartEnded{0, 0}, out, losses);
  writer->feed(chat::Stopped{0, {}}, out, losses);
  writer->feed(chat::Finished{}, out, losses);
  CHECK(out == R"({"model":"m","created_at":"1970-01-01T00:00:01Z","response":"a","done":false})"
               "\n"
               R"({"model":"m","created_at":"1970-01-01T00:00:01Z","response":"","done":true,"done_reason":"stop"})"
               "\n");
  CHECK(losses.empty());
}
