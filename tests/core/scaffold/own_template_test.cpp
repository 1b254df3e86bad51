#include "scaffold/own_template.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace apigw;
using scaffold::OwnTemplate;
using scaffold::Parameter;

namespace {

constexpr const char* declared =
    "apigw-template: 1\n"
    "run: ./run\n"
    "verbatim: ['*.hbs']\n"
    "parameters:\n"
    "  owner: { description: who is called at night }\n"
    "  tier: { choices: [gold, silver], default: silver }\n"
    "  copies: { type: number, default: 2 }\n"
    "  loud: { type: boolean, default: false }\n";

struct Filled {
  diag::Sources sources;
  diag::Report report;
  render::FileTree tree;
  explicit Filled(const std::map<std::string, std::string>& files, const scaffold::ParameterValues& more = {}) {
    const auto made = scaffold::read_template(sources.add("t/template.yaml", declared), sources, report);
    REQUIRE(made);
    scaffold::ParameterValues values{{"owner", "web {{name}}"}, {"tier", "gold"}, {"copies", "2"}, {"loud", "false"}};
    for (const auto& [name, value] : more) values[name] = value;
    const scaffold::ServiceRequest request{
        .name = "stock", .language = {}, .calls = {{"price-list", "PRICE_LIST_URL"}}};
    tree = scaffold::fill_template(*made, files, "t", request, values, sources, report);
    report.finish(sources);
  }
  [[nodiscard]] std::string told() const {
    std::string out;
    for (const diag::Diagnostic& finding : report.all()) {
      const auto at = sources.position(finding.where().source, finding.where().begin);
      out += fmt::format("{}:{}:{}: {} {}\n", sources.name(finding.where().source), at.line, at.column, finding.code,
                         finding.message);
    }
    return out;
  }
};

}  // namespace

TEST_CASE("a template says what is asked, and what its services are") {
  diag::Sources sources;
  diag::Report report;
  const std::string text =
      std::string(declared) + "test: make test\nprepare: apt-get update\nhealth: /up\nkind: worker\n";
  const auto made = scaffold::read_template(sources.add("template.yaml", text), sources, report);
  REQUIRE(made);
  CHECK(made->stack.run == "./run");
  CHECK(made->stack.test == "make test");
  CHECK(made->stack.prepare == "apt-get update");
  CHECK(made->stack.health == "/up");
  CHECK(made->kind == "worker");
  REQUIRE(made->parameters.size() == 4);
  CHECK(made->parameters[0].description == "who is called at night");
  CHECK_FALSE(made->parameters[0].fallback);
  CHECK(made->parameters[1].choices == std::vector<std::string>{"gold", "silver"});
  CHECK(made->parameters[2].kind == Parameter::Kind::number);
  CHECK(made->parameters[3].fallback == "false");
}

TEST_CASE("what is wrong with a template's declaration has its code and its place") {
  struct Row {
    std::string text;
    int code;
    std::uint32_t begin;
  };
  const std::string head = "apigw-template: 1\nrun: x\n";
  const std::vector<Row> rows = {
      {"run: x\n", 209, 0},
      {"apigw-template: 2\nrun: x\n", 210, 16},
      {"apigw-template: 1\n", 211, 0},
      {head + "rum: x\n", 201, 25},
      {head + "kind: cron\n", 205, 31},
      {head + "health: up\n", 203, 33},
      {head + "test: |\n  a\n  b\n", 203, 31},
      {head + "parameters: { name: {} }\n", 215, 39},
      {head + "parameters: { a-b: {} }\n", 215, 39},
      {head + "parameters: { a: { type: date } }\n", 205, 50},
      {head + "parameters: { a: { type: number, default: many } }\n", 203, 67},
      {head + "parameters: { a: { choices: [b], default: c } }\n", 203, 67},
      {head + "parameters: { a: { type: boolean, default: yes } }\n", 203, 68},
      {"- a\n", 202, 0},
      {"a: [\n", 105, 3},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    diag::Sources sources;
    diag::Report report;
    CHECK_FALSE(scaffold::read_template(sources.add("template.yaml", row.text), sources, report));
    report.finish(sources);
    REQUIRE_FALSE(report.all().empty());
    CHECK(report.all().front().code == row.code);
    CHECK(report.all().front().where().begin == row.begin);
    CHECK_FALSE(report.all().front().message.empty());
  }
}

