#include <doctest/doctest.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles project() {
  testing::MemoryFiles files;
  files.content["/project/apigw.yaml"] =
      "apigw: 1\nmodels: { chat: mock/chat }\nprompts: { draft: { serve: false } }\n";
  files.content["/project/prompts/mood.prompt"] =
      "---\nmodel: chat\ndescription: Says how a text feels.\nconfig: { temperature: 0 }\ninput:\n  schema:\n"
      "    text: string\n    words?: integer\n---\n{{role \"system\"}}Judge.\n{{role \"user\"}}\n{{text}}"
      "{{#if words}} ({{words}}){{/if}}\n";
  files.content["/project/prompts/draft.prompt"] = "Say {{what}}";
  return files;
}

}  // namespace

TEST_CASE("prompt list shows what is beside the config") {
  auto files = project();
  const auto listed = run({"prompt", "list"}, files);
  CHECK(listed.exit == 0);
  CHECK(listed.out == "draft\tchat\twhat\tno\t\nmood\tchat\ttext, words\tyes\tSays how a text feels.\n");
  files.content["/project/prompts/mood.prompt"] = "{{#if";
  CHECK(run({"prompt", "list"}, files).exit == 2);
}

TEST_CASE("prompt render shows the messages and sends nothing") {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    const char* in;
    const char* out;
  };
  const Row rows[] = {
      {"a variable", {"mood", "--var", "text=I love it"}, "", "[system]\nJudge.\n\n[user]\nI love it\n"},
      {"a number as a number",
       {"mood", "--var", "text=12", "--var", "words=3"},
       "",
       "[system]\nJudge.\n\n[user]\n12 (3)\n"},
      {"all as JSON", {"mood", "-d", R"({"text":"x"})"}, "", "[system]\nJudge.\n\n[user]\nx\n"},
      {"a text from a pipe", {"mood"}, "piped {{text}}\n", "[system]\nJudge.\n\n[user]\npiped {{text}}\n"},
      {"JSON from a pipe is text", {"mood"}, R"({"text":"y"})", "[system]\nJudge.\n\n[user]\n{\"text\":\"y\"}\n"},
      {"all from a pipe", {"mood", "-d", "@-"}, R"({"text":"y"})", "[system]\nJudge.\n\n[user]\ny\n"},
      {"a prompt that is not served", {"draft", "--var", "what=hi"}, "", "[user]\nSay hi\n"},
      {"what a terminal would obey is for a pipe as it is",
       {"draft", "--var", "what=\x1b[2J"},
       "",
       "[user]\nSay \x1b[2J\n"},
  };
  auto files = project();
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<std::string> arguments{"prompt", "render"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const auto shown = run(arguments, files, {.in = row.in});
    INFO(shown.err);
    CHECK(shown.exit == 0);
    CHECK(shown.out == row.out);
  }
  const auto seen = run({"prompt", "render", "draft", "--var", "what=\x1b[2J"}, files,
                        {.in = {}, .environment = {}, .terminal = {.out = true}});
  CHECK(seen.out.ends_with("Say \\u001b[2J\n"));
  const auto json = run({"prompt", "render", "draft", "--var", "what=hi", "-o", "jsonl"}, files);
  CHECK(json.out == R"({"apigw":1,"kind":"rendered-prompt","name":"draft","model":"chat","config":{},)"
                    R"("messages":[{"role":"user","text":"Say hi"}]})"
                    "\n");
}

TEST_CASE("prompt render says what is wrong with its input") {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    const char* err;
  };
  const Row rows[] = {
      {"no name", {}, "error: no prompt named\n help: prompts: draft, mood\n"},
      {"an unknown one", {"moood"}, "error: there is no prompt 'moood'\n help: did you mean 'mood'?\n"},
      {"refused variables",
       {"mood", "--var", "txt=a"},
       "error: the variables are refused: /text is missing; /txt is not allowed; did you mean 'text'?\n"
       " help: the prompt's variables: text, words\n"},
      {"no equals sign", {"mood", "--var", "text"}, "error: --var cannot be 'text'\n help: write --var NAME=VALUE\n"},
  };
  auto files = project();
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<std::string> arguments{"prompt", "render"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const auto said = run(arguments, files);
    CHECK(said.exit == 2);
    CHECK(said.err == row.err);
  }
}

