#include <doctest/doctest.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles project() {
  return {{"apigw.yaml",
           "apigw: 1\nproviders:\n  openai: {}\nmodels:\n  chat: [openai/gpt-5-mini, mock/chat]\n  deep: openai/o9\n "
           " gpt-*: chat\n"}};
}

}  // namespace

TEST_CASE("models lists each name with its targets and whether one can answer") {
  auto files = project();
  const auto ran = run({"models"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out ==
        "chat\topenai/gpt-5-mini, mock/chat\tready\tmodel\n"
        "deep\topenai/o9\toff: OPENAI_API_KEY is not set\tmodel\n"
        "gpt-*\topenai/gpt-5-mini, mock/chat\tready\tmodel\n");
  CHECK(run({"models", "list"}, files).out == ran.out);
  CHECK(run({"models"}, files, {.environment = {{"OPENAI_API_KEY", "k"}}}).out.find("off") == std::string::npos);
}

TEST_CASE("models finds keys in the .env beside the config, as run does") {
  auto files = project();
  files.content["/project/.env"] = "OPENAI_API_KEY=test-key\n";
  CHECK(run({"models"}, files).out.find("off") == std::string::npos);
}

TEST_CASE("models show tells each target's address and state") {
  auto files = project();
  CHECK(run({"models", "show", "chat"}, files).out ==
        "chat  (apigw.yaml:5)\n"
        "  openai/gpt-5-mini  openai  https://api.openai.com:443/v1  off: OPENAI_API_KEY is not set  0.25 USD in, 2 "
        "out "
        "a million tokens\n"
        "  mock/chat  openai  mock:  ready  free\n");
  CHECK(run({"models", "show", "gpt-4o"}, files).out.starts_with("gpt-*  (apigw.yaml:7)\n"));
}

TEST_CASE("served prompts are models behind their own model, and say so") {
  auto files = project();
  files.content["/project/apigw.yaml"] += "prompts: { draft: { serve: false } }\n";
  for (const char* name : {"draft", "mood"})
    files.content[fmt::format("/project/prompts/{}.prompt", name)] = "---\nmodel: deep\n---\nHello";
  files.content["/project/prompts/sum.prompt"] = "---\nmodel: mock/chat\n---\nHello";
  const auto ran = run({"models"}, files);
  CHECK(
      ran.out.ends_with("prompt/mood\tdeep\toff: OPENAI_API_KEY is not set\tprompt\n"
                        "prompt/sum\tmock/chat\tready\tprompt\n"));
  CHECK_FALSE(ran.out.contains("draft"));
  CHECK(run({"models", "show", "prompt/sum"}, files).out == "prompt/sum  (prompts/sum.prompt)\n  mock/chat  ready\n");
  CHECK(run({"models", "show", "prompt/smu"}, files).err ==
        "error: there is no model 'prompt/smu'\n help: did you mean 'prompt/sum'?\n");
}

TEST_CASE("a pattern is nobody's name: not suggested, and taken by no command that calls") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { claude-*: mock/chat, fast: mock/small }\n"}};
  const std::string lists = "error: there is no model 'clade-3'\n help: 'apigw models' lists them\n";
  CHECK(run({"models", "show", "clade-3"}, files).err == lists);
  CHECK(run({"connect", "openai-python", "--model", "clade-3"}, files).err == lists);
  CHECK(run({"connect", "openai-python", "--model", "claude-3"}, files).exit == 0);
  const auto connected = run({"connect", "openai-python", "--model", "claude-*"}, files);
  CHECK(connected.exit == 2);
  CHECK(connected.err ==
        "error: 'claude-*' is a pattern, which no model has as its name\n help: name a model that fits it\n");
  CHECK_FALSE(run({"__complete", "models"}, files).out.contains("claude-*"));
}

