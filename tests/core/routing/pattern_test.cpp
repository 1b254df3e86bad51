#include "routing/pattern.h"

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("a pattern is cut into literals, variables and rest") {
  const auto pattern = routing::parse_pattern("/orders/{id}/items/**");
  REQUIRE(pattern);
  REQUIRE(pattern->segments.size() == 3);
  CHECK(pattern->segments[1].kind == routing::Segment::Kind::variable);
  CHECK(pattern->segments[1].text == "id");
  CHECK(pattern->rest);
}

TEST_CASE("a literal takes the canonical form of a request's path") {
  struct Row {
    std::string_view name, path, canonical;
  };
  for (const Row& row : {Row{"plain", "/a-b", "a-b"}, Row{"unreserved escape", "/%61", "a"},
                         Row{"lower-case escape", "/a%2cb", "a%2Cb"}, Row{"raw UTF-8", "/caf\xc3\xa9", "caf%C3%A9"},
                         Row{"blank", "/a b", "a%20b"}, Row{"root", "/", ""}}) {
    CAPTURE(row.name);
    const auto pattern = routing::parse_pattern(row.path);
    REQUIRE(pattern);
    CHECK(pattern->segments[0].text == row.canonical);
  }
}

TEST_CASE("a path that no request can mean is refused") {
  struct Row {
    std::string_view name, path;
  };
  for (const Row& row : {
           Row{"no slash", "orders"},
           {"empty", ""},
           {"rest in the middle", "/a/**/b"},
           {"rest glued", "/a**"},
           {"half a segment", "/a{id}"},
           {"open brace", "/{id"},
           {"no name", "/{}"},
           {"twice", "/{id}/{id}"},
           {"empty segment", "/a//b"},
           {"dot segment", "/a/../b"},
           {"encoded slash", "/a%2fb"},
           {"backslash", "/a\\b"},
           {"nested braces", "/{{id}}"},
           {"control", "/a\nb"},
           {"17 variables", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}"},
       }) {
    CAPTURE(row.name);
    CHECK_FALSE(routing::parse_pattern(row.path));
  }
}
