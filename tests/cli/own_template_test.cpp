// `apigw new service --template DIR`.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

MemoryFiles project() {
  return {{"apigw.yaml", "apigw: 1\nservices:\n  prices: http://127.0.0.1:9001\nroutes:\n  GET /prices: prices\n"},
          {"templates/own/template.yaml",
           "apigw-template: 1\n"
           "run: exec ./serve --as \"${USER}\"\n"
           "test: make test\n"
           "health: /up\n"
           "parameters:\n"
           "  owner: { description: who is called at night }\n"
           "  tier: { choices: [gold, silver], default: silver }\n"},
          {"templates/own/serve", "#!/bin/sh\n# {{name}} of {{owner}}, {{tier}}\n"},
          {"templates/own/src/{{name}}/calls.txt", "{{#each calls}}\n{{variable}}\n{{/each}}\n"},
          {"templates/own/runtime/lib.sh", "# {{tier}}\n"},
          {"templates/own/Dockerfile", "FROM debian:12-slim\n"},
          {"templates/own/.dockerignore", ".git\n"},
          {"templates/own/.git/config", "[core]\n"}};
}

std::vector<std::string> own(std::vector<std::string> more = {}) {
  std::vector<std::string> line{"new", "service", "stock", "--template", "templates/own"};
  line.insert(line.end(), more.begin(), more.end());
  return line;
}

}  // namespace

TEST_CASE("a template of one's own makes a service, its lines in the config, and its pipeline") {
  auto files = project();
  const auto made = run(own({"--set", "owner=web", "--calls", "prices"}), files);
  CHECK(made.exit == 0);
  golden::check("golden/cli/new-service/template.txt", made.out);
  CHECK(made.err == "\nNext:\n  cd services/stock && make test    # its tests\n  apigw run\n");
  CHECK(files.content.at("/project/services/stock/serve") == "#!/bin/sh\n# stock of web, silver\n");
  CHECK(files.modes.at("/project/services/stock/serve") == 0755);
  CHECK(files.content.at("/project/services/stock/src/stock/calls.txt") == "PRICES_URL\n");
  CHECK_FALSE(files.content.contains("/project/services/stock/.git/config"));
  CHECK(files.content.at("/project/apigw.yaml")
            .contains("  stock: { run: 'exec ./serve --as \"$${USER}\"', dir: services/stock, health: /up, calls: "
                      "[prices] }\n"));
  CHECK(files.content.at("/project/.github/workflows/stock.yml").contains("image: debian:12-slim"));
  CHECK(files.content.at("/project/.github/workflows/stock.yml").contains("make test"));
  CHECK(run({"validate"}, files).exit == 0);
}

TEST_CASE("a template without tests names none as the next step") {
  auto files = project();
  std::string& declared = files.content.at("/project/templates/own/template.yaml");
  const std::string line = "test: make test\n";
  declared.erase(declared.find(line), line.size());
  CHECK(run(own({"--set", "owner=web"}), files).err == "\nNext:\n  apigw run\n");
}

TEST_CASE("run again, the lock says which template and which values, and only owned files are written anew") {
  auto files = project();
  REQUIRE(run(own({"--set", "owner=web"}), files).exit == 0);
  files.content["/project/services/stock/serve"] += "mine\n";
  files.content["/project/templates/own/runtime/lib.sh"] = "# {{tier}}, again\n";
  files.content["/project/templates/own/serve"] = "#!/bin/sh\n";
  const auto again = run({"new", "service", "stock"}, files);
  CHECK(again.exit == 0);
  CHECK(again.out.contains("replace\tservices/stock/runtime/lib.sh\n"));
  CHECK(files.content.at("/project/services/stock/runtime/lib.sh") == "# silver, again\n");
  CHECK(files.content.at("/project/services/stock/serve").ends_with("mine\n"));
  CHECK(run({"new", "service", "stock", "--set", "tier=gold"}, files).exit == 0);
  CHECK(files.content.at("/project/services/stock/runtime/lib.sh") == "# gold, again\n");
  CHECK(files.content.at("/project/services/stock/service.lock").contains("\"tier\": \"gold\""));
  files.content["/project/services/stock/runtime/lib.sh"] = "edited\n";
  const auto edited = run({"new", "service", "stock", "--set", "tier=silver"}, files);
  CHECK(edited.exit == 2);
  CHECK(edited.err.contains("'services/stock/runtime/lib.sh' was edited since it was written"));
  CHECK(run({"new", "service", "stock", "--diff"}, files).exit == 1);
  const auto other = run({"new", "service", "stock", "--lang", "go"}, files);
  CHECK(other.exit == 2);
  CHECK(other.err.contains("holds service 'stock' of the template 'templates/own', kind http"));
}

