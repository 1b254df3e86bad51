// Every diagnostic has a row, a page that does what it says, and a fixture; every YAML block of the documentation
// holds.
//
// The examples of the pages go through config::load, as a user's file would.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "core/config/world.h"
#include "diag/diagnostic.h"
#include "structure/tree.h"

using namespace apigw;
using apigw::test::source_files;

namespace {

// Codes whose bad example would be as large as what is refused, or no UTF-8 itself: a command of the page makes it.
constexpr int made_by_command[] = {114, 117, 118};
constexpr int without_stored_fixture[] = {114, 118};

struct Block {
  std::string info;  // behind ```yaml: "", "bad", "good"
  std::string text;
  std::size_t line = 0;
};

std::vector<Block> yaml_blocks(std::string_view markdown) {
  std::vector<Block> blocks;
  std::optional<Block> open;
  std::size_t number = 0;
  for (std::string_view line : test::lines(markdown)) {
    ++number;
    if (open && text::trim(line) == "```") {
      blocks.push_back(std::move(*open));
      open.reset();
    } else if (open) {
      open->text += std::string(line) + "\n";
    } else if (line.starts_with("```yaml") || line.starts_with("```yml")) {
      open = Block{std::string(text::trim(line.substr(line.find('l') + 1))), "", number};
    }
  }
  return blocks;
}

// What stands in the one ```sh bad block of a page.
std::string command_of(int code) {
  constexpr std::string_view open = "```sh bad\n";
  const std::string_view page = diag::page(code);
  const auto begin = page.find(open);
  if (begin == std::string_view::npos) return {};
  return std::string(page.substr(begin + open.size(), page.find("\n```", begin) - begin - open.size()));
}

// The apigw.yaml that a page's command writes.
std::string made_by(const std::string& command) {
  std::string folder = (std::filesystem::temp_directory_path() / "apigw-page-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  CHECK(std::system(("cd " + folder + " && { " + command + "; }").c_str()) == 0);
  std::ifstream file(folder + "/apigw.yaml", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove_all(folder);
  return text;
}

std::string example(int code, std::string_view kind) {
  for (const Block& block : yaml_blocks(diag::page(code))) {
    if (block.info == kind) return block.text;
  }
  return {};
}

config::Loaded load(const std::string& yaml) {
  config::testing::World world(yaml);
  world.add_golden_files();
  return world.load();
}

bool has(const config::Loaded& loaded, int code) {
  return std::ranges::any_of(loaded.report.all(), [code](const auto& d) { return d.code == code; });
}

bool syntax(int code) {
  return code >= 100 && code < 200;
}
bool listed(std::span<const int> codes, int code) {
  return std::ranges::find(codes, code) != codes.end();
}

}  // namespace

TEST_CASE("every code has a page with its title, a reason and a way to fix it") {
  for (const diag::Code& row : diag::codes()) {
    CAPTURE(row.number);
    const auto page = diag::page(row.number);
    CHECK(page.starts_with(fmt::format("# {}: {}\n", diag::code_name(row.number), row.title)));
    CHECK(page.contains("\n**Why it matters.** "));
    CHECK(page.contains("\n**How to fix it.** "));
    CHECK_FALSE(example(row.number, "good").empty());
    CHECK(example(row.number, "bad").empty() == listed(made_by_command, row.number));
  }
}

TEST_CASE("an example that no page can show is made by the command that it shows") {
  for (const int code : made_by_command) {
    CAPTURE(code);
    const std::string command = command_of(code);
    REQUIRE_FALSE(command.empty());
    CHECK(has(load(made_by(command)), code));
  }
}

TEST_CASE("every page belongs to a code") {
  for (const auto& file : source_files("core/diag/pages", {".md"})) {
    CAPTURE(file.path);
    const auto number = text::parse_number(std::string_view(file.path).substr(file.path.size() - 6, 3));
    REQUIRE(number);
    CHECK(diag::find_code(static_cast<int>(*number)) != nullptr);
  }
}

// Config holds the pages of its own codes against the worlds of their fixtures (its golden_test).
TEST_CASE("the bad example of a syntax page yields its code and the good one is a config without errors") {
  for (const diag::Code& row : diag::codes()) {
    if (!syntax(row.number)) continue;
    CAPTURE(row.number);
    if (!listed(made_by_command, row.number)) CHECK(has(load(example(row.number, "bad")), row.number));
    const auto good = load(example(row.number, "good"));
    INFO(diag::render(good.report, good.sources, diag::Format::full, false));
    CHECK(good.plan != nullptr);
    CHECK(std::ranges::none_of(good.report.all(), [](const auto& d) { return syntax(d.code); }));
  }
}

TEST_CASE("every code has a fixture with the words of its finding") {
  const auto fixtures = source_files("tests/golden", {".expected"});
  for (const diag::Code& row : diag::codes()) {
    if (listed(without_stored_fixture, row.number)) continue;
    CAPTURE(row.number);
    const auto shown = fmt::format("[{}]: ", diag::code_name(row.number));
    CHECK(std::ranges::any_of(fixtures, [&](const auto& file) { return file.text.contains(shown); }));
  }
}

TEST_CASE("every YAML block of the documentation is a config that loads, or YAML of another kind that parses") {
  for (const auto& file : source_files("", {".md"})) {
    if (file.path.starts_with("core/diag/pages/")) continue;
    for (const Block& block : yaml_blocks(file.text)) {
      INFO(file.path, ":", block.line);
      const bool ours = block.text.starts_with("apigw:") || block.text.contains("\napigw:");
      const auto loaded = load(block.text);
      INFO(diag::render(loaded.report, loaded.sources, diag::Format::full, false));
      CHECK(std::ranges::none_of(loaded.report.all(), [&](const auto& d) {
        return d.severity == diag::Severity::error && (ours || syntax(d.code));
      }));
    }
  }
}

TEST_CASE("a planted mistake in a block is found") {
  const auto blocks = yaml_blocks("text\n```yaml bad\na: [1\n```\n```yaml\napigw: 1\n```\n```sh\nls\n```\n");
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].info == "bad");
  CHECK(has(load(blocks[0].text), 105));
  CHECK(blocks[1].text == "apigw: 1\n");
}
