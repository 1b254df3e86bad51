// Schemas in frontmatter: fixtures give the JSON Schema or the findings of each, and the pages' examples do what they
// say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "prompt/picoschema.h"
#include "prompt/typed.h"
#include "schema/values.h"
#include "support/golden.h"
#include "support/skip.h"
#include "yaml/json.h"

using namespace apigw;

namespace {

struct Parsed {
  diag::Sources sources;
  diag::Report report;
  std::optional<yaml::Tree> tree;

  explicit Parsed(std::string text, std::string name = "a.prompt") {
    const auto id = sources.add(std::move(name), std::move(text));
    tree = yaml::parse(id, sources, report);
    REQUIRE(tree);
  }
  [[nodiscard]] const yaml::Node& root() const { return tree->root(); }
  [[nodiscard]] std::string full() {
    report.finish(sources);
    return render(report, sources, diag::Format::full, false);
  }
};

const yaml::Node* schema_of(const yaml::Node& frontmatter, std::string_view side) {
  const yaml::Node* node = frontmatter.find(side);
  return node == nullptr ? nullptr : node->find("schema");
}

std::string block(std::string_view page, std::string_view kind) {
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open);
  REQUIRE(begin != std::string_view::npos);
  return std::string(page.substr(begin + open.size(), page.find("```", begin + open.size()) - begin - open.size()));
}

std::string json_of(const yaml::Node& node) {
  std::string text;
  REQUIRE(yaml::append_json(node, 1 << 20, text));
  return text;
}

bool equal_json(const std::string& a, const std::string& b) {
  const auto x = schema::Values::read(a, {}, 100'000), y = schema::Values::read(b, {}, 100'000);
  REQUIRE(x);
  REQUIRE(y);
  schema::Steps steps(100'000);
  return schema::equal(*x, x->root(), *y, y->root(), steps);
}

}  // namespace

TEST_CASE("every fixture gives the JSON Schema or the findings that its golden says") {
  for (const auto& file : golden::inputs("golden/prompt", ".yaml")) {
    if (!file.filename().string().starts_with("schema_")) continue;
    CAPTURE(file.filename().string());
    Parsed parsed(golden::read(file), file.filename().string());
    const auto read = prompt::read_schema(parsed.root(), parsed.report);
    CHECK(read.has_value() != parsed.report.has_errors());
    golden::check(std::filesystem::path(file).replace_extension(".expected"),
                  read ? read->text + "\n" : parsed.full());
  }
}

TEST_CASE("the examples of the pages about schemas do what they say") {
  for (const int code : {641, 642, 643, 644}) {
    CAPTURE(code);
    for (const std::string_view kind : {"bad", "good"}) {
      Parsed parsed(block(diag::page(code), kind));
      const yaml::Node* output = schema_of(parsed.root(), "output");
      const yaml::Node* node = output != nullptr ? output : schema_of(parsed.root(), "input");
      REQUIRE(node != nullptr);
      const auto read = prompt::read_schema(*node, parsed.report);
      CHECK(read.has_value() == (kind == "good"));
      for (const auto& finding : parsed.report.all()) CHECK(finding.code == code);
    }
  }
}

TEST_CASE("plain scalars of YAML become what JSON reads in them, all else strings") {
  struct Row {
    std::string_view yaml, json;
  };
  const Row rows[] = {
      {"a: 1.50", R"({"a":1.50})"},
      {"a: -0", R"({"a":-0})"},
      {"a: 1e400", R"({"a":1e400})"},
      {"a: '1'", R"({"a":"1"})"},
      {"a: 0x1F", R"({"a":"0x1F"})"},
      {"a: 012", R"({"a":"012"})"},
      {"a: .5", R"({"a":".5"})"},
      {"a: yes", R"({"a":"yes"})"},
      {"a: ~", R"({"a":null})"},
      {"a:", R"({"a":null})"},
      {"a: 'true'", R"({"a":"true"})"},
      {"a: [true, null, x\"y]", R"({"a":[true,null,"x\"y"]})"},
      {"a: {b: {}, c: []}", R"({"a":{"b":{},"c":[]}})"},
      {"a: |\n  two\n  lines\n", R"({"a":"two\nlines\n"})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const Parsed parsed{std::string(row.yaml)};
    CHECK(json_of(parsed.root()) == row.json);
  }
}

TEST_CASE("aliases that expand a small file are stopped at the limit") {
  std::string text = "a: &a " + std::string(1000, 'x') + "\nb: [";
  for (int i = 0; i < 3000; ++i) text += "*a, ";
  Parsed list(text + "]\ntype: object\n");
  CHECK_FALSE(prompt::read_schema(list.root(), list.report));
  CHECK(list.report.all()[0].message == "this schema is too large once its aliases are expanded");
  text = "a: &a string, " + std::string(1000, 'x') + "\n";
  for (int i = 0; i < 3000; ++i) text += fmt::format("f{}: *a\n", i);
  Parsed fields(text);
  CHECK_FALSE(prompt::read_schema(fields.root(), fields.report));
  CHECK(fields.report.all()[0].message == "this schema is too large once its aliases are expanded");
}

TEST_CASE("a pointer finds its node, or the nearest above it") {
  const Parsed parsed("a/b: [0, {c~: 1}]\n");
  CHECK(prompt::node_at(parsed.root(), "/a~1b/1/c~0").value == "1");
  CHECK(prompt::node_at(parsed.root(), "/a~1b/7/c").kind == yaml::Kind::sequence);
  CHECK(&prompt::node_at(parsed.root(), "") == &parsed.root());
}

namespace {

// The cases of dotprompt's own specification; those with schemas by name are not ours.
void run_specification(const yaml::Node& suite, int& passed, int& by_name) {
  for (const yaml::Node* group : suite.items) {
    CAPTURE(group->find("name")->value);
    if (group->find("schemas") != nullptr) {
      ++by_name;
      continue;
    }
    const std::string text = group->find("template")->value;
    const auto begin = text.find('\n') + 1;
    Parsed parsed(text.substr(begin, text.rfind("---") - begin));
    for (const std::string_view side : {"input", "output"}) {
      const yaml::Node* expected = schema_of(*group->find("tests")->items[0]->find("expect"), side);
      const yaml::Node* node = schema_of(parsed.root(), side);
      REQUIRE((node == nullptr) == (expected == nullptr));
      if (node == nullptr) continue;
      const auto read = prompt::read_schema(*node, parsed.report);
      REQUIRE(read);
      CHECK_MESSAGE(equal_json(read->text, json_of(*expected)), read->text);
    }
    ++passed;
  }
}

}  // namespace

TEST_CASE("the cases of dotprompt's specification of Picoschema come out as it says") {
  const auto file = std::filesystem::path(APIGW_SOURCE_DIR) / "../shared/oracles/dotprompt/spec/picoschema.yaml";
  if (!std::filesystem::exists(file)) APIGW_SKIP("needs ../shared/oracles/dotprompt");
  Parsed suite(golden::read(file));
  int passed = 0, by_name = 0;
  run_specification(suite.root(), passed, by_name);
  fmt::print("dotprompt's Picoschema cases: {} came out right, {} need schemas by name\n", passed, by_name);
  CHECK(passed > 0);
}
