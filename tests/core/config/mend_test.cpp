#include "config/mend.h"

#include <doctest/doctest.h>

#include "core/config/world.h"

using namespace apigw;
using namespace apigw::config;
using namespace apigw::config::testing;

namespace {

Mended mended(World& world) {
  world.request.text = world.files.content.at("apigw.yaml");
  return mend(world.request, world.files, world.environment, vocabulary());
}

std::string after(std::string text) {
  World world(std::move(text));
  const Mended result = mended(world);
  return result.files.contains("apigw.yaml") ? result.files.at("apigw.yaml").after : "unchanged";
}

}  // namespace

TEST_CASE("edits mend what their findings say and leave comments and layout alone") {
  struct Row {
    std::string_view name, before, after;
  };
  const Row rows[] = {
      {"a name", "apigw: 1  # one\nmodels:\n    chat:   opnai/x   # fast\nproviders: {openai: {}}\n",
       "apigw: 1  # one\nmodels:\n    chat:   openai/x   # fast\nproviders: {openai: {}}\n"},
      {"the missing first line", "models:\n  chat: mock/x\n", "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"a tab, and then what it hid", "apigw: 1\nmodles:\n\tchat: mock/x\n", "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"a space behind a colon", "apigw:1\nmodels:\n  chat: mock/x\n", "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"windows line ends stay", "apigw: 1\r\nmodles:\r\n  chat: mock/x\r\n",
       "apigw: 1\r\nmodels:\r\n  chat: mock/x\r\n"},
      {"a byte order mark stays in front",
       "\xef\xbb\xbf"
       "apigw: 1\nmodles:\n  chat: mock/x\n",
       "\xef\xbb\xbf"
       "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"the first line behind a byte order mark",
       "\xef\xbb\xbf"
       "models:\n  chat: mock/x\n",
       "\xef\xbb\xbf"
       "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"a quoted word", "apigw: 1\n\"modles\":\n  chat: mock/x\n", "apigw: 1\nmodels:\n  chat: mock/x\n"},
      {"nothing to mend", "apigw: 1\nmodels:\n  chat: mock/x\n", "unchanged"},
      {"an error without an edit", "apigw: 1\nlisten: nonsense here\n", "unchanged"},
      {"an edit that would make two keys of one", "apigw: 1\nmodels:\n  chat: mock/x\nmodles:\n  deep: mock/y\n",
       "unchanged"},
      {"a variable is no typing mistake", "#! env WORD=yess\napigw: 1\noutbound: { verify: \"${WORD}\" }\n",
       "unchanged"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(after(std::string(row.before)) == row.after);
  }
}

TEST_CASE("one edit that does harm keeps no other from being made") {
  CHECK(after("apigw: 1\nmodels:\n  chat: mock/x\nmodles:\n  deep: mock/y\nroutez:\n  GET /x: s\nservices:\n  s: "
              "http://127.0.0.1:1\n") ==
        "apigw: 1\nmodels:\n  chat: mock/x\nmodles:\n  deep: mock/y\nroutes:\n  GET /x: s\nservices:\n  s: "
        "http://127.0.0.1:1\n");
}

TEST_CASE("an included file is mended in its own place, and --set is nobody's file") {
  World world("apigw: 1\ninclude: services/*.yaml\n");
  world.files.content["services/a.yaml"] = "services:\n  shop: http://127.0.0.1:1\nroutes:\n  GET /x: shpo\n";
  world.request.sets.emplace_back("outbound.verify", "yes");
  const Mended result = mended(world);
  REQUIRE(result.files.size() == 1);
  CHECK(result.files.at("services/a.yaml").after ==
        "services:\n  shop: http://127.0.0.1:1\nroutes:\n  GET /x: shop\n");
  CHECK(codes(result.now) == "AGW206");
}

TEST_CASE("a key that a report must not show is still in the file after mending") {
  const std::string key = "sk-proj-00000000SECRETPART0000";
  CHECK(after("apigw: 1\nproviders: { openai: { key: " + key + " } }\nmodles: { chat: openai/x }\n") ==
        "apigw: 1\nproviders: { openai: { key: " + key + " } }\nmodels: { chat: openai/x }\n");
}

TEST_CASE("no fixture becomes worse by mending, and mending twice is mending once") {
  for (const auto& file : golden::inputs("golden/config", ".yaml")) {
    CAPTURE(file.filename().string());
    World world(golden::read(file));
    world.add_golden_files();
    const std::size_t before = world.load().report.errors();
    const Mended once = mended(world);
    const bool syntax = codes(world.load()).starts_with("AGW1");
    CHECK((syntax || once.now.report.errors() <= before));
    for (const auto& [path, texts] : once.files) world.files.content[path] = texts.after;
    CHECK(mended(world).files.empty());
  }
}
