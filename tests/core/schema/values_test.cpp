#include "schema/values.h"

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::schema;

namespace {

Values read(std::string_view text) {
  auto values = Values::read(text, {}, 1000);
  REQUIRE(values);
  return std::move(*values);
}

}  // namespace

TEST_CASE("values stand in order, with the bytes that they came as") {
  const Values values = read(R"( {"a": [1.0, "x\ty", {}], "b\u0063": null} )");
  REQUIRE(values.size() == 6);
  CHECK(values.root().count == 2);
  CHECK(values[2].text == "1.0");
  CHECK(values[3].text == "x\ty");
  CHECK(values[4].text == "{}");
  CHECK(values[5].key == "bc");
  CHECK(values.find(values.root(), "bc") == &values[5]);
  CHECK(values.find(values.root(), "c") == nullptr);
  CHECK(values.children(values[1]) == std::vector<Index>{2, 3, 4});
}

TEST_CASE("a pointer leads back to its value") {
  const Values values = read(R"({"a/b": [0, {"~": 1}], "": 2})");
  Steps steps(1000);
  for (Index i = 0; i < values.size(); ++i) {
    CAPTURE(values.pointer(i));
    CHECK(values.follow(0, values.pointer(i), steps) == i);
  }
  CHECK(values.pointer(4) == "/a~1b/1/~0");
  for (const char* nowhere : {"a", "/b", "/a~1b/2", "/a~1b/-", "/a~1b/01x", "/a~1b/01", "/a~1b/0/0"}) {
    CAPTURE(nowhere);
    CHECK(values.follow(0, nowhere, steps) == no_value);
  }
}

TEST_CASE("what is no JSON, or too much of it, is an error") {
  CHECK(Values::read("{", {}, 10).error().kind == ErrorKind::invalid);
  CHECK(Values::read(R"({"a":1,"a":2})", {}, 10).error().kind == ErrorKind::invalid);
  CHECK(Values::read("[[1]]", {.depth = 1}, 10).error().kind == ErrorKind::too_large);
  CHECK(Values::read("[1,2,3]", {}, 3).error().kind == ErrorKind::too_large);
  CHECK(Values::read("[1,2,3]", {}, 4).has_value());
}

TEST_CASE("values are equal by what they mean, and hash alike") {
  struct Row {
    std::string_view a, b;
    bool equal;
  };
  const Row rows[] = {
      {"1", "1.00", true},
      {"1", "true", false},
      {"0", "false", false},
      {"0", "-0", true},
      {R"("a")", R"("\u0061")", true},
      {R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})", true},
      {R"({"a":1,"b":2})", R"({"a":2,"b":1})", false},
      {R"({"a":1})", R"({"a":1,"b":1})", false},
      {R"({"a":1,"b":2})", R"({"a":1,"c":2})", false},
      {"[1,2]", "[2,1]", false},
      {"[]", "{}", false},
      {"null", R"("null")", false},
      {"100000000000000000001", "100000000000000000000", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    const Values a = read(row.a), b = read(row.b);
    Steps steps(1000);
    CHECK(equal(a, a.root(), b, b.root(), steps) == row.equal);
    CHECK((hash(a, a.root(), steps) == hash(b, b.root(), steps)) == row.equal);
  }
}

TEST_CASE("a comparison stops when its steps are spent") {
  const Values a = read("[1,2,3,4,5,6,7,8]");
  Steps few(4);
  CHECK_FALSE(equal(a, a.root(), a, a.root(), few));
  CHECK(few.spent());
  CHECK_FALSE(few.spend(0));
}
