// Each line of the translation checklist that names a dialect of ours is shown by a fixture, a test or a decision.
//
// The ids stand in translation_ids.txt, where each is shown in golden/dialects/WORD/translation.txt. The checklist
// itself is not part of the project; where it lies beside it, the ids are compared with it.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "conformance/hub.h"
#include "support/skip.h"

using namespace apigw;

namespace {

std::vector<std::string> rows_of(const std::filesystem::path& file) {
  std::vector<std::string> found;
  for (std::string& line : golden::lines(golden::read(file))) {
    if (!line.empty() && !line.starts_with('#')) found.push_back(std::move(line));
  }
  return found;
}

// Id → the words of the dialects that it names.
std::map<std::string, std::set<std::string>> ids() {
  std::map<std::string, std::set<std::string>> found;
  for (const std::string& row : rows_of(golden::path("conformance/translation_ids.txt"))) {
    std::istringstream words(row);
    std::string id;
    words >> id;
    auto& named = found[id];
    for (std::string word; words >> word;) named.insert(word);
  }
  return found;
}

struct Shown {
  std::string id, kind, where;
};

std::vector<Shown> shown(std::string_view word) {
  std::vector<Shown> found;
  for (const std::string& row : rows_of(golden::path(fmt::format("golden/dialects/{}/translation.txt", word)))) {
    const auto first = row.find(' '), second = row.find(' ', first + 1);
    REQUIRE(second != std::string::npos);
    found.push_back({row.substr(0, first), row.substr(first + 1, second - first - 1), row.substr(second + 1)});
  }
  return found;
}

// The names of all cases below tests/, as they are written.
const std::set<std::string>& test_names() {
  static const std::set<std::string> names = [] {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(golden::path(""))) {
      if (!entry.path().filename().string().ends_with("_test.cpp")) continue;
      const std::string text = golden::read(entry.path());
      for (std::size_t at = 0; (at = text.find("TEST_CASE(", at)) != std::string::npos; ++at) {
        const auto open = text.find('"', at), close = text.find("\")", open + 1);
        if (close != std::string::npos) found.insert(text.substr(open + 1, close - open - 1));
      }
    }
    return found;
  }();
  return names;
}

bool decided(const Shown& row) {
  for (const auto& entry : std::filesystem::directory_iterator(golden::path("../core/decisions"))) {
    if (!entry.path().filename().string().starts_with(row.where + "-")) continue;
    return golden::read(entry.path()).contains(row.id);
  }
  return false;
}

}  // namespace

TEST_CASE("every line of the checklist that names a dialect is shown for it, and no other") {
  const auto all = ids();
  CHECK(all.size() > 100);
  for (const auto& [word, dialect] : hub::targets()) {
    CAPTURE(word);
    std::set<std::string> told;
    for (const Shown& row : shown(word)) {
      CAPTURE(row.id);
      const auto named = all.find(row.id);
      CHECK((named != all.end() && named->second.contains(std::string(word))));
      told.insert(row.id);
    }
    for (const auto& [id, words] : all) {
      CAPTURE(id);
      if (words.contains(std::string(word))) CHECK(told.contains(id));
    }
  }
}

TEST_CASE("what shows a line of the checklist is there") {
  for (const auto& [word, dialect] : hub::targets()) {
    for (const Shown& row : shown(word)) {
      CAPTURE(row.id);
      CAPTURE(row.where);
      if (row.kind == "fixture")
        CHECK(std::filesystem::exists(golden::path(fmt::format("golden/dialects/{}/{}", word, row.where))));
      else if (row.kind == "test")
        CHECK(test_names().contains(row.where));
      else
        CHECK((row.kind == "decision" && decided(row)));
    }
  }
}

TEST_CASE("the table of ids has every line of the checklist") {
  const std::filesystem::path checklist = golden::path("../../shared/translation.md");
  if (!std::filesystem::exists(checklist)) APIGW_SKIP("needs the checklist beside the project");
  const std::string text = golden::read(checklist);
  const auto all = ids();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = text.find("- **T", at)) != std::string::npos; ++at) {
    const std::string id = text.substr(at + 4, text.find("**", at + 4) - at - 4);
    CAPTURE(id);
    CHECK(all.contains(id));
    ++lines;
  }
  CHECK(lines > 80);
}