TEST_CASE("a template elsewhere is found from the config, and a dry run writes nothing") {
  MemoryFiles files;
  for (const auto& [path, text] : project().content)
    files.content[path.starts_with("/project/templates/") ? "/team" + path.substr(8) : path] = text;
  const auto before = files.content;
  const auto dry =
      run({"new", "service", "stock", "--template", "/team/templates/own", "--set", "owner=web", "--dry-run"}, files);
  CHECK(dry.exit == 0);
  CHECK(dry.out.contains("create\tservices/stock/serve\n"));
  CHECK(files.content == before);
  REQUIRE(run({"new", "service", "stock", "--template", "/team/templates/own", "--set", "owner=web"}, files).exit ==
          0);
  CHECK(files.content.at("/project/services/stock/service.lock").contains("\"template\": \"../team/templates/own\""));
  CHECK(run({"new", "service", "stock"}, files).exit == 0);
}

TEST_CASE("what is missing or wrong about a template is told, with its place, and nothing is written") {
  struct Row {
    std::vector<std::string> line;
    std::string error, help;
  };
  const std::vector<Row> rows = {
      {own(), "the template asks for values that are missing", "give --set owner=… (who is called at night)"},
      {own({"--set", "owner=web", "--set", "tier=tin"}), "--set tier: 'tin' is no value of it",
       "one of gold, silver"},
      {own({"--set", "ownr=web"}), "the template has no parameter 'ownr'", "it asks for owner, tier"},
      {own({"--lang", "go"}), "--template says what the service is made of", "leave out --lang"},
      {own({"--framework", "fastapi"}), "--template says what the service is made of", "leave out"},
      {{"new", "service", "a", "--lang", "go", "--set", "a=b"},
       "--set gives values to the parameters of a template",
       "--template"},
      {{"new", "service", "a", "--template", "nowhere"}, "'nowhere' is no template", "template.yaml is wanted"},
      {{"new", "service", "a", "--template", ".", "--set", "a=b"},
       "'services/a' lies in the template itself",
       "templates/NAME"},
      {own({"--set", "owner=web", "--dir", "../x"}), "--dir '../x' is not a folder below the project's",
       "without '..'"},
  };
  for (const Row& row : rows) {
    auto files = project();
    const auto before = files.content;
    const auto ran = run(row.line, files);
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    CHECK(ran.err.contains("error: " + row.error));
    CHECK(ran.err.contains(row.help));
    CHECK(files.content == before);
  }
  auto broken = project();
  broken.content["/project/templates/own/serve"] = "#!/bin/sh\n{{onwer}}\n";
  const auto told = run(own({"--set", "owner=web"}), broken);
  CHECK(told.exit == 2);
  CHECK(told.err.contains("templates/own/serve:2:3: error[AGW611]: 'onwer' is no parameter of the template\n"));
  broken.content["/project/templates/own/template.yaml"] = "apigw-template: 1\nrum: x\n";
  CHECK(run(own(), broken).err.contains("templates/own/template.yaml:2:1: error[AGW201]"));
  auto linked = project();
  linked.links.insert("/project/templates/own/runtime");
  CHECK(run(own({"--set", "owner=web"}), linked)
            .err.starts_with("error: 'templates/own/runtime' is a symbolic link\n"));
  auto bare = project();
  bare.content.erase("/project/templates/own/Dockerfile");
  CHECK(run(own({"--set", "owner=web", "--ci", "github"}), bare)
            .err.starts_with("error: the template has no Dockerfile"));
  CHECK(run(own({"--set", "owner=web"}), bare).exit == 0);
  CHECK_FALSE(bare.content.contains("/project/.github/workflows/stock.yml"));
}

TEST_CASE("on a terminal what is missing is asked for") {
  auto files = project();
  const auto made = run(own(), files, {.in = "web\n", .environment = {}, .terminal = {.err = true, .in = true}});
  CHECK(made.exit == 0);
  CHECK(made.err.starts_with("owner (who is called at night): "));
  CHECK(files.content.at("/project/services/stock/serve").contains("of web, silver"));
}
