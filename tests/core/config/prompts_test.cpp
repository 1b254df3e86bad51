// Prompts beside a config: which files they are, what the config says of them, and what of them the Plan holds.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/config/world.h"
#include "model/diff.h"

using namespace apigw;
using namespace apigw::config::testing;

namespace {

constexpr std::string_view mood = "---\nmodel: chat\n---\nJudge {{text}}";

config::Loaded loaded(World& world) {
  auto made = world.load();
  INFO(rendered(made));
  REQUIRE(made.plan);
  return made;
}

std::string routes(const model::Plan& plan) {
  std::string out;
  for (const auto& route : plan.routes)
    if (std::holds_alternative<model::ToPrompt>(route.action) ||
        std::holds_alternative<model::ApiDocument>(route.action))
      out += route.id + (route.auth.key ? " key" : route.auth.none ? " open" : "") + "; ";
  return out;
}

}  // namespace

TEST_CASE("every prompt file beside the config is a prompt, in the order of names") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood.prompt"] = mood;
  world.files.content["prompts/a.b.prompt"] = "Say hi";
  world.files.content["prompts/notes.txt"] = "not one";
  world.files.content["prompts/deep/er.prompt"] = "not one either";
  world.files.content["other/prompts/x.prompt"] = "nor this";
  const auto made = loaded(world);
  REQUIRE(made.plan->prompts.size() == 2);
  CHECK(made.plan->prompts[0].name == "a.b");
  CHECK(made.plan->prompts[0].model == "chat");
  CHECK(made.plan->prompts[1].name == "mood");
  CHECK(made.plan->prompts[1].file == "prompts/mood.prompt");
  CHECK(routes(*made.plan) == "POST /prompts/a.b key; POST /prompts/mood key; GET /openapi.json key; ");
  CHECK(made.files == std::vector<std::string>{"apigw.yaml", "prompts/a.b.prompt", "prompts/mood.prompt",
                                               "prompts/deep/er.prompt"});
  CHECK(made.globs == std::vector<std::string>{"prompts/*.prompt", "prompts/*.test.yaml", "prompts/*/*.prompt"});
  REQUIRE(made.report.all().size() == 1);
  CHECK(made.report.all().front().code == 621);
}

TEST_CASE("what is wrong in a prompt's tests keeps nobody from serving it") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood.prompt"] = "---\nmodel: chat\ninput:\n  schema: { text: string }\n---\n{{text}}";
  const std::string_view wrong[] = {"cases: [", "cases: []\ncase: 1\n", "cases:\n  - name: one\n",
                                    "cases:\n  - vars: { txt: a }\n    expect: { equals: b }\n"};
  for (const std::string_view tests : wrong) {
    CAPTURE(tests);
    world.files.content["prompts/mood.test.yaml"] = tests;
    world.request.judge_tests.emplace();
    const auto judged = world.load();
    CHECK(judged.plan == nullptr);
    world.request.judge_tests.reset();
    const auto served = loaded(world);
    CHECK(served.plan->prompts.size() == 1);
    CHECK(served.report.warnings() == judged.report.errors());
    CHECK(codes(served) == codes(judged));
  }
  world.files.unreadable.insert("prompts/mood.test.yaml");
  CHECK(codes(loaded(world)) == "AGW220");
}

TEST_CASE("prompts are looked for in the config's own folder") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.request.path = "shop/apigw.yaml";
  world.files.content["shop/apigw.yaml"] = world.files.content["apigw.yaml"];
  world.files.content["prompts/no.prompt"] = "no";
  world.files.content["shop/prompts/yes.prompt"] = "yes";
  const auto made = loaded(world);
  REQUIRE(made.plan->prompts.size() == 1);
  CHECK(made.plan->prompts[0].file == "shop/prompts/yes.prompt");
}

TEST_CASE("a name's own settings stand over patterns, and the more literal pattern over the other") {
  World world(
      "apigw: 1\nmodels: { chat: mock/small }\nprompts:\n  '*': { serve: false }\n  draft-*: { serve: true }\n"
      "  draft-1: { serve: false }\n");
  for (const char* name : {"draft-1", "draft-2", "mood"})
    world.files.content[fmt::format("prompts/{}.prompt", name)] = mood;
  const auto made = loaded(world);
  CHECK(routes(*made.plan) == "POST /prompts/draft-2 key; GET /openapi.json key; ");
  CHECK(made.plan->prompts.size() == 3);
}

