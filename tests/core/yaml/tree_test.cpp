#include "yaml/tree.h"

#include <chrono>

#include <doctest/doctest.h>

#include "support/golden.h"
#include "support/yaml_dump.h"

using namespace apigw;

namespace {

struct Parsed {
  diag::Sources sources;
  diag::Report report;
  std::optional<yaml::Tree> tree;

  explicit Parsed(std::string text, std::string name = "a.yaml") {
    const auto id = sources.add(std::move(name), std::move(text));
    tree = yaml::parse(id, sources, report);
    report.finish(sources);
  }
  [[nodiscard]] std::string full() const { return render(report, sources, diag::Format::full, false); }
  [[nodiscard]] int only_code() const { return report.all().size() == 1 ? report.all()[0].code : 0; }
};

std::string repeat(std::string_view s, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += s;
  return out;
}

}  // namespace

TEST_CASE("every fixture gives the tree and the findings that its golden says") {
  for (const auto& file : golden::inputs("golden/yaml", ".yaml")) {
    CAPTURE(file.string());
    const Parsed parsed(golden::read(file), file.filename().string());
    std::string out;
    if (parsed.tree) {
      out = yaml_dump::dump(parsed.tree->root(), parsed.sources.text(SourceId{0}));
      CHECK(yaml_dump::stray(parsed.tree->root(), parsed.sources.text(SourceId{0}).size()) == nullptr);
    }
    if (!parsed.tree) CHECK(parsed.report.has_errors());
    if (!parsed.report.all().empty()) out += "\n" + parsed.full();
    golden::check(std::filesystem::path(file).replace_extension(".expected"), out);
  }
}

TEST_CASE("the name of a fixture for a finding is its code") {
  for (const auto& file : golden::inputs("golden/yaml", ".yaml")) {
    const auto name = file.stem().string();
    if (name[0] != 'e' || name[1] != '1') continue;
    CAPTURE(name);
    const Parsed parsed(golden::read(file));
    const int wanted = std::stoi(name.substr(1, 3));
    REQUIRE_FALSE(parsed.report.all().empty());
    for (const auto& d : parsed.report.all()) CHECK(d.code == wanted);
  }
}

TEST_CASE("find takes the last of duplicate keys") {
  const Parsed parsed("a: 1\nb: 2\na: 3\n");
  REQUIRE(parsed.tree);
  REQUIRE(parsed.tree->root().find("a") != nullptr);
  CHECK(parsed.tree->root().find("a")->value == "3");
  CHECK(parsed.tree->root().find("c") == nullptr);
}

TEST_CASE("a tree keeps its nodes when it is moved") {
  Parsed parsed("a: [1, 2]\n");
  const auto* root = &parsed.tree->root();
  const yaml::Tree moved = std::move(*parsed.tree);
  CHECK(&moved.root() == root);
  CHECK(moved.root().find("a")->items.size() == 2);
}

TEST_CASE("hostile files are refused early") {
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    laughs += fmt::format("a{}: &a{} [{}]\n", i, i, repeat(fmt::format("*a{}, ", i - 1), 10));
  }
  std::string deep_alias = "a0: &a0 [x]\n";
  for (int i = 1; i < 80; ++i) deep_alias += fmt::format("a{}: &a{} [*a{}]\n", i, i, i - 1);
  std::string deep_block;
  for (std::size_t i = 0; i < 100; ++i) deep_block += std::string(i, ' ') + "a:\n";
  struct Row {
    std::string name;
    std::string text;
    int code;
  };
  const Row rows[] = {
      {"more than 10 MiB", std::string((10u << 20) + 1, 'a'), 114},
      {"a billion laughs", laughs, 116},
      {"laughs in keys and merges", "a: &a {b: 1, c: 2}\nl:\n" + repeat("- <<: *a\n", 70'000), 116},
      {"an alias of long text", "a: &a \"" + std::string(900'000, 'x') + "\"\nl:\n" + repeat("- *a\n", 1'000), 116},
      {"200,001 values", "[" + repeat("1,", 200'001) + "]", 116},
      {"deep lists", repeat("[", 100'000), 115},
      {"deep lists on lines", repeat("[\n", 100'000), 115},
      {"deep mappings", repeat("{a: ", 100'000), 115},
      {"deep block mappings", deep_block, 115},
      {"deep compact lists", repeat("- ", 100'000), 115},
      {"deep explicit keys", repeat("? ", 100'000), 115},
      {"deep through aliases", deep_alias, 115},
      {"a value of 2 MiB", "a: " + std::string(2u << 20, 'x') + "\n", 118},
      {"a quoted value of 2 MiB", "a: \"" + std::string(2u << 20, 'x') + "\"\n", 118},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto start = std::chrono::steady_clock::now();
    const Parsed parsed(row.text);
    CHECK(parsed.only_code() == row.code);
    CHECK(parsed.tree.has_value() == (row.code == 118));
    CHECK(parsed.full().size() < 4'000);
    // Generous: under sanitizers on a busy machine the slowest row takes about a second.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
  }
}

TEST_CASE("what is just within the limits is read") {
  CHECK(Parsed("[" + repeat("1,", 199'000) + "]").report.all().empty());
  CHECK(Parsed(repeat("[", 64) + repeat("]", 64)).report.all().empty());
  CHECK(Parsed(repeat("[", 65) + repeat("]", 65)).only_code() == 115);
  CHECK(Parsed("a: " + std::string(1u << 20, 'x') + "\n").report.all().empty());
}

TEST_CASE("a finding without a mended text still leaves what came before it") {
  const Parsed parsed("a: 1\na: 2\nb: [1\n");
  CHECK(parsed.report.all().size() == 2);
  CHECK_FALSE(parsed.tree);
}
