#include "diag/edits.h"

#include <doctest/doctest.h>

using namespace apigw;
using diag::Diagnostic;
using diag::Fix;

namespace {

Fix part(std::uint32_t begin, std::uint32_t end, std::string replacement, std::uint32_t source = 0) {
  return {{SourceId{source}, begin, end}, std::move(replacement)};
}

Diagnostic finding(std::vector<Fix> parts) {
  return {.code = 101, .message = "m", .fixes = std::move(parts)};
}

std::string made(const std::vector<Diagnostic>& findings, const std::string& text) {
  const auto texts = diag::edited(diag::compatible_edits(findings), [&](SourceId) { return text; });
  return texts.contains(SourceId{0}) ? texts.at(SourceId{0}) : text;
}

}  // namespace

TEST_CASE("edits change their bytes and no others") {
  struct Row {
    std::string_view name;
    std::vector<Diagnostic> findings;
    std::string_view result;
  };
  const Row rows[] = {
      {"one", {finding({part(2, 4, "XY")})}, "01XY456789"},
      {"longer and shorter, from any order", {finding({part(6, 8, "")}), finding({part(0, 1, "abc")})}, "abc1234589"},
      {"an insertion", {finding({part(3, 3, "-")})}, "012-3456789"},
      {"several parts of one", {finding({part(1, 2, "a"), part(4, 5, "b")})}, "0a23b56789"},
      {"overlap: the first wins", {finding({part(2, 5, "A")}), finding({part(4, 6, "B")})}, "01A56789"},
      {"neighbours touch", {finding({part(2, 4, "A")}), finding({part(4, 6, "B")})}, "01A456789"},
      {"two insertions at one place", {finding({part(3, 3, "a")}), finding({part(3, 3, "b")})}, "012a3456789"},
      {"all parts or none", {finding({part(2, 4, "A")}), finding({part(3, 5, "B"), part(8, 9, "C")})}, "01A456789"},
      {"the same said twice", {finding({part(2, 4, "A")}), finding({part(2, 4, "A")})}, "01A456789"},
      {"past the end", {finding({part(8, 99, "Z")})}, "01234567Z"},
      {"no place", {finding({{Span{}, "x"}})}, "0123456789"},
      {"none", {finding({})}, "0123456789"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(made(row.findings, "0123456789") == row.result);
  }
}

TEST_CASE("edits of several sources leave each other alone") {
  const std::vector<Diagnostic> findings{finding({part(0, 1, "a", 0), part(0, 1, "b", 1)})};
  const auto texts = diag::edited(diag::compatible_edits(findings), [](SourceId source) {
    return source == SourceId{0} ? std::string("000") : std::string("111");
  });
  CHECK(texts.at(SourceId{0}) == "a00");
  CHECK(texts.at(SourceId{1}) == "b11");
}