TEST_CASE("an empty stdin gives no variable, and what is no text is refused") {
  auto files = project();
  for (const char* const in : {"", "\n"}) {
    const auto said = run({"prompt", "render", "mood"}, files, {.in = in});
    CHECK(said.exit == 2);
    CHECK(said.err.starts_with("error: the variables are refused: /text is missing\n"));
  }
  using namespace std::string_literals;
  struct Row {
    std::string in, err;
  };
  const Row rows[] = {{"a\0b"s, "error: stdin is no text: it holds a zero byte\n help: pipe text\n"},
                      {"a\xff", "error: stdin is no text: it is not UTF-8\n help: pipe text\n"}};
  for (const Row& row : rows) {
    for (const std::vector<std::string>& command : {std::vector<std::string>{"prompt", "render", "mood"}, {"chat"}}) {
      const auto said = run(command, files, {.in = row.in});
      CHECK(said.exit == 2);
      CHECK(said.err == row.err);
    }
    CHECK(run({"prompt", "render", "mood", "-d", "@-"}, files, {.in = row.in}).exit == 2);
  }
}

TEST_CASE("completion knows the names of prompts") {
  auto files = project();
  CHECK(run({"__complete", "prompts"}, files).out == "draft\nmood\n");
  const std::string models = run({"__complete", "models"}, files).out;
  CHECK(models.contains("prompt/mood\n"));
  CHECK_FALSE(models.contains("prompt/draft\n"));  // it is not served
}

TEST_CASE("what a model says is shown on a terminal as text and goes into a pipe as it is") {
  auto files = project();
  files.content["/project/prompts/wild.prompt"] = "---\nmodel: chat\n---\nSay it\n";
  files.content["/project/prompts/wild.test.yaml"] =
      "cases:\n  - { name: wild, answer: \"a\\e]52;c;eA==\\a\\e[2J\\n\\x9b1m\\u202eb\", expect: { contains: a } }\n";
  const std::string raw =
      "a\x1b]52;c;eA==\x07\x1b[2J\n\xc2\x9b"
      "1m\u202eb\n";
  const std::string shown = "a\\u001b]52;c;eA==\\u0007\\u001b[2J\n\\u009b1m\\u202eb\n";
  for (const std::vector<std::string>& command : {std::vector<std::string>{"prompt", "run", "wild"},
                                                  {"chat", "prompt/wild", "x"},
                                                  {"chat", "prompt/wild", "x", "-o", "text"}}) {
    CAPTURE(command.front());
    CHECK(run(command, files).out == raw);
    CHECK(run(command, files, {.in = {}, .environment = {}, .terminal = {.out = true}}).out == shown);
  }
  const auto json =
      run({"prompt", "run", "wild", "-o", "json"}, files, {.in = {}, .environment = {}, .terminal = {.out = true}});
  CHECK(json.out.find("\\u009b1m\\u202eb") != std::string::npos);
}

TEST_CASE("a broken test file is a matter of its own prompt alone") {
  auto files = project();
  files.content["/project/prompts/calm.prompt"] = "---\nmodel: chat\n---\nSay it\n";
  files.content["/project/prompts/calm.test.yaml"] =
      "cases:\n  - { name: a, answer: so, expect: { contains: so } }\n";
  files.content["/project/prompts/draft.test.yaml"] = "cases:\n  - { nme: a }\n";
  CHECK(run({"prompt", "test", "calm"}, files).exit == 0);
  for (const std::vector<std::string>& all :
       {std::vector<std::string>{"prompt", "test"}, {"prompt", "test", "draft"}}) {
    const auto refused = run(all, files);
    CHECK(refused.exit == 2);
    CHECK_MESSAGE(refused.err.contains("draft.test.yaml:2:7: error[AGW201]"), refused.err);
  }
}

TEST_CASE("a --var that does not fit is named, with the variables that there are") {
  struct Row {
    std::vector<std::string> variables;
    const char* told;
  };
  const std::string names = " help: the prompt's variables: text, words\n";
  for (const Row& row : {Row{{"nope=1"}, "nope"},
                         {{"text=a", "nope=1"}, "nope"},
                         {{"nope=1"}, "/text is missing"},
                         {{"text=a", "text=b"}, "--var text is given twice\n help: leave one of them out\n"},
                         {{"text=a\xff"}, "--var text is no text: it is not UTF-8\n help: give it as UTF-8\n"}}) {
    CAPTURE(row.told);
    for (const char* command : {"run", "render"}) {
      std::vector<std::string> arguments{"prompt", command, "mood"};
      for (const std::string& variable : row.variables) arguments.insert(arguments.end(), {"--var", variable});
      auto files = project();
      const auto ran = run(arguments, files);
      INFO(ran.err);
      CHECK(ran.exit == 2);
      CHECK(ran.err.find(row.told) != std::string::npos);
      if (row.variables.back() == "nope=1") CHECK(ran.err.ends_with(names));
    }
  }
}