TEST_CASE("a model that is not there is exit 2") {
  auto files = project();
  const auto ran = run({"models", "show", "cha"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: there is no model 'cha'\n help: did you mean 'chat'?\n");
  CHECK(run({"models", "show"}, files).err == "error: no model named\n help: 'apigw models' lists them\n");
  CHECK(run({"models", "shwo"}, files).err == "error: ACTION cannot be 'shwo'\n help: did you mean 'show'?\n");
}

TEST_CASE("what is known of a provider's models is listed and shown, without any config") {
  testing::MemoryFiles files{{"own/models.txt", ""}};
  const auto listed = run({"models", "list", "--provider", "anthropic"}, files);
  CHECK(listed.exit == 0);
  CHECK(listed.out.contains("anthropic/claude-sonnet-4-5\t200000\t64000\t3.0\t15.0\n"));
  CHECK_FALSE(listed.out.contains("openai"));
  CHECK(run({"models", "list", "--provider", "*", "-o", "json"}, files).out.contains("\"openai/gpt-5-mini\""));
  CHECK(run({"models", "list", "--provider", "opnai"}, files).err ==
        "error: of no provider 'opnai' a model is known\n help: write a * for any name, as in --provider '*'\n");
  const auto shown = run({"models", "show", "openai/gpt-5.4"}, files);
  CHECK(shown.out ==
        "openai/gpt-5.4\n"
        "  context 1050000 tokens, longest answer 128000 tokens\n"
        "  USD for a million tokens                input   cache read  cache write  for an hour       output     "
        "thoughts\n"
        "  a call                                    2.5         0.25            -            -           15         "
        "   -\n"
        "  a call above 272000 tokens                  5          0.5            -            -         22.5         "
        "   -\n"
        "  in a batch                               1.25         0.13            -            -          7.5         "
        "   -\n"
        "  in a batch above 272000 tokens            2.5         0.25            -            -        11.25         "
        "   -\n");
  const auto json = run({"models", "show", "openai/gpt-5.4", "-o", "jsonl"}, files).out;
  CHECK(json.contains(R"("context":1050000,"max_output":128000,"prices":[{"batch":false,"above_tokens":0,)"
                      R"("input_usd":2.5,"cache_read_usd":0.25,"cache_write_usd":null,)"));
  CHECK(json.contains(R"({"batch":true,"above_tokens":272000,"input_usd":2.5,)"));
}

TEST_CASE("a model's name alone is enough where one provider has it, a name of the config goes first") {
  auto files = project();
  CHECK(run({"models", "show", "grok-4.3"}, files).out.starts_with("xai/grok-4.3\n"));
  CHECK(run({"models", "show", "openai/gpt-5-mini-2025-08-07"}, files).out.starts_with("openai/gpt-5-mini\n"));
  // gpt-4o is what the pattern gpt-* stands for.
  CHECK(run({"models", "show", "gpt-4o"}, files).out.starts_with("gpt-*  (apigw.yaml:7)\n"));
  files.content["/project/apigw.yaml"] = "apigw: 1\nmodels: { small: mock/chat }\n";
  const auto several = run({"models", "show", "gpt-4o"}, files);
  CHECK(several.exit == 2);
  CHECK(several.err ==
        "error: 2 providers have a model 'gpt-4o'\n help: name one of them: azure/gpt-4o, openai/gpt-4o\n");
  // Split at the first slash: the model has one, too.
  CHECK(run({"models", "show", "openrouter/openai/gpt-4o"}, files).out.starts_with("openrouter/openai/gpt-4o\n"));
  CHECK(run({"models", "show", "openai/gpt-5.44"}, files).err ==
        "error: there is no model 'openai/gpt-5.44'\n help: did you mean 'openai/gpt-5.4'?\n");
}

TEST_CASE("update says what it would do, shows it, does it, and takes it back") {
  testing::MemoryFiles files{{"new.txt", "openai gpt-5-mini - - 1,1,1,1 -\nhouse llama - - 1,1,1,1 -\n"}};
  const testing::Setting home{.environment = {{"HOME", "/home/ann"}}};
  const std::string own = "/home/ann/.local/share/apigw/models.txt";
  CHECK(run({"models", "update", "new.txt", "--dry-run"}, files, home).out ==
        "would write " + own + ": 2 models, 1 of them new, 1 with other figures than before\n");
  const auto shown = run({"models", "update", "new.txt", "--diff"}, files, home);
  CHECK(shown.exit == 1);
  CHECK(shown.out.contains("+house llama - - 1,1,1,1 -\n"));
  CHECK_FALSE(files.content.contains(own));
  const auto taken = run({"models", "update", "new.txt"}, files, home);
  CHECK(taken.out == "wrote " + own + ": 2 models, 1 of them new, 1 with other figures than before\n");
  CHECK(taken.err == "note: a gateway that runs keeps the figures that it began with\n");
  CHECK(files.content[own] == files.content["/project/new.txt"]);
  CHECK(files.modes[own] == 0644);
  CHECK(run({"models", "update", "new.txt", "-o", "jsonl"}, files, home).out ==
        R"({"apigw":1,"kind":"models-update","file":")" + own +
            R"(","models":2,"new":0,"changed":0,"gone":0,"written":true})" + "\n");
  CHECK(run({"models", "update", "new.txt", "--diff"}, files, home).exit == 0);
  CHECK(run({"models", "update", "-", "--dry-run"}, files,
            {.in = "house llama - - 2,2,2,2 -", .environment = home.environment})
            .out ==
        "would write " + own +
            ": 1 model, 0 of them new, 1 with other figures than before; 1 of the table before is not in it and "
            "gone\n");
  const testing::Setting data{.environment = {{"HOME", "/home/ann"}, {"XDG_DATA_HOME", "/data"}}};
  CHECK(run({"models", "update", "-"}, files, {.in = "a b - - 1,1,1,1 -", .environment = data.environment}).exit ==
        0);
  CHECK(files.content["/data/apigw/models.txt"] == "a b - - 1,1,1,1 -");
  CHECK(run({"models", "update", "--reset", "--dry-run"}, files, home).out ==
        "would remove " + own + ": the table that is compiled in holds\n");
  CHECK(run({"models", "update", "--reset", "--diff"}, files, home).exit == 1);
  CHECK(run({"models", "update", "--reset"}, files, home).out ==
        "removed " + own + ": the table that is compiled in holds\n");
  CHECK_FALSE(files.content.contains(own));
  CHECK(run({"models", "update", "--reset"}, files, home).out ==
        "there is no " + own + ": the table that is compiled in holds\n");
  CHECK(files.content.contains("/data/apigw/models.txt"));
}

