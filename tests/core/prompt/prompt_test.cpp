// Fixtures of whole prompts, the pages of their codes, and what filling and judging do.
#include "prompt/prompt.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "prompt/shape.h"
#include "prompt/tests.h"
#include "support/golden.h"

using namespace apigw;

namespace {

struct Read {
  diag::Sources sources;
  diag::Report report;
  std::optional<prompt::Prompt> prompt;

  explicit Read(std::string text, std::string name = "mood.prompt") {
    const auto source = sources.add(name, std::move(text));
    prompt = prompt::read(name, source, sources, report);
    report.finish(sources);
  }
  [[nodiscard]] std::string full() const { return diag::render(report, sources, diag::Format::full, false); }
  [[nodiscard]] bool has(int code) const {
    return std::ranges::any_of(report.all(), [code](const auto& finding) { return finding.code == code; });
  }
};

prompt::Prompt made(const std::string& text) {
  Read read(text);
  INFO(read.full());
  REQUIRE(read.prompt);
  return std::move(*read.prompt);
}

std::string block(std::string_view page, std::string_view kind) {
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open);
  REQUIRE(begin != std::string_view::npos);
  const auto end = page.find("\n```", begin + open.size());
  return std::string(page.substr(begin + open.size(), end + 1 - begin - open.size()));
}

// "system: …\nuser: …"
std::string messages(const chat::Request& request) {
  std::string out;
  for (const auto& message : request.messages) {
    const std::string_view role = message.role == chat::Role::system ? "system"
                                  : message.role == chat::Role::user ? "user"
                                                                     : "assistant";
    REQUIRE(message.parts.size() == 1);
    out += fmt::format("{}: {}\n", role, std::get<chat::Text>(message.parts[0].content).text);
  }
  return out;
}

std::string shown(const prompt::Problems& problems) {
  std::string out;
  for (const auto& problem : problems.list)
    out += fmt::format("{}[{}] {}", out.empty() ? "" : "; ", problem.pointer, problem.message);
  return out + (problems.more ? "; more" : "");
}

std::string filled(const prompt::Prompt& prompt, std::string_view variables) {
  const auto request = prompt::fill(prompt, variables);
  return request ? messages(*request) : shown(request.error());
}

constexpr std::string_view settings = "---\nmodel: chat\n---\n";

}  // namespace

TEST_CASE("every prompt fixture gives its findings in the expected words") {
  for (const auto& file : golden::inputs("golden/prompt", ".prompt")) {
    const std::string stem = file.stem().string();
    CAPTURE(stem);
    const Read read(golden::read(file), stem + ".prompt");
    golden::check("golden/prompt/" + stem + ".expected", read.full());
    CHECK(read.prompt.has_value() != read.report.has_errors());
    if (stem.starts_with("AGW")) CHECK(read.has(std::stoi(stem.substr(3, 3))));
  }
}

TEST_CASE("every test fixture gives its findings in the expected words") {
  for (const auto& file : golden::inputs("golden/prompt", ".tests")) {
    const std::string stem = file.stem().string();
    CAPTURE(stem);
    diag::Sources sources;
    diag::Report report;
    const auto cases = prompt::read_tests(sources.add("mood.test.yaml", golden::read(file)), sources, report);
    report.finish(sources);
    CHECK_FALSE(cases);
    golden::check("golden/prompt/" + stem + ".expected", diag::render(report, sources, diag::Format::full, false));
  }
}

TEST_CASE("the examples of the pages on tests do what they say") {
  for (const int code : {631, 632}) {
    CAPTURE(code);
    diag::Sources sources;
    diag::Report bad, good;
    CHECK_FALSE(prompt::read_tests(sources.add("a", block(diag::page(code), "bad")), sources, bad));
    CHECK(bad.all()[0].code == code);
    CHECK(prompt::read_tests(sources.add("b", block(diag::page(code), "good")), sources, good));
  }
}

