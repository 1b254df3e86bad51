// Each turn of a schema, judged for who sends values and for who reads them.
#include "compare/schemas.h"

#include <doctest/doctest.h>

#include "core/compare/lines.h"

using namespace apigw;
using namespace apigw::compare;

namespace {

std::string compared(std::string_view before, std::string_view after, Maker maker) {
  Changes changes;
  compare_schemas(before, after, maker, {.noun = "x", .name = "y", .field = "body"}, changes);
  std::string out;
  for (const Change& change : changes)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", word(change.grade), change.field);
  return out;
}

}  // namespace

TEST_CASE("what callers send and what they read are judged the other way round") {
  struct Row {
    std::string_view name, before, after, sent, read;
  };
  const Row rows[] = {
      {"the same", R"({"type":"string"})", R"({ "type": "string" })", "", ""},
      {"order", R"({"type":"string","minLength":1})", R"({"minLength":1,"type":"string"})", "", ""},
      {"another type", R"({"type":"string"})", R"({"type":"integer"})", "breaking body.type", "breaking body.type"},
      {"null as well", R"({"type":"string"})", R"({"type":["string","null"]})", "safe body.type", "risky body.type"},
      {"null no more", R"({"type":["string","null"]})", R"({"type":"string"})", "breaking body.type",
       "safe body.type"},
      {"any number", R"({"type":"integer"})", R"({"type":"number"})", "safe body.type", "risky body.type"},
      {"a type where there was none", "{}", R"({"type":"string"})", "breaking body.type", "safe body.type"},
      {"a word less", R"({"enum":["a","b"]})", R"({"enum":["a"]})", "breaking body.enum", "safe body.enum"},
      {"a word more", R"({"enum":["a"]})", R"({"enum":["b","a"]})", "safe body.enum", "risky body.enum"},
      {"other words", R"({"enum":["a"]})", R"({"enum":["b"]})", "breaking body.enum, safe body.enum",
       "safe body.enum, risky body.enum"},
      {"a constant", R"({"enum":["a","b"]})", R"({"const":"b"})", "breaking body.enum", "safe body.enum"},
      {"words no more", R"({"enum":["a"]})", "{}", "safe body.enum", "risky body.enum"},
      {"a lower maximum", R"({"maximum":10})", R"({"maximum":9.5})", "breaking body.maximum", "safe body.maximum"},
      {"a higher maximum", R"({"maxLength":10})", R"({"maxLength":11})", "safe body.maxLength",
       "risky body.maxLength"},
      {"a minimum", "{}", R"({"minItems":1})", "breaking body.minItems", "safe body.minItems"},
      {"a minimum less", R"({"minimum":1})", "{}", "safe body.minimum", "risky body.minimum"},
      {"a pattern", "{}", R"({"pattern":"a"})", "breaking body.pattern", "safe body.pattern"},
      {"another pattern", R"({"pattern":"b"})", R"({"pattern":"a"})", "risky body.pattern", "risky body.pattern"},
      {"required", R"({"properties":{"a":{}}})", R"({"properties":{"a":{}},"required":["a"]})", "breaking body.a",
       "safe body.a"},
      {"optional", R"({"properties":{"a":{}},"required":["a"]})", R"({"properties":{"a":{}}})", "safe body.a",
       "breaking body.a"},
      {"a member more", "{}", R"({"properties":{"a":{"type":"string"}}})", "safe body.a", "safe body.a"},
      {"a required member more", "{}", R"({"properties":{"a":{}},"required":["a"]})", "breaking body.a",
       "safe body.a"},
      {"a member less", R"({"properties":{"a":{}}})", "{}", "risky body.a", "breaking body.a"},
      {"a required member less", R"({"properties":{"a":{}},"required":["a"]})", "{}", "risky body.a",
       "breaking body.a"},
      {"a member less, and no others", R"({"properties":{"a":{}},"additionalProperties":false})",
       R"({"additionalProperties":false})", "breaking body.a", "breaking body.a"},
      {"no others", "{}", R"({"additionalProperties":false})", "breaking body.additionalProperties",
       "safe body.additionalProperties"},
      {"others", R"({"additionalProperties":false})", "{}", "safe body.additionalProperties",
       "risky body.additionalProperties"},
      {"deep inside", R"({"properties":{"a":{"items":{"properties":{"b":{"type":"string"}}}}}})",
       R"({"properties":{"a":{"items":{"properties":{"b":{"type":"boolean"}}}}}})", "breaking body.a[].b.type",
       "breaking body.a[].b.type"},
      {"a form more", R"({"anyOf":[{"type":"string"}]})", R"({"anyOf":[{"type":"null"},{"type":"string"}]})",
       "safe body.anyOf", "risky body.anyOf"},
      {"a form less", R"({"oneOf":[{"type":"string"},{"type":"null"}]})", R"({"oneOf":[{"type":"string"}]})",
       "breaking body.oneOf", "safe body.oneOf"},
      {"a condition more", R"({"allOf":[{"minimum":1}]})", R"({"allOf":[{"minimum":1},{"maximum":2}]})",
       "breaking body.allOf", "safe body.allOf"},
      {"a default", R"({"default":1})", R"({"default":2})", "risky body.default", "risky body.default"},
      {"words for people", R"({"description":"a"})", R"({"description":"b","x-a":1})",
       "cosmetic body.description, cosmetic body.x-a", "cosmetic body.description, cosmetic body.x-a"},
      {"what cannot be judged", R"({"not":{"type":"string"}})", R"({"not":{"type":"null"}})", "risky body.not",
       "risky body.not"},
      {"through references",
       R"({"$ref":"#/$defs/0","$defs":{"0":{"items":{"$ref":"#/$defs/1"}},"1":{"type":"string"}}})",
       R"({"$ref":"#/$defs/0","$defs":{"0":{"items":{"type":"null"}}}})", "breaking body[].type",
       "breaking body[].type"},
      {"round in a circle", R"({"$ref":"#/$defs/0","$defs":{"0":{"properties":{"a":{"$ref":"#/$defs/0"}}}}})",
       R"({"$ref":"#/$defs/0","$defs":{"0":{"properties":{"a":{"$ref":"#/$defs/0"}},"required":["a"]}}})",
       "breaking body.a", "safe body.a"},
      {"nothing fits", "true", "false", "breaking body", "safe body"},
      {"everything fits", R"({"type":"string"})", "true", "safe body", "risky body"},
      {"no JSON", "{", "{}", "risky body", "risky body"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(compared(row.before, row.after, Maker::caller) == row.sent);
    CHECK(compared(row.before, row.after, Maker::service) == row.read);
    CHECK(compared(row.after, row.after, Maker::caller).empty());
  }
}