TEST_CASE("prompts are open only where the defaults say so, and a config's own document is not hidden") {
  World world(
      "apigw: 1\nmodels: { chat: mock/small }\ndefaults: { auth: none }\nservices: { a: http://127.0.0.1:9000 }\n"
      "routes: { GET /openapi.json: a }\n");
  world.files.content["prompts/mood.prompt"] = mood;
  CHECK(routes(*loaded(world).plan) == "POST /prompts/mood open; ");
}

TEST_CASE("a route for all paths hides no endpoint of the gateway") {
  World world("apigw: 1\nmodels: { chat: mock/small }\nservices: { a: http://127.0.0.1:9000 }\nroutes: { /**: a }\n");
  world.files.content["prompts/mood.prompt"] = mood;
  CHECK(routes(*loaded(world).plan) == "POST /prompts/mood key; GET /openapi.json key; ");
}

TEST_CASE("operations of routes are described too, kept as the routes are") {
  struct Row {
    std::string_view name, auth, expected;
  };
  for (const Row& row :
       {Row{"open", "none", "GET /openapi.json open; "}, Row{"by key", "key", "GET /openapi.json key; "}}) {
    CAPTURE(row.name);
    World world(
        fmt::format("apigw: 1\nservices: {{ a: http://127.0.0.1:9000 }}\nconsumers: {{ me: {{ key: env:K }} }}\n"
                    "routes: {{ GET /a: {{ to: a, auth: {}, operation: 'doc.yaml#GET /a' }} }}\n",
                    row.auth));
    world.files.content["doc.yaml"] =
        "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: { /a: { get: { responses: { '200': { description: "
        "ok } } } } }\n";
    CHECK(routes(*loaded(world).plan) == row.expected);
  }
}

TEST_CASE("without prompts and models there is nothing to describe") {
  World world("apigw: 1\nservices: { a: http://127.0.0.1:9000 }\nroutes: { /a: a }\n");
  CHECK(routes(*loaded(world).plan).empty());
}

TEST_CASE("a prompt may name a provider and its model, which uses the provider") {
  World world("apigw: 1\nproviders: { openai: {} }\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood.prompt"] = "---\nmodel: openai/gpt-5-mini\n---\nJudge {{text}}";
  const auto made = loaded(world);
  CHECK(made.report.all().empty());
  CHECK(made.plan->prompts[0].model == "openai/gpt-5-mini");
}

TEST_CASE("another text of a prompt is a change of the plan") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood.prompt"] = mood;
  const auto before = loaded(world), same = loaded(world);
  CHECK(model::diff(*before.plan, *same.plan).text() == "nothing");
  world.files.content["prompts/mood.prompt"] = std::string(mood) + " again";
  CHECK(model::diff(*before.plan, *loaded(world).plan).text() == "prompts: +0 ~1 -0 (~mood)");
}

TEST_CASE("the test cases of a prompt are what the mock says to them, and a change of them is a change of the plan") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood.prompt"] = "{{role \"system\"}}Judge.{{role \"user\"}}{{text}}";
  world.files.content["prompts/mood.test.yaml"] =
      "cases:\n  - vars: { text: fine }\n    expect: { equals: good }\n  - vars: { text: bad }\n"
      "    answer: { mood: bad }\n    expect: { contains: bad }\n  - vars: { text: so so }\n    expect: { regex: "
      "'^.' }\n";
  const auto made = loaded(world);
  const auto& examples = made.plan->prompts[0].examples;
  REQUIRE(examples.size() == 2);
  using Turns = std::vector<std::pair<std::string, std::string>>;
  CHECK(examples[0].turns == Turns{{"system", "Judge."}, {"user", "fine"}});
  CHECK(examples[0].answer == "good");
  CHECK(examples[1].answer == R"({"mood":"bad"})");
  world.files.content["prompts/mood.test.yaml"] += "\n";
  CHECK(model::diff(*made.plan, *loaded(world).plan).text() == "prompts: +0 ~1 -0 (~mood)");
}

TEST_CASE("the page of an unusable name shows what it is about") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  world.files.content["prompts/mood swing.prompt"] = mood;
  CHECK(codes(world.load()) == "AGW620");
}

TEST_CASE("more prompts than a thousand are refused, and none is read") {
  World world("apigw: 1\nmodels: { chat: mock/small }\n");
  for (int i = 0; i <= 1000; ++i) world.files.content[fmt::format("prompts/p{}.prompt", i)] = "{{";
  CHECK(codes(world.load()) == "AGW216");
}