TEST_CASE("an expectation holds or says what is instead") {
  struct Row {
    const char* name;
    const char* expect;  // YAML, below `expect:`
    const char* output;
    const char* mismatch;
  };
  const Row rows[] = {
      {"equal texts", "equals: hi", R"("hi")", ""},
      {"other texts", "equals: hi", R"("ho")", "is \"ho\", not \"hi\""},
      {"equal whatever the order and the digits", "equals: { a: 1, b: [x] }", R"({"b":["x"],"a":1.0})", ""},
      {"a number is no text", "equals: '1'", "1", "is 1, not \"1\""},
      {"contains", "contains: ell", R"("hello")", ""},
      {"contains not", "contains: 'x'", R"("hello")", "'hello' does not contain 'x'"},
      {"contains in a document", "contains: '\"a\"'", R"({"a":1})", ""},
      {"regex", "regex: '^h.*o$'", R"("hello")", ""},
      {"regex not", "regex: '^H'", R"("hello")", "'hello' does not match '^H'"},
      {"schema", "json-schema: { mood(enum): [good] }", R"({"mood":"good"})", ""},
      {"schema not", "json-schema: { mood(enum): [good] }", R"({"mood":"bad"})", "/mood must be 'good'"},
      {"path", "json-path: { '$.a[0].b': 1 }", R"({"a":[{"b":1}]})", ""},
      {"path without a dollar", "json-path: { a: x }", R"({"a":"x"})", ""},
      {"path with a quoted name", "json-path: { \"$['a.b']\": true }", R"({"a.b":true})", ""},
      {"path of another value", "json-path: { $.a: 1 }", R"({"a":"x"})", "$.a is \"x\", not 1"},
      {"path of nothing", "json-path: { $.b: 1 }", R"({"a":"x"})", "$.b is not there"},
      {"fast enough", "max-latency: 1500ms", "1", ""},
      {"too slow", "max-latency: 1499ms", "1", "took 1500 ms, more than 1499"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    diag::Sources sources;
    diag::Report report;
    const auto source = sources.add("t", fmt::format("cases:\n  - expect:\n      {}\n", row.expect));
    const auto cases = prompt::read_tests(source, sources, report);
    INFO(diag::render(report, sources, diag::Format::full, false));
    REQUIRE(cases);
    REQUIRE(cases->front().expect.size() == 1);
    CHECK(prompt::mismatch(cases->front().expect[0], row.output, std::chrono::milliseconds(1500)) == row.mismatch);
  }
}

TEST_CASE("the examples of a prompt code's page do what they say") {
  for (const diag::Code& row : diag::codes()) {
    if (row.number < 600 || row.number > 613) continue;
    CAPTURE(row.number);
    const Read bad(block(diag::page(row.number), "bad"));
    CHECK(bad.has(row.number));
    const Read good(block(diag::page(row.number), "good"));
    INFO(good.full());
    CHECK(good.report.all().empty());
    CHECK(good.prompt);
  }
}

TEST_CASE("what is no text is no prompt, and the first such byte is told") {
  using namespace std::string_view_literals;
  struct Row {
    std::string_view text, finding;
  };
  const Row rows[] = {
      {"a\0b"sv, "mood.prompt:1:2: error[AGW117]: control character U+0000"},
      {"---\nmodel: chat\n---\nHello\0"sv, "mood.prompt:4:6: error[AGW117]: control character U+0000"},
      {"one\ntwo \xff", "mood.prompt:2:5: error[AGW117]: byte 0xFF belongs to no UTF-8 character"},
      {"\t\x85\x85\x85", "mood.prompt:1:2: error[AGW117]: byte 0x85 belongs to no UTF-8 character"},
      {"\xff\xfeS\0a\0y\0"sv, "mood.prompt:1:1: error[AGW117]: the file is UTF-16"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.finding);
    const Read read{std::string(row.text)};
    INFO(read.full());
    CHECK_FALSE(read.prompt);
    CHECK(read.full().starts_with(row.finding));
  }
}

TEST_CASE("a prompt's settings reach the request as they are written") {
  const auto prompt = made(golden::read(golden::path("golden/prompt/clean.prompt")));
  CHECK(prompt.name == "mood");
  CHECK(prompt.description == "Says how a text feels.");
  CHECK(prompt.form == prompt::OutputForm::json);
  const auto request = prompt::fill(prompt, R"({"text":"fine"})");
  REQUIRE(request);
  CHECK(request->model == "chat");
  CHECK(request->temperature->text == "0.20");
  CHECK(request->max_output == 1000);
  CHECK(request->seed == 7);
  CHECK(request->stop == std::vector<std::string>{"###", "END"});
  REQUIRE(request->format);
  CHECK(request->format->kind == chat::AnswerFormat::Kind::schema);
  CHECK(request->format->name == "mood");
  CHECK(request->format->schema.text.contains(R"("enum":["good","bad"])"));
  CHECK(messages(*request) == "system: Judge the mood.\nuser: fine\n");
  CHECK(filled(prompt, R"({"text":"so so","examples":[{"text":"great","mood":"go\"od"}]})") ==
        "system: Judge the mood.\nuser: great\nassistant: {\"mood\":\"go\\\"od\"}\nuser: so so\n");
}

