#include "run/lines.h"

#include <vector>

#include <doctest/doctest.h>

using namespace apigw::run;

namespace {

std::vector<std::string> cut(std::string_view bytes, std::size_t piece, std::size_t limit) {
  std::vector<std::string> got;
  const auto take = [&](std::string_view line) { got.emplace_back(line); };
  Lines lines(limit);
  for (std::size_t at = 0; at < bytes.size(); at += piece) lines.feed(bytes.substr(at, piece), take);
  lines.finish(take);
  return got;
}

}  // namespace

TEST_CASE("any cut of the bytes gives the same lines") {
  const std::string_view bytes = "one\n\ntwo\r\nthree\rfour\r\r\n0123456789012345\nabcdefgh\nlast";
  const std::vector<std::string> lines = {"one", "",         "two",      "three",    "four",
                                          "",    "01234567", "89012345", "abcdefgh", "last"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    CHECK(cut(bytes, piece, 8) == lines);
  }
}

TEST_CASE("a line shows nothing that could move the cursor") {
  struct Row {
    std::string_view name, line, plain, coloured;
  };
  for (const Row& row : {Row{"text", "héllo\tworld", "héllo\tworld", "héllo\tworld"},
                         {"colour", "\x1b[1;31mred", "red", "\x1b[1;31mred\x1b[0m"},
                         {"clear screen", "\x1b[2Jx", "\\x1b[2Jx", "\\x1b[2Jx"},
                         {"title", "\x1b]0;evil\x07", "\\x1b]0;evil\\x07", "\\x1b]0;evil\\x07"},
                         {"broken UTF-8", "a\xff\xc3", "a\\xff\\xc3", "a\\xff\\xc3"},
                         {"C1 control", "a\xc2\x9b", "a\\x9b", "a\\x9b"},
                         {"NUL", std::string_view("a\0b", 3), "a\\x00b", "a\\x00b"}}) {
    CAPTURE(row.name);
    CHECK(showable(row.line, false) == row.plain);
    CHECK(showable(row.line, true) == row.coloured);
  }
}
