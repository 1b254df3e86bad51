#include <algorithm>

#include <doctest/doctest.h>

#include "diag/diagnostic.h"

using namespace apigw;
using diag::Report;
using diag::Sources;

namespace {

Span find(const Sources& sources, std::string_view what) {
  const auto at = static_cast<std::uint32_t>(sources.text(SourceId{0}).find(what));
  return {SourceId{0}, at, at + static_cast<std::uint32_t>(what.size())};
}

}  // namespace

TEST_CASE("positions count lines from one and columns in characters") {
  Sources sources;
  const auto id = sources.add("a",
                              "\xEF\xBB\xBF"
                              "a: 1\r\n\xF0\x9F\x99\x82: x\n\nlast");
  struct Row {
    std::uint32_t offset;
    std::size_t line, column;
  };
  for (const Row row :
       {Row{3, 1, 1}, {6, 1, 4}, {9, 2, 1}, {13, 2, 2}, {17, 3, 1}, {18, 4, 1}, {22, 4, 5}, {999, 4, 5}, {0, 1, 1}}) {
    CAPTURE(row.offset);
    const auto at = sources.position(id, row.offset);
    CHECK(at.line == row.line);
    CHECK(at.column == row.column);
  }
  CHECK(sources.line(id, 1) == "a: 1");
  CHECK(sources.line(id, 2) == "\xF0\x9F\x99\x82: x");
  CHECK(sources.line(id, 4) == "last");
  CHECK(sources.line(id, 5).empty());
}

TEST_CASE("a finished report is sorted by place and holds equal findings once") {
  Sources sources;
  sources.add("a.yaml", "one\ntwo\n");
  Report report;
  report.add(101, find(sources, "two"), "second");
  report.add(101, find(sources, "one"), "first");
  report.add(101, find(sources, "two"), "second");
  report.add(114, Span{}, "without a place");
  report.finish(sources);
  REQUIRE(report.all().size() == 3);
  CHECK(report.all()[0].message == "without a place");
  CHECK(report.all()[1].message == "first");
  CHECK(report.all()[2].message == "second");
  CHECK(report.errors() == 3);
}

TEST_CASE("in a full report notes give way to warnings, and both to errors") {
  Sources sources;
  sources.add("a.yaml", "x");
  Report report;
  const Span x = find(sources, "x");
  for (std::size_t i = 0; i < Report::limit + 5; ++i)
    report.add({.code = 335,
                .severity = diag::Severity::note,
                .message = std::to_string(i),
                .labels = {{x, ""}},
                .helps = {},
                .fixes = {}});
  CHECK(report.dropped() == 5);
  report.add(335, x, "a warning");
  report.add(321, x, "an error").helps.push_back("its help");
  CHECK(report.dropped() == 7);
  CHECK(report.all().size() == Report::limit);
  CHECK(report.errors() == 1);
  CHECK(report.warnings() == 1);
  for (std::size_t i = 0; i < Report::limit; ++i) report.add(335, x, std::to_string(i));
  CHECK(report.warnings() == Report::limit - 1);
  report.add(321, x, "another error");
  CHECK(report.errors() == 2);
  CHECK(report.warnings() == Report::limit - 2);
  report.finish(sources);
  CHECK(std::ranges::count(report.all(), "its help",
                           [](const auto& d) { return d.helps.empty() ? std::string() : d.helps.front(); }) == 1);
}

TEST_CASE("past the limit findings are counted and an error stays an error") {
  Sources sources;
  sources.add("a.yaml", "x");
  Report report;
  for (std::size_t i = 0; i < Report::limit; ++i) report.add(108, find(sources, "x"), std::to_string(i));
  CHECK_FALSE(report.has_errors());
  report.add(101, find(sources, "x"), "one too many").helps.push_back("not kept");
  CHECK(report.all().size() == Report::limit);
  CHECK(report.dropped() == 1);
  CHECK(report.has_errors());

  Report other;
  other.append(report);
  other.append(report);
  CHECK(other.all().size() == Report::limit);
  CHECK(other.dropped() == Report::limit + 2);
  CHECK(other.errors() == 2);
}

// AGW108 is the one warning of this folder's own codes, so it stands for any warning here.
TEST_CASE("ignore comments remove warnings on their line and the next") {
  struct Row {
    std::string name;
    std::string text;
    std::size_t left;
  };
  const Row rows[] = {
      {"on the line", "a: x  # apigw-ignore AGW108: known\n", 0},
      {"on the line above", "# apigw-ignore AGW108: known\na: x\n", 0},
      {"one of several codes", "# apigw-ignore AGW101, AGW108: known\na: x\n", 0},
      {"on the line above, blanks before it", "b:\n  # apigw-ignore AGW108: known\n  a: x\n", 0},
      {"behind another value on the line above", "b: y  # apigw-ignore AGW108: known\na: x\n", 1},
      {"two lines above", "# apigw-ignore AGW108: known\n\na: x\n", 1},
      {"another code", "a: x  # apigw-ignore AGW101: known\n", 1},
      {"no reason", "a: x  # apigw-ignore AGW108\n", 2},
      {"an empty reason", "a: x  # apigw-ignore AGW108:  \n", 2},
      {"no code", "a: x  # apigw-ignore: because\n", 2},
      {"a code that does not exist", "a: x  # apigw-ignore AGW199: because\n", 2},
      {"not a comment", "a: x# apigw-ignore AGW108: known\n", 1},
      {"CR LF", "# apigw-ignore AGW108: known\r\na: x\r\n", 0},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Sources sources;
    sources.add("a.yaml", row.text);
    Report report;
    report.add(108, find(sources, "x"), "finding");
    report.finish(sources);
    CHECK(report.all().size() == row.left);
    report.finish(sources);
    CHECK(report.all().size() == row.left);
  }
}

TEST_CASE("an ignored error stays and says why") {
  Sources sources;
  sources.add("a.yaml", "a: x  # apigw-ignore AGW101: known\n");
  Report report;
  report.add(101, find(sources, "x"), "finding");
  report.finish(sources);
  REQUIRE(report.errors() == 1);
  CHECK(report.all()[0].helps.size() == 1);
}

TEST_CASE("every code is found by its number and no other is") {
  for (const auto& code : diag::codes()) {
    CAPTURE(code.number);
    REQUIRE(diag::find_code(code.number) != nullptr);
    CHECK(diag::find_code(code.number)->title == code.title);
  }
  CHECK(diag::find_code(100) == nullptr);
  CHECK(diag::find_code(999) == nullptr);
  CHECK(diag::code_name(321) == "AGW321");
  CHECK(diag::page(103).starts_with("# AGW103: "));
  CHECK(diag::page(999).empty());
}