TEST_CASE("a prompt file may have no settings, a byte order mark and any line ends") {
  CHECK(filled(made("Say {{what}}\n"), R"({"what":"hi"})") == "user: Say hi\n");
  CHECK(filled(made("\xEF\xBB\xBFSay {{what}}"), R"({"what":"hi"})") == "user: Say hi\n");
  CHECK(filled(made("\xEF\xBB\xBF---\r\nmodel: chat\r\n---\r\nSay {{what}}\r\n"), R"({"what":"hi"})") ==
        "user: Say hi\n");
  CHECK(filled(made("---\n---\nSay {{what}}"), R"({"what":"hi"})") == "user: Say hi\n");
  CHECK(filled(made(std::string(settings) + "a\n---\nb"), "{}") == "user: a\n---\nb\n");
}

TEST_CASE("variables are checked before the template sees them") {
  const auto prompt = made(
      "---\ninput:\n  schema:\n    text: string\n    words?: integer\n    who?:\n      name: string\n"
      "  default: { words: 50 }\n---\n{{text}} {{words}} {{who.name}}");
  struct Row {
    const char* name;
    const char* variables;
    const char* expected;
  };
  const Row rows[] = {
      {"a default", R"({"text":"a"})", "user: a 50\n"},
      {"instead of the default", R"({"text":"a","words":7})", "user: a 7\n"},
      {"a part", R"({"text":"a","who":{"name":"Ada"}})", "user: a 50 Ada\n"},
      {"something is missing", "{}", "[/text] is missing"},
      {"a part is missing", R"({"text":"a","who":{}})", "[/who/name] is missing"},
      {"the wrong type", R"({"text":1})", "[/text] must be a string, not a number"},
      {"a misspelt name", R"({"txt":"a"})", "[/text] is missing; [/txt] is not allowed; did you mean 'text'?"},
      {"no object", "[]", "[] must be a JSON object"},
      {"nothing", "", "[] is not JSON at byte 0: the text ends where a value should stand"},
      {"a member twice", R"({"text":"a","text":"b"})", "[] is not JSON at byte 23: an object names \"text\" twice"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(filled(prompt, row.variables) == row.expected);
  }
}

TEST_CASE("without a schema the template's names are the variables, those surely written required") {
  const auto prompt = made("{{text}}{{#if tone}} {{tone}}{{/if}}{{#each list}}{{x}}{{/each}}");
  CHECK(prompt.input_text ==
        R"({"type":"object","properties":{"text":{},"tone":{},"list":{}},"required":["text","list"],)"
        R"("additionalProperties":false})");
  CHECK(filled(prompt, R"({"text":["any",1],"list":[]})") == "user: [\"any\",1]\n");
  CHECK(filled(prompt, R"({"text":"a","list":[],"tune":1})") == "[/tune] is not allowed; did you mean 'tone'?");
}

TEST_CASE("a text is the only variable that is needed, whatever it looks like") {
  struct Row {
    const char* name;
    std::string_view prompt, text, given, expected;
  };
  constexpr std::string_view one =
      "---\ninput:\n  schema: { text: string, \"tone?\": string }\n---\n{{tone}}{{text}}";
  constexpr std::string_view defaulted =
      "---\ninput:\n  schema: { text: string, tone: string }\n  default: { tone: calm }\n---\n{{tone}}{{text}}";
  constexpr std::string_view two =
      "---\ninput:\n  schema: { text: string, to: string, \"a?\": string }\n---\n{{to}}{{text}}";
  constexpr std::string_view optional = "---\ninput:\n  schema: { \"a?\": string, \"b?\": string }\n---\nx{{a}}{{b}}";
  constexpr std::string_view list = "---\ninput:\n  schema: { words(array): string }\n---\n{{words}}";
  const Row rows[] = {
      {"text", one, "so", "", R"({"text":"so"})"},
      {"an object", one, R"({"text":"x","tone":"rude"})", "", R"({"text":"{\"text\":\"x\",\"tone\":\"rude\"}"})"},
      {"an object beside a default", defaulted, R"({"tone":"rude"})", "", R"({"text":"{\"tone\":\"rude\"}"})"},
      {"an object where no schema is", "Say {{what}}", R"({"what":1})", "", R"({"what":"{\"what\":1}"})"},
      {"an object where only one may be given", "---\ninput:\n  schema: { \"a?\": string }\n---\nx{{a}}", "{}", "",
       R"({"a":"{}"})"},
      {"another beside it", one, "{}", R"({ "tone":"dry" })", R"({ "tone":"dry" ,"text":"{}"})"},
      {"nothing beside it", one, "so", "{}", R"({"text":"so"})"},
      {"all beside an empty text", one, "", R"({"text":"x"})", R"({"text":"x"})"},
      {"it is given too", one, "so", R"({"text":"x"})", "no variable is left for the text of the message"},
      {"all are given too", one, "so", R"({"text":"x","tone":"dry"})",
       "no variable is left for the text of the message"},
      {"two needed, as an object", two, R"({"text":"x","to":"fr"})", "", R"({"text":"x","to":"fr"})"},
      {"two needed, as a text", two, "x", "", "must be a JSON object with the variables of the prompt: text, to"},
      {"two needed, one given", two, R"({"to":"x"})", R"({"to":"fr"})", R"({"to":"fr","text":"{\"to\":\"x\"}"})"},
      {"the one with an escape", two, "x", R"({"t\u006f":"fr"})", R"({"t\u006f":"fr","text":"x"})"},
      {"two needed, none given", two, "x", R"({"a":"y"})", R"({"a":"y"})"},  // fill() refuses it
      {"any of two", optional, "x", R"({})", "no variable is left for the text of the message"},
      {"no text", list, R"(["a"])", "", R"({"words":["a"]})"},
      {"no text and no JSON", list, "a", "", R"({"words":"a"})"},
      {"no variables", "hi", "x", "", "{}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto variables = prompt::variables_of(made(std::string(row.prompt)), row.text, row.given);
    CHECK((variables ? *variables : prompt::sentence(variables.error())) == row.expected);
  }
}

TEST_CASE("what a template makes of nothing is no call") {
  CHECK(filled(made("{{text}}"), R"({"text":" \n"})") == "[] leaves nothing to say to the model");
}

TEST_CASE("an answer is judged by its form") {
  const auto text = made("hi");
  CHECK(prompt::check_answer(text, " as \"it\" is\n") == R"(" as \"it\" is\n")");
  const auto json = made("---\noutput: { format: json }\n---\nhi");
  CHECK(prompt::check_answer(json, " {\"a\": 1.0} ") == "{\"a\": 1.0}");
  CHECK(prompt::check_answer(json, "```json\n[1]\n```\n") == "[1]");
  const auto typed = made("---\noutput: { schema: { mood(enum): [good, bad] } }\n---\nhi");
  CHECK(prompt::check_answer(typed, R"({"mood":"good"})") == R"({"mood":"good"})");
  const auto wrong = [&](std::string_view answer) {
    const auto checked = prompt::check_answer(typed, answer);
    return checked ? "fits" : shown(checked.error());
  };
  CHECK(wrong("Sure! {\"mood\":\"good\"}").starts_with("[] is not JSON at byte "));
  CHECK(wrong(R"({"mood":"meh"})") == "[/mood] must be one of 'good', 'bad'");
  CHECK(wrong("{}") == "[/mood] is missing");
  CHECK(wrong("```").starts_with("[] is not JSON at byte "));
}

TEST_CASE("the second try shows the model its answer and what is wrong with it") {
  const auto typed = made("---\noutput: { schema: { mood(enum): [good, bad] } }\n---\nhi");
  const auto asked = prompt::fill(typed, "{}");
  REQUIRE(asked);
  const auto again = prompt::repair(*asked, "meh", {{{"", "is not JSON"}, {"/mood", "is missing"}}, false});
  CHECK(again.format.has_value());
  CHECK(messages(again) ==
        "user: hi\nassistant: meh\nuser: That answer does not have the form that was asked for:\n"
        "- the answer is not JSON\n- /mood is missing\nAnswer again with the JSON document alone.\n");
  CHECK(messages(prompt::repair(*asked, "", {{{"", "x"}}, false})).contains("assistant: (nothing)\n"));
  // 'é' has two bytes, and no half of one goes out.
  std::string accents(1, 'x');
  for (int i = 0; i < 40'000; ++i) accents += "é";
  const auto cut = messages(prompt::repair(*asked, accents, {{{"", "x"}}, false}));
  CHECK(cut.size() < 66'000);
  CHECK(cut.contains("é\nuser: That"));
}

TEST_CASE("several problems make one sentence") {
  CHECK(prompt::sentence({{{"/a", "is missing"}}, false}) == "/a is missing");
  CHECK(prompt::sentence({{{"", "must be a JSON object"}, {"/b", "x"}}, false}) == "must be a JSON object; /b x");
  CHECK(prompt::sentence({{{"/a", "1"}, {"/b", "2"}, {"/c", "3"}, {"/d", "4"}, {"/e", "5"}}, true}) ==
        "/a 1; /b 2; /c 3; and 2 more");
}

TEST_CASE("names of prompts come from their files") {
  CHECK(prompt::name_of("prompts/mood.prompt") == "mood");
  CHECK(prompt::name_of("a/b.c.prompt") == "b.c");
  for (const char* name : {"a", "draft-2", "A.b_c"}) CHECK(prompt::is_prompt_name(name));
  for (const char* name : {"", "-a", ".a", "a b", "a/b", "ä"}) CHECK_FALSE(prompt::is_prompt_name(name));
  CHECK_FALSE(prompt::is_prompt_name(std::string(65, 'a')));
}

TEST_CASE("a schema tells which places its documents can have") {
  struct Row {
    const char* name;
    const char* schema;
    std::vector<std::string> steps;
    bool can;
  };
  const Row rows[] = {
      {"the whole", R"({"type":"string"})", {}, true},
      {"a part of a text", R"({"type":"string"})", {"a"}, false},
      {"anything", "{}", {"a", "b"}, true},
      {"true", "true", {"a"}, true},
      {"false", "false", {"a"}, false},
      {"a property", R"({"properties":{"a":{}}})", {"a"}, true},
      {"another", R"({"properties":{"a":{}}})", {"b"}, false},
      {"another where all are let in", R"({"properties":{"a":{}},"additionalProperties":true})", {"b"}, true},
      {"another of a known form", R"({"additionalProperties":{"type":"string"}})", {"b", "c"}, false},
      {"an item", R"({"type":"array","items":{"properties":{"a":{}}}})", {"*", "a"}, true},
      {"no part of an item", R"({"type":"array","items":{"properties":{"a":{}}}})", {"*", "b"}, false},
      {"an item by number", R"({"type":"array","items":{"type":"string"}})", {"0", "b"}, false},
      {"an item of a number", R"({"type":"number"})", {"*"}, false},
      {"several types", R"({"type":["null","object"],"properties":{"a":{}}})", {"a"}, true},
      {"behind a reference", R"({"$ref":"#/$defs/x"})", {"a"}, true},
      {"an escaped name", R"({"properties":{"\u0061":{}}})", {"a"}, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<std::string> known;
    CHECK(prompt::can_hold(row.schema, row.steps, known) == row.can);
  }
  CHECK(prompt::names_of(R"({"properties":{"a":{},"b":{}}})") == std::vector<std::string>{"a", "b"});
}
