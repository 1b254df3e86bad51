#include "dialects/reading.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace apigw;
using dialects::Fields;
using dialects::Reading;

namespace {

json::Slice root(std::string_view body) {
  const auto scanned = json::scan(body);
  REQUIRE(scanned);
  return scanned->root;
}

struct Wrong {
  const char* name;
  const char* body;
  void (*read)(Fields&);
  const char* why;
};

const Wrong wrongs[] = {
    {"a string", R"({"a":1})", [](Fields& f) { (void)f.string("a"); }, "'at.a' must be a string"},
    {"one that is missing", R"({"b":1})", [](Fields& f) { (void)f.required("a"); },
     "'at.a' must be given and be a string"},
    {"a null where one is required", R"({"a":null})", [](Fields& f) { (void)f.required("a"); },
     "'at.a' must be given and be a string"},
    {"a boolean", R"({"a":"yes"})", [](Fields& f) { (void)f.boolean("a"); }, "'at.a' must be true or false"},
    {"a whole number", R"({"a":1.5})", [](Fields& f) { (void)f.whole("a"); }, "'at.a' must be a whole number"},
    {"a number below zero", R"({"a":-1})", [](Fields& f) { (void)f.whole("a"); }, "'at.a' must be a whole number"},
    {"a number", R"({"a":"1"})", [](Fields& f) { (void)f.number("a"); }, "'at.a' must be a number"},
    {"an object", R"({"a":[]})", [](Fields& f) { (void)f.take("a", json::Type::object); },
     "'at.a' must be an object"},
    {"the first of two", R"({"a":1,"b":1})",
     [](Fields& f) {
       (void)f.string("b");
       (void)f.string("a");
     },
     "'at.b' must be a string"},
};

}  // namespace

TEST_CASE("a mistake names its place and what should stand there") {
  for (const Wrong& row : wrongs) {
    CAPTURE(row.name);
    Reading reading(row.body, "x");
    Fields fields(reading, root(row.body), "at");
    row.read(fields);
    REQUIRE(reading.error);
    CHECK(reading.error->kind == ErrorKind::invalid);
    CHECK(reading.error->what == row.why);
  }
}

TEST_CASE("what is no object and no array is a mistake") {
  Reading reading("[1]", "x");
  const Fields fields(reading, root("[1]"), "");
  REQUIRE(reading.error);
  CHECK(reading.error->what == "the body must be an object");
  Reading other("1", "x");
  CHECK(other.elements(root("1"), "messages").empty());
  REQUIRE(other.error);
  CHECK(other.error->what == "'messages' must be an array");
}

TEST_CASE("values come out as they went in, nulls as nothing, and what nobody took rides in native") {
  constexpr std::string_view body =
      R"({"s":"\u00e9","b":false,"w":7,"n":1.0e0,"r":{ "x":1 },"nil":null,"rest":[1, 2],"es\u0063":"\u0061","x":null})";
  Reading reading(body, "x");
  Fields fields(reading, root(body), "a[1]");
  CHECK(fields.string("s") == "é");
  CHECK(fields.boolean("b") == false);
  CHECK(fields.whole("w") == 7);
  const auto number = fields.number("n");
  REQUIRE(number);
  CHECK(number->text == "1.0e0");
  CHECK(number->value == 1.0);
  CHECK(fields.raw("r")->text == R"({ "x":1 })");
  CHECK_FALSE(fields.string("nil"));
  CHECK(fields.peek("rest"));
  CHECK_FALSE(fields.take("absent"));
  fields.keep_rest();
  CHECK_FALSE(reading.error);
  REQUIRE(reading.native.fields.size() == 2);
  CHECK(reading.native.dialect == "x");
  CHECK(reading.native.fields[0].path == "a[1].rest");
  CHECK(reading.native.fields[0].value.text == "[1, 2]");
  CHECK(reading.native.fields[1].path == R"(a[1].es\u0063)");
}

TEST_CASE("a tolerant reading takes a wrong type for an unknown field") {
  constexpr std::string_view body = R"({"a":1})";
  Reading reading(body, "x", true);
  Fields fields(reading, root(body), "");
  CHECK_FALSE(fields.string("a"));
  fields.keep_rest();
  CHECK_FALSE(reading.error);
  REQUIRE(reading.native.fields.size() == 1);
  CHECK(reading.native.fields[0].path == "a");
}

TEST_CASE("a body of too many parts is refused before they are kept") {
  std::string body = "[0";
  for (std::size_t i = 0; i < Reading::most_pieces; ++i) body += ",0";
  body += "]";
  Reading reading(body, "x");
  CHECK(reading.elements(root(body), "a").empty());
  REQUIRE(reading.error);
  CHECK(reading.error->kind == ErrorKind::too_large);
  CHECK(reading.error->what == "the body has more than 50000 parts");
}
