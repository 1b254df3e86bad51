// `apigw diff` over files: what its words name, what it prints, and its exit codes. Commits are in tests/process.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr std::string_view old_config =
    "apigw: 1\ndefaults: { auth: none }\nmodels: { chat: mock/chat, deep: mock/deep }\n"
    "services: { orders: http://127.0.0.1:9001, stock: http://127.0.0.1:9002 }\n"
    "routes:\n  GET /orders/{id}: orders\n  POST /orders: { to: orders, timeout: 20s }\n  /stock/**: stock\n";
constexpr std::string_view new_config =
    "# the same shop\napigw: 1\nmodels: { deep: mock/deep, chat: [mock/chat, mock/spare] }\n"
    "services: { orders: http://127.0.0.1:9001, stock: http://127.0.0.1:9002 }\n"
    "routes:\n  /stock/**: { to: stock, auth: none }\n  POST /orders: { to: orders, auth: key, timeout: 5s }\n"
    "consumers: { web: { key: env:WEB_KEY } }\n";
constexpr std::string_view old_prompt = "---\nmodel: chat\ninput: { schema: { text: string } }\n---\n{{text}}\n";
constexpr std::string_view new_prompt =
    "---\nmodel: chat\ninput: { schema: { text: string, lang: string } }\n---\n{{text}} in {{lang}}\n";
constexpr std::string_view service =
    "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 80 }] }\n";

MemoryFiles files() {
  return {{"old/apigw.yaml", std::string(old_config)},
          {"old/prompts/mood.prompt", std::string(old_prompt)},
          {"new/apigw.yaml", std::string(new_config)},
          {"new/prompts/mood.prompt", std::string(new_prompt)},
          {"same/apigw.yaml", "# x\n" + std::string(old_config)},
          {"same/prompts/mood.prompt", std::string(old_prompt)},
          {"a.json", R"({"openapi": "3.1.0", "paths": {"/a": {"get": {}}}})"},
          {"b.yaml", "openapi: 3.1.0\npaths: { /a: { post: {} } }\n"},
          {"k/a.yaml", std::string(service)},
          {"k/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n"},
          {"m.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 81 }] }\n"},
          {"broken/apigw.yaml", "apigw: 1\nroutes: { GET /a: nobody }\n"},
          {"words.txt", "words\n"}};
}

}  // namespace

TEST_CASE("two folders with configs are told apart as people and programs read it") {
  auto all = files();
  const auto ran = run({"diff", "old", "new"}, all);
  CHECK(ran.exit == 1);
  CHECK(ran.err.empty());
  golden::check("golden/cli/diff/shop.txt", ran.out);
  const auto piped = run({"diff", "old/apigw.yaml", "new/apigw.yaml", "-o", "json"}, all);
  CHECK(piped.exit == 1);
  golden::check("golden/cli/diff/shop.json", piped.out);
  const auto json = nlohmann::json::parse(piped.out);
  std::size_t count = 0;
  for (const auto& [grade, n] : json["counts"].items()) count += n.get<std::size_t>();
  CHECK(count == json["changes"].size());
  CHECK(run({"diff", "old", "new", "--color", "always"}, all).out.contains("\x1b[31mbreaking\x1b[0m"));
}

TEST_CASE("no difference is exit 0, and nothing on stdout") {
  auto all = files();
  const auto ran = run({"diff", "old", "same"}, all);
  CHECK(ran.exit == 0);
  CHECK(ran.out.empty());
  CHECK(ran.err == "no differences between old and same\n");
  CHECK(run({"diff", "old", "same", "-q"}, all).err.empty());
  CHECK(nlohmann::json::parse(run({"diff", "old", "same", "-o", "json"}, all).out)["changes"].empty());
}

TEST_CASE("stdin is one side at most") {
  auto all = files();
  const auto ran = run({"diff", "-", "-"}, all, {.in = std::string(service)});
  CHECK(ran.exit == 2);
  CHECK(ran.err.starts_with("error: stdin can be read once, so one side alone may be '-'\n"));
}

TEST_CASE("--fail-on says which changes count") {
  auto all = files();
  all.content["/project/same/apigw.yaml"] += "  GET /new: stock\n";
  CHECK(run({"diff", "old", "same"}, all).exit == 1);
  CHECK(run({"diff", "old", "same", "--fail-on", "safe"}, all).exit == 1);
  CHECK(run({"diff", "old", "same", "--fail-on", "risky"}, all).exit == 0);
  CHECK(run({"diff", "old", "same", "--fail-on", "breaking"}, all).out.contains("safe      + GET /new"));
  CHECK(run({"diff", "old", "new", "--fail-on", "breaking"}, all).exit == 1);
}

TEST_CASE("documents and manifests are compared by what they hold") {
  auto all = files();
  const auto documents = run({"diff", "a.json", "b.yaml"}, all);
  CHECK(documents.exit == 1);
  CHECK(documents.out.contains("breaking  - GET /a"));
  CHECK(documents.out.contains("safe      + POST /a"));
  const auto manifests = run({"diff", "k", "m.yaml"}, all);
  CHECK(manifests.exit == 1);
  CHECK(manifests.out.contains("breaking  ~ a  spec.ports[80]"));
  CHECK(manifests.out.contains("risky     - c"));
  const auto piped = run({"diff", "k/a.yaml", "-"}, all, {.in = std::string(service)});
  CHECK(piped.exit == 0);
}

TEST_CASE("what cannot be compared is exit 2, with what to do") {
  auto all = files();
  const auto says = [&](std::vector<std::string> words, std::string_view part) {
    const auto ran = run(words, all);
    CHECK(ran.exit == 2);
    CHECK_MESSAGE(ran.err.contains(part), ran.err);
  };
  says({"diff", "old", "a.json"}, "'old' (config) and 'a.json' (OpenAPI document) are of different kinds");
  says({"diff", "old", "broken"}, "error: the config 'broken/apigw.yaml' has errors");
  says({"diff", "old", "broken"}, "error[AGW322]");
  says({"diff", "old", "words.txt"}, "'words.txt' is nothing that can be compared");
  says({"diff", "a", "b", "c"}, "more than two states to compare");
}
