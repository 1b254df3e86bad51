// The public JSON-Schema-Test-Suite, where its files are at hand: every case whose schema is evaluated in full must
// come out as the suite says, and what is left out is left out for a reason on the list below.
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/json.h"
#include "schema/schema.h"
#include "support/skip.h"

namespace json = apigw::json;
namespace schema = apigw::schema;

namespace {

const std::filesystem::path suite = std::filesystem::path(APIGW_SOURCE_DIR) / "../shared/oracles/json-schema";

struct Tally {
  int passed = 0, failed = 0;
  std::map<std::string, int> unclaimed;  // cases, by the keyword that keeps them out
};

std::string file_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string_view member(std::string_view object, std::string_view key) {
  const auto document = json::scan(object);
  REQUIRE(document);
  const json::Member* found = document->find(key);
  return found == nullptr ? std::string_view() : json::at(object, found->value);
}

std::vector<std::string_view> elements(std::string_view array) {
  std::vector<std::string_view> found;
  for (const json::Slice slice : json::elements(array, {0, array.size(), json::Type::array})) {
    found.push_back(json::at(array, slice));
  }
  return found;
}

void run_group(std::string_view file, std::string_view group, schema::Draft draft, Tally& tally) {
  const auto tests = elements(member(group, "tests"));
  const auto compiled = schema::compile(member(group, "schema"), {.draft = draft});
  if (!compiled) {
    const schema::Finding& first = compiled.error().front();
    FAIL_CHECK(file, ": ", member(group, "description"), ": ", first.pointer, ": ", first.why);
    tally.failed += static_cast<int>(tests.size());
    return;
  }
  if (!compiled->unclaimed().empty()) {
    tally.unclaimed[compiled->unclaimed().front().keyword] += static_cast<int>(tests.size());
    return;
  }
  for (const std::string_view test : tests) {
    const auto verdict = schema::check(*compiled, member(test, "data"));
    const bool good =
        verdict && verdict->ok == (member(test, "valid") == "true") && verdict->ok == verdict->failures.empty();
    if (!good) FAIL_CHECK(file, ": ", member(group, "description"), ": ", member(test, "description"));
    ++(good ? tally.passed : tally.failed);
  }
}

Tally run_draft(const std::filesystem::path& folder, schema::Draft draft) {
  Tally tally;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string text = file_text(entry.path());
    for (const std::string_view group : elements(text))
      run_group(entry.path().filename().string(), group, draft, tally);
  }
  int unclaimed = 0;
  std::string words;
  for (const auto& [keyword, cases] : tally.unclaimed) {
    unclaimed += cases;
    words += fmt::format(" {} {}", keyword, cases);
  }
  for (const auto& [keyword, cases] : tally.unclaimed) {
    CHECK_MESSAGE((keyword == "$ref" || keyword == "$dynamicRef" || keyword == "$schema"), keyword);
  }
  CHECK(tally.passed > 8 * unclaimed);
  fmt::print("JSON-Schema-Test-Suite {}: {} cases passed, {} failed, {} unclaimed ({} )\n",
             folder.filename().string(), tally.passed, tally.failed, unclaimed, words);
  return tally;
}

}  // namespace

TEST_CASE("every case of the public suite whose keywords are claimed comes out right") {
  if (!std::filesystem::exists(suite)) APIGW_SKIP("needs ../shared/oracles/json-schema");
  const Tally seven = run_draft(suite / "draft7", schema::Draft::draft7);
  CHECK(seven.failed == 0);
  const Tally latest = run_draft(suite / "draft2020-12", schema::Draft::draft2020_12);
  CHECK(latest.failed == 0);
}
