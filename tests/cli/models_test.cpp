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
        "  openai/gpt-5-mini  openai  https://api.openai.com:443/v1  off: OPENAI_API_KEY is not set\n"
        "  mock/chat  openai  mock:  ready\n");
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