TEST_CASE("what keeps update from its end is told, and so is a flag that has no use") {
  testing::MemoryFiles files{{"new.txt", "a b - - 1,1,1,1 -\n"}};
  const testing::Setting home{.environment = {{"HOME", "/home/ann"}}};
  struct Row {
    std::vector<std::string> arguments;
    int exit;
    const char* err;
  };
  files.denied.insert("/home/ann");
  const Row rows[] = {
      {{"update"}, 2, "error: no FILE named\n"},
      {{"update", "--reset", "new.txt"}, 2, "error: --reset takes no FILE\n"},
      {{"update", "none.txt"}, 2, "error: read 'none.txt': no such file or directory\n"},
      {{"update", "new.txt"}, 2, "error: write '/home/ann/.local/share/apigw/models.txt': permission denied\n"},
      {{"list", "--diff"}, 2, "error: --reset, --dry-run and --diff are for 'models update'\n"},
      {{"show", "x", "--provider", "y"}, 2, "error: --provider is for 'models list'\n"},
      {{"list", "chat"}, 2, "error: 'models list' takes no NAME\n help: write: apigw models show chat\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.err);
    std::vector<std::string> arguments{"models"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    const auto ran = run(arguments, files, home);
    CHECK(ran.exit == row.exit);
    CHECK(ran.out.empty());
    CHECK(ran.err.starts_with(row.err));
  }
  CHECK(run({"models", "update", "new.txt"}, files).err ==
        "error: nobody says where your data is: HOME is not set\n help: set XDG_DATA_HOME to a directory of yours\n");
}
