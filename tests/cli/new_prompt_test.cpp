#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

namespace {

testing::MemoryFiles project() {
  return {{"apigw.yaml", "apigw: 1\nmodels: { gpt-*: mock/a, deep: mock/b, chat: mock/c }\n"}};
}

}  // namespace

TEST_CASE("a new prompt names the config's first model, is without findings and passes its test") {
  auto files = project();
  const auto made = run({"new", "prompt", "summary"}, files);
  CHECK(made.exit == 0);
  CHECK(made.out == "create\tprompts/summary.prompt\ncreate\tprompts/summary.test.yaml\n");
  CHECK(made.err.contains("apigw prompt test summary\n"));
  CHECK(
      files.content.at("/project/prompts/summary.prompt").starts_with("---\nmodel: deep\ndescription: What summary"));
  const auto valid = run({"validate", "-o", "concise"}, files);
  CHECK(valid.exit == 0);
  CHECK(valid.out.empty());
  const auto tested = run({"prompt", "test", "summary"}, files);
  CHECK(tested.exit == 0);
  CHECK(tested.err.contains("1 passed"));
}

TEST_CASE("a prompt that is there is kept, and replaced by force alone") {
  auto files = project();
  CHECK(run({"new", "prompt", "a", "--model", "chat"}, files).exit == 0);
  const std::string mine = "---\nmodel: chat\n---\nMine.\n";
  std::string& text = files.content.at("/project/prompts/a.prompt");
  CHECK(text.starts_with("---\nmodel: chat\n"));
  text = mine;
  const auto kept = run({"new", "prompt", "a"}, files);
  CHECK(kept.exit == 0);
  CHECK(kept.out.starts_with("keep\tprompts/a.prompt\n"));
  CHECK(kept.err.starts_with("what differs was kept: --diff shows how, --force replaces\n"));
  CHECK(text == mine);
  CHECK(run({"new", "prompt", "a", "--diff"}, files).exit == 1);
  CHECK(run({"new", "prompt", "a", "--force"}, files).exit == 0);
  CHECK(text.starts_with("---\nmodel: deep\n"));
  CHECK(run({"new", "prompt", "a", "--diff"}, files).exit == 0);
}

TEST_CASE("a new prompt stands beside the config, and without one where the command runs") {
  testing::MemoryFiles files{{"shop/apigw.yaml", "apigw: 1\n"}};
  CHECK(
      run({"new", "prompt", "a", "-c", "shop/apigw.yaml"}, files).out.starts_with("create\tshop/prompts/a.prompt\n"));
  CHECK(files.content.at("/project/shop/prompts/a.prompt").starts_with("---\nmodel: mock/chat\n"));
  testing::MemoryFiles none;
  CHECK(run({"new", "prompt", "b"}, none).exit == 0);
  CHECK(none.content.contains("/project/prompts/b.prompt"));
}

TEST_CASE("a model that the config does not know is refused before anything is written") {
  for (const std::string_view model : {"dep", "openai/gpt-5-mini"}) {
    CAPTURE(model);
    auto files = project();
    const auto ran = run({"new", "prompt", "a", "--model", std::string(model)}, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err.starts_with(fmt::format("error: there is no model '{}'\n", model)));
    CHECK(files.content.size() == 1);
  }
  auto files = project();
  CHECK(run({"new", "prompt", "a", "--model", "mock/other"}, files).exit == 0);
}

TEST_CASE("a name that no prompt can have is refused") {
  for (const std::string_view name : {"", "a/b", "../a", "a*", ".a", "a b"}) {
    CAPTURE(name);
    auto files = project();
    const auto ran = run({"new", "prompt", std::string(name)}, files);
    CHECK(ran.exit == 2);
    CHECK(files.content.size() == 1);
  }
}

TEST_CASE("a model's name stands in the prompt as YAML wants it") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nmodels: { \"@fast\": mock/chat, \"7\": mock/chat }\n"}};
  for (const char* model : {"@fast", "7"}) {
    CHECK(run({"new", "prompt", "a", "--model", model, "--force"}, files).exit == 0);
    CHECK(files.content.at("/project/prompts/a.prompt").starts_with(fmt::format("---\nmodel: \"{}\"\n", model)));
    CHECK(run({"prompt", "test", "a"}, files).exit == 0);
  }
}
