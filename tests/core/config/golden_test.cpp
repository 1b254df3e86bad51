// Every code of config has a fixture with the exact words of its finding, and a page whose examples do what they say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/config/world.h"

using namespace apigw;
using namespace apigw::config::testing;

namespace {

bool ours(int code) {
  return (code >= 200 && code < 600) || (code >= 614 && code < 620);
}

int code_of(const std::filesystem::path& file) {
  return std::stoi(file.filename().string().substr(3, 3));
}

std::string block(std::string_view page, std::string_view kind) {
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open);
  if (begin == std::string_view::npos) return {};
  const auto end = page.find("\n```", begin + open.size());
  return std::string(page.substr(begin + open.size(), end + 1 - begin - open.size()));
}

// The fixture's directives make the world of the page's examples too.
config::Loaded load_block(const std::filesystem::path& fixture, const std::string& text) {
  World world(text);
  world.add_golden_files();
  world.obey(golden::read(fixture));
  return world.load();
}

std::filesystem::path fixture_of(int code) {
  for (const auto& file : golden::inputs("golden/config", ".yaml"))
    if (file.filename().string().starts_with("AGW") && code_of(file) == code) return file;
  return {};
}

}  // namespace

TEST_CASE("every fixture gives its code in the expected words") {
  for (const auto& file : golden::inputs("golden/config", ".yaml")) {
    CAPTURE(file.filename().string());
    World world(golden::read(file));
    world.add_golden_files();
    const auto loaded = world.load();
    golden::check("golden/config/" + file.stem().string() + ".expected", rendered(loaded));
    if (!file.filename().string().starts_with("AGW")) continue;
    const auto all = loaded.report.all();
    CHECK(std::ranges::any_of(all, [&](const auto& finding) { return finding.code == code_of(file); }));
    CHECK((loaded.plan == nullptr) == loaded.report.has_errors());
  }
}

TEST_CASE("every code of config has a fixture and a page with a bad and a good example") {
  for (const diag::Code& row : diag::codes()) {
    if (!ours(row.number)) continue;
    CAPTURE(row.number);
    const auto fixture = fixture_of(row.number);
    REQUIRE_FALSE(fixture.empty());
    const auto page = diag::page(row.number);
    CHECK(page.starts_with(fmt::format("# {}: {}\n", diag::code_name(row.number), row.title)));
    const auto bad = load_block(fixture, block(page, "bad"));
    CHECK(std::ranges::any_of(bad.report.all(), [&](const auto& finding) { return finding.code == row.number; }));
    const auto good = load_block(fixture, block(page, "good"));
    INFO(rendered(good));
    CHECK(good.report.all().empty());
    CHECK(good.plan != nullptr);
  }
}
