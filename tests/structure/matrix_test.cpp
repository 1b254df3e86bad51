// Each cell of `apigw help matrix` is shown by what it names.
#include "assembly/matrix.h"

#include <filesystem>

#include <doctest/doctest.h>

#include "dialects/dialect.h"
#include "structure/tree.h"
#include "support/golden.h"

using namespace apigw;

namespace {

std::string filled_in(std::string text, std::string_view word, std::string_view with) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + with.size()))
    text.replace(at, word.size(), with);
  return text;
}

// Files of `folder` whose names end in ".WORD".
std::size_t files_for(const std::filesystem::path& folder, std::string_view word) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    count += entry.path().extension() == "." + std::string(word) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("each cell of the matrix is shown by fixtures or a case that are there") {
  const auto targets = assembly::matrix_targets();
  std::size_t cells = 0;
  for (const assembly::MatrixRow& row : assembly::matrix()) {
    CAPTURE(row.endpoint);
    REQUIRE(row.cells.size() == targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i, ++cells) {
      // The fixtures of a variant are those of its dialect.
      const dialects::Dialect* const of = dialects::find_spoken(targets[i])->variant_of;
      const std::string_view target = of != nullptr ? dialects::word_of(*of) : targets[i];
      CAPTURE(target);
      const assembly::WayRow& way = assembly::row_of(row.cells[i], row.operation);
      const std::string shown =
          filled_in(filled_in(std::string(way.shown_by), "CLIENT", row.dialect), "TARGET", target);
      CAPTURE(shown);
      if (const auto colon = shown.find(": "); colon != std::string::npos) {
        CHECK(test::read_text("tests/" + shown.substr(0, colon)).contains(shown.substr(colon + 2)));
        continue;
      }
      const auto goldens = golden::path("golden/dialects");
      CHECK(files_for(goldens / row.dialect / "requests", target) >= 5);
      CHECK(files_for(goldens / target / "replies", row.dialect) >= 5);
      CHECK(files_for(goldens / target / "streams", row.dialect) >= 5);
    }
  }
  CHECK(cells > 50);
}
