#include "mock/instance.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace mock = apigw::mock;
using Json = nlohmann::ordered_json;

namespace {

struct Row {
  const char* name;
  const char* schema;
  const char* text;
  const char* expected;
};

const Row rows[] = {
    {"no schema", "{}", "", R"("sample text")"},
    {"true", "true", "", R"("sample text")"},
    {"object",
     R"({"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer"}},"required":["name","age"]})",
     "who?", R"({"name":"Ada Lovelace","age":36})"},
    {"values from the text", R"({"properties":{"city":{"type":"string"},"days":{"type":"integer"}}})",
     "Weather in Paris for 3 days?", R"({"city":"Paris","days":3})"},
    {"required without properties", R"({"type":"object","required":["a"]})", "", R"({"a":"sample a"})"},
    {"required of additional properties", R"({"required":["a"],"additionalProperties":{"type":"boolean"}})", "",
     R"({"a":true})"},
    {"least members", R"({"type":"object","minProperties":2,"additionalProperties":{"const":1}})", "",
     R"({"key1":1,"key2":1})"},
    {"enum", R"({"enum":["a","b"]})", "", R"("a")"},
    {"enum that the text names", R"({"enum":["red","Blue"]})", "make it blue", R"("Blue")"},
    {"enum of sentiments", R"({"enum":["negative","neutral","positive"]})", "I love it", R"("positive")"},
    {"const", R"({"const":{"a":[1]}})", "", R"({"a":[1]})"},
    {"const null", R"({"const":null})", "", "null"},
    {"minimum", R"({"type":"integer","minimum":10})", "", "10"},
    {"maximum", R"({"type":"number","maximum":-0.5})", "", "-0.5"},
    {"bounds over the text", R"({"type":"number","minimum":0,"maximum":1})", "for 30 days", "1"},
    {"exclusive bounds", R"({"type":"integer","exclusiveMinimum":4,"exclusiveMaximum":6})", "", "5"},
    {"whole number between fractions", R"({"type":"integer","minimum":1.5})", "", "2"},
    {"multiple", R"({"type":"integer","multipleOf":7,"minimum":10})", "", "14"},
    {"least length", R"({"type":"string","minLength":20})", "", R"("sample textlmnopqrst")"},
    {"most length", R"({"type":"string","maxLength":3})", "", R"("sam")"},
    {"date", R"({"type":"string","format":"date"})", "", R"("2026-01-15")"},
    {"uuid", R"({"type":"string","format":"uuid"})", "", R"("123e4567-e89b-42d3-a456-426614174000")"},
    {"email", R"({"type":"string","format":"email"})", "", R"("ada@example.com")"},
    {"array", R"({"type":"array","items":{"type":"integer"}})", "", "[1,2]"},
    {"bounded array", R"({"type":"array","items":{"type":"boolean"},"maxItems":1})", "", "[true]"},
    {"least elements", R"({"type":"array","items":{"enum":["a","b"]},"minItems":3})", "", R"(["a","b","a"])"},
    {"tuple", R"({"type":"array","prefixItems":[{"const":1},{"const":2}],"items":false,"minItems":2})", "", "[1,2]"},
    {"elements differ", R"({"type":"array","items":{"type":"string"},"uniqueItems":true})", "",
     R"(["sample text","sample text 2"])"},
    {"$ref", R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"boolean"}}})", "", "true"},
    {"$ref to definitions", R"({"properties":{"x":{"$ref":"#/definitions/a"}},"definitions":{"a":{"const":1}}})", "",
     R"({"x":1})"},
    {"$ref to nowhere", R"({"$ref":"#/$defs/b","type":"boolean"})", "", "true"},
    {"$ref that is no pointer", R"({"$ref":"#a~9","type":"boolean"})", "", "true"},
    {"$ref to the network", R"({"$ref":"https://x.example/schema","type":"integer"})", "", "1"},
    {"anyOf takes the first", R"({"anyOf":[{"type":"integer"},{"type":"string"}]})", "", "1"},
    {"anyOf passes null over", R"({"anyOf":[{"type":"null"},{"type":"integer"}]})", "", "1"},
    {"oneOf", R"({"oneOf":[{"const":7},{"type":"string"}]})", "", "7"},
    {"allOf", R"({"allOf":[{"properties":{"a":{"const":1}},"required":["a"]},{"properties":{"b":{"const":2}}}]})", "",
     R"({"a":1,"b":2})"},
    {"a list of types", R"({"type":["null","integer"]})", "", "1"},
    {"null", R"({"type":"null"})", "", "null"},
    {"names like keywords", R"({"type":"object","properties":{"type":{"const":1},"required":{"const":2}}})", "",
     R"({"type":1,"required":2})"},
    {"keywords of the wrong kind", R"({"type":5,"properties":7,"required":"x","items":3,"minItems":-1,"enum":{}})",
     "", "{}"},
};

}  // namespace

TEST_CASE("a schema's instance is plausible and keeps its rules") {
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(mock::instance_of(Json::parse(row.schema), row.text, "the answer").dump() == row.expected);
  }
}

TEST_CASE("fields that stand for an answer hold what the mock says") {
  const Json schema = Json::parse(
      R"({"properties":{"answer":{"type":"string"},"confidence":{"type":"number","minimum":0,"maximum":1}}})");
  CHECK(mock::instance_of(schema, "2 + 2?", "4").dump() == R"({"answer":"4","confidence":0.9})");
}

TEST_CASE("schemas that recurse or ask for too much end") {
  for (const char* schema : {
           R"({"type":"object","properties":{"next":{"$ref":"#"},"value":{"type":"integer"}},"required":["next"]})",
           R"({"$ref":"#"})",
           R"({"allOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})",
           R"({"anyOf":[{"$ref":"#"}]})",
           R"({"type":"array","items":{"$ref":"#"},"minItems":100})",
           R"({"type":"array","minItems":1000000000})",
           R"({"type":"string","minLength":1000000000})",
           R"({"type":"object","minProperties":1000000000})",
           R"({"type":"integer","minimum":1e300})",
           R"({"type":"number","multipleOf":1e-300})",
       }) {
    CAPTURE(schema);
    CHECK(mock::instance_of(Json::parse(schema), "", "").dump().size() < 1'000'000);
  }
  const Json tree = Json::parse(
      R"({"type":"object","properties":{"v":{"type":"integer"},"left":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["v","left"]})");
  CHECK(mock::instance_of(tree, "", "").dump() ==
        R"({"v":1,"left":{"v":1,"left":{"v":1,"left":{"v":1,"left":{"v":1,"left":null}}}}})");
}
