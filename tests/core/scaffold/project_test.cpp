#include "scaffold/project.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("a new project has the files that its README names") {
  const auto tree = scaffold::project({.name = "Łódź.shop 2", .schema_json = "{}\n"});
  REQUIRE(tree);
  std::vector<std::string> paths;
  for (const auto& [path, file] : *tree) paths.push_back(path);
  const std::vector<std::string> expected{".apigw/schema.json",
                                          ".env.example",
                                          ".githooks/pre-commit",
                                          ".gitignore",
                                          "README.md",
                                          "apigw.yaml",
                                          "prompts/sentiment.prompt",
                                          "prompts/sentiment.test.yaml",
                                          "prompts/translate.prompt",
                                          "prompts/translate.test.yaml",
                                          "services/hello/app.py",
                                          "tests/hello.test.yaml"};
  CHECK(paths == expected);
  CHECK(tree->at("README.md").content.starts_with("# Łódź.shop 2\n"));
  CHECK(tree->at(".apigw/schema.json").content == "{}\n");
  CHECK(tree->at("prompts/sentiment.prompt").content.ends_with("\n{{role \"user\"}}\n{{text}}\n"));
}