TEST_CASE("files and their names are filled, values are never read as templates, and what must not be is copied") {
  const Filled filled({
      {"dot-gitignore", "/{{name}}\n"},
      {"src/{{name}}/main.txt", "{{owner}} {{tier}} {{copies}}{{#each calls}} {{variable}}{{/each}}\n"},
      {"loud.txt", "{{#if loud}}\nloud\n{{/if}}\n"},
      {"quiet.txt", "{{#if loud}}loud{{/if}}\n \n"},
      {"empty.txt", ""},
      {"page.hbs", "{{#nothing}}\n"},
      {"image.bin", std::string("\x89{{\0", 4)},
      {"run.sh", "#!/bin/sh\necho {{name}}\n"},
      {"braces.txt", "\\{{name}}\n"},
  });
  CHECK(filled.told() == "");
  CHECK(filled.tree.at(".gitignore").content == "/stock\n");
  CHECK(filled.tree.at("src/stock/main.txt").content == "web {{name}} gold 2 PRICE_LIST_URL\n");
  CHECK_FALSE(filled.tree.contains("loud.txt"));
  CHECK_FALSE(filled.tree.contains("quiet.txt"));
  CHECK(filled.tree.at("empty.txt").content.empty());
  CHECK(filled.tree.at("page.hbs").content == "{{#nothing}}\n");
  CHECK(filled.tree.at("image.bin").content.size() == 4);
  CHECK(filled.tree.at("run.sh").mode == 0755);
  CHECK(filled.tree.at("braces.txt").content == "{{name}}\n");
  CHECK(filled.tree.at("braces.txt").mode == 0644);
  CHECK(Filled({{"loud.txt", "{{#if loud}}\nloud\n{{/if}}\n"}}, {{"loud", "true"}}).tree.at("loud.txt").content ==
        "loud\n");
}

TEST_CASE("what is wrong in a template's files has its place there, and no file leaves the service's folder") {
  CHECK(Filled({{"a.txt", "x\n{{name"}}).told() == "t/a.txt:2:1: 602 '{{' is never closed\n");
  CHECK(Filled({{"a.txt", "{{ownr}}"}}).told() == "t/a.txt:1:3: 611 'ownr' is no parameter of the template\n");
  CHECK(Filled({{"{{b}}.txt", "x"}}).told() == "name of t/{{b}}.txt:1:3: 611 'b' is no parameter of the template\n");
  CHECK(Filled({{"a.txt", "x"}, {"{{tier}}", "x"}}, {{"tier", "a.txt"}}).told() ==
        "t/{{tier}}:1:1: 215 two files would be 'a.txt'\n");
  for (const char* name : {"..", ".", "", "/etc/passwd", "../../x", "a//b", "service.lock", "a\nb"}) {
    CAPTURE(name);
    const Filled out({{"{{tier}}", "x"}}, {{"tier", name}});
    CHECK(out.tree.empty());
    CHECK((out.told().contains(" 215 '") || std::string(name).empty()));
  }
}

TEST_CASE("a value is judged by its parameter") {
  const Parameter number{
      .name = "n", .description = {}, .kind = Parameter::Kind::number, .choices = {}, .fallback = {}};
  const Parameter boolean{
      .name = "b", .description = {}, .kind = Parameter::Kind::boolean, .choices = {}, .fallback = {}};
  const Parameter choice{.name = "c", .description = {}, .choices = {"a", "b"}, .fallback = {}};
  CHECK(scaffold::fault_of(number, "12") == "");
  for (const char* bad : {"", "-1", "1.5", "x", "99999999999999999999999"})
    CHECK(scaffold::fault_of(number, bad) == "a whole number");
  CHECK(scaffold::fault_of(boolean, "true") == "");
  CHECK(scaffold::fault_of(boolean, "yes") == "true or false");
  CHECK(scaffold::fault_of(choice, "c") == "one of a, b");
}
