#include <doctest/doctest.h>

#include "support/cli.h"

using namespace apigw;
using apigw::testing::run;

TEST_CASE("a new project validates without a finding") {
  testing::MemoryFiles files;
  const auto made = run({"init", "shop"}, files);
  CHECK(made.exit == 0);
  CHECK(made.out ==
        "create\t.apigw/schema.json\ncreate\t.env.example\ncreate\t.githooks/"
        "pre-commit\ncreate\t.gitignore\ncreate\tREADME.md\ncreate\tapigw.yaml\n"
        "create\tprompts/sentiment.prompt\ncreate\tprompts/sentiment.test.yaml\ncreate\tprompts/translate.prompt\n"
        "create\tprompts/translate.test.yaml\ncreate\tservices/hello/app.py\ncreate\ttests/hello.test.yaml\n");
  CHECK(made.err == "\nNext:\n  cd shop\n  apigw run\n  apigw call hello        # in a second terminal\n");
  const auto checked = run({"-C", "shop", "validate", "--fail-on", "warning", "--resolve"}, files);
  CHECK(checked.exit == 0);
  CHECK(checked.out.empty());
  CHECK(checked.err == "no findings in 1 file\n");
}

TEST_CASE("the schema beside a new project is the one that schema prints") {
  testing::MemoryFiles files;
  REQUIRE(run({"init"}, files).exit == 0);
  CHECK(files.content.at("/project/.apigw/schema.json") == run({"schema"}, files).out);
}

TEST_CASE("init again changes nothing, and keeps what was edited") {
  testing::MemoryFiles files;
  REQUIRE(run({"init"}, files).exit == 0);
  const auto before = files.content;
  CHECK(run({"init", "-o", "csv"}, files).out.find("create") == std::string::npos);
  CHECK(files.content == before);
  files.content["/project/apigw.yaml"] = "apigw: 1\n";
  files.content.erase("/project/README.md");
  const auto again = run({"init"}, files);
  CHECK(again.exit == 0);
  CHECK(again.out.find("keep\tapigw.yaml\n") != std::string::npos);
  CHECK(again.out.find("create\tREADME.md\n") != std::string::npos);
  CHECK(again.err ==
        "kept one file that differs: --diff shows how, --force replaces\n\nNext:\n  apigw validate          # your "
        "apigw.yaml was kept\n  apigw run\n");
  CHECK(files.content.at("/project/apigw.yaml") == "apigw: 1\n");
  CHECK(run({"init", "--force"}, files).out.find("replace\tapigw.yaml\n") != std::string::npos);
  CHECK(files.content == before);
}

TEST_CASE("a dry run and a diff write nothing") {
  testing::MemoryFiles files;
  CHECK(run({"init", "--dry-run"}, files).out.starts_with("create\t.apigw/schema.json\n"));
  CHECK(files.content.empty());
  const auto diff = run({"init", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("--- /dev/null\n+++ apigw.yaml\n") != std::string::npos);
  CHECK(files.content.empty());
  REQUIRE(run({"init"}, files).exit == 0);
  CHECK(run({"init", "--diff"}, files).exit == 0);
}

TEST_CASE("a project may be called anything") {
  struct Row {
    const char* directory;
    const char* title;
    const char* cd;
  };
  const Row rows[] = {{"my shop", "# my shop\n", "  cd 'my shop'\n"},
                      {"Łódź", "# Łódź\n", "  cd 'Łódź'\n"},
                      {"v1.2", "# v1.2\n", "  cd v1.2\n"},
                      {"a/b/c", "# c\n", "  cd a/b/c\n"},
                      {"it's", "# it's\n", "  cd 'it'\\''s'\n"},
                      {"{{name}}", "# {{name}}\n", "  cd '{{name}}'\n"},
                      {"./-x", "# -x\n", "  cd ./-x\n"},
                      {"/abs/shop/", "# shop\n", "  cd /abs/shop/\n"}};
  for (const Row& row : rows) {
    CAPTURE(row.directory);
    testing::MemoryFiles files;
    const auto made = run({"init", row.directory}, files);
    CHECK(made.exit == 0);
    CHECK(made.err.find(row.cd) != std::string::npos);
    const auto readme = files.read(std::string{row.directory} + "/README.md", 1 << 20);
    REQUIRE(readme);
    CHECK(readme->starts_with(row.title));
  }
}

TEST_CASE("where nothing can be written, init says so") {
  testing::MemoryFiles files{{"file", "x"}};
  files.denied.insert("/closed");
  const auto closed = run({"init", "/closed"}, files);
  CHECK(closed.exit == 2);
  CHECK(closed.err == "error: write '/closed/.apigw/schema.json': permission denied\n");
  const auto file = run({"init", "file"}, files);
  CHECK(file.exit == 2);
  CHECK(file.err == "error: 'file' is a file\n help: name a directory, or none for this one\n");
}

TEST_CASE("init --from makes a project of an OpenAPI document, which judges its requests") {
  constexpr const char* document =
      "openapi: 3.1.0\n"
      "info: { title: Stock, version: 1.0.0 }\n"
      "servers: [{ url: \"https://stock.example/v1\" }]\n"
      "paths:\n"
      "  /items:\n"
      "    get: { operationId: listItems, parameters: [{ name: page, in: query, schema: { type: integer } }] }\n";
  testing::MemoryFiles files{{"docs/stock.yaml", document}};
  const auto made = run({"init", "shop", "--from", "docs/stock.yaml"}, files);
  CHECK(made.exit == 0);
  CHECK(made.out ==
        "create\t.apigw/schema.json\ncreate\t.env.example\ncreate\t.githooks/pre-commit\ncreate\t.gitignore\n"
        "create\tREADME.md\ncreate\tapigw.yaml\ncreate\tstock.yaml\n");
  CHECK(made.err == "\nNext:\n  cd shop\n  apigw run\n  apigw test stock.yaml\n");
  CHECK(files.content.at("/project/shop/stock.yaml") == document);
  const std::string& config = files.content.at("/project/shop/apigw.yaml");
  CHECK_MESSAGE(config.contains("GET /items: { to: stock, operation: \"stock.yaml#listItems\" }"), config);
  testing::MemoryFiles inside = files;  // -C enters it
  CHECK(run({"-C", "shop", "validate", "--fail-on", "warning"}, inside).exit == 0);
  const auto here = run({"init", "docs", "--from", "docs/stock.yaml"}, files);
  CHECK(here.exit == 0);
  CHECK_FALSE(here.out.contains("stock.yaml"));
  CHECK(files.content.at("/project/docs/apigw.yaml").contains("operation: \"stock.yaml#listItems\""));
  const auto piped =
      run({"init", "piped", "--from", "-"}, files, {.in = document, .environment = {}, .terminal = {}});
  CHECK(piped.exit == 0);
  CHECK(files.content.contains("/project/piped/openapi.yaml"));
  const auto none = run({"init", "none", "--from", "shop/apigw.yaml"}, files);
  CHECK(none.exit == 2);
  CHECK(none.err.contains("AGW720"));
  CHECK_FALSE(files.content.contains("/project/none/apigw.yaml"));
}

TEST_CASE("an empty name is no name for this directory") {
  testing::MemoryFiles files;
  const auto ran = run({"init", ""}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err == "error: the directory's name is empty\n help: leave it out for this directory\n");
  CHECK(files.content.empty());
}
