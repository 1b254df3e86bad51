#include "render/template.h"

#include <doctest/doctest.h>

using namespace apigw;

TEST_CASE("a template takes its values in one pass") {
  struct Row {
    const char* name;
    const char* text;
    const char* expected;
  };
  const render::Values values{{"name", "shop"}, {"sly", "{{name}}"}, {"empty", ""}};
  const Row rows[] = {
      {"no names", "a { b } c", "a { b } c"},   {"a name", "x {{name}} y", "x shop y"},
      {"blanks inside", "{{ name }}", "shop"},  {"twice", "{{name}}{{name}}", "shopshop"},
      {"an empty value", "[{{empty}}]", "[]"},  {"a value is not read again", "{{sly}}", "{{name}}"},
      {"two braces", "{{{{name}}", "{{name}}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(render::render(row.text, values).value_or("(failed)") == row.expected);
  }
}

TEST_CASE("a template that cannot be filled says where") {
  const auto unknown = render::render("a\nb {{nam}}", {{"name", "x"}});
  REQUIRE(!unknown);
  CHECK(unknown.error().what == "line 2: no value for 'nam'");
  const auto open = render::render("a {{name", {{"name", "x"}});
  REQUIRE(!open);
  CHECK(open.error().what == "line 1: '{{' is never closed");
}
