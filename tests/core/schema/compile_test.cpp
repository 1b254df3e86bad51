#include <doctest/doctest.h>
#include <fmt/format.h>

#include "schema/schema.h"

using namespace apigw::schema;

namespace {

std::string shown(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& f : findings)
    text += fmt::format("{}{} [{}] {}", text.empty() ? "" : "\n", f.pointer, f.keyword, f.why);
  return text;
}

std::string wrong(std::string_view text, const Options& options = {}) {
  const auto schema = compile(text, options);
  return schema ? "" : shown(schema.error());
}

std::string unclaimed(std::string_view text, Draft draft = Draft::draft2020_12) {
  const auto schema = compile(text, {.draft = draft});
  REQUIRE_MESSAGE(schema, shown(schema.error()));
  return shown(schema->unclaimed());
}

}  // namespace

TEST_CASE("a malformed schema is refused with the place and the reason") {
  struct Row {
    std::string_view schema, finding;
  };
  const Row rows[] = {
      {"[]", " [] must be a schema: an object, true or false"},
      {"{", " [] JSON at byte 1: expected a member's name in quotes"},
      {R"({"type":"strnig"})",
       "/type [type] must be 'null', 'boolean', 'integer', 'number', 'string', 'array' or 'object'"},
      {R"({"type":[]})", "/type [type] must name a type"},
      {R"({"type":["string",1]})",
       "/type/1 [type] must be 'null', 'boolean', 'integer', 'number', 'string', 'array' or 'object'"},
      {R"({"enum":1})", "/enum [enum] must be an array"},
      {R"({"minimum":"1"})", "/minimum [minimum] must be a number"},
      {R"({"exclusiveMinimum":true})", "/exclusiveMinimum [exclusiveMinimum] must be a number"},
      {R"({"multipleOf":0})", "/multipleOf [multipleOf] must be above zero and have at most 18 digits"},
      {R"({"minLength":-1})", "/minLength [minLength] must be a whole number that is not negative"},
      {R"({"maxItems":1.5})", "/maxItems [maxItems] must be a whole number that is not negative"},
      {R"({"required":"a"})", "/required [required] must be an array"},
      {R"({"properties":{"a":{"required":true}}})", "/properties/a/required [required] must be an array"},
      {R"({"required":["a",1]})", "/required/1 [required] must be a string"},
      {R"({"uniqueItems":1})", "/uniqueItems [uniqueItems] must be true or false"},
      {R"({"properties":[]})", "/properties [properties] must be an object"},
      {R"({"properties":{"a/b":1}})", "/properties/a~1b [properties] must be a schema: an object, true or false"},
      {R"({"additionalProperties":"no"})",
       "/additionalProperties [additionalProperties] must be a schema: an object, true or false"},
      {R"({"items":[{}]})", "/items [items] must be a schema: an object, true or false"},
      {R"({"allOf":[]})", "/allOf [allOf] must not be empty"},
      {R"({"anyOf":{}})", "/anyOf [anyOf] must be an array"},
      {R"({"minContains":-1})", "/minContains [minContains] must be a whole number that is not negative"},
      {R"({"$ref":1})", "/$ref [$ref] must be a string"},
      {R"({"format":1})", "/format [format] must be a string"},
      {R"({"$defs":{"a":1}})", "/$defs/a [$defs] must be a schema: an object, true or false"},
      {R"_({"pattern":"(?=a)"})_",
       "/pattern [pattern] has the pattern '(?=a)', which cannot be used: look-around is not supported"},
      {R"({"patternProperties":{"[":{}}})",
       "/patternProperties/[ [patternProperties] has the pattern '[', which cannot be used: a class in brackets does "
       "not end"},
      {R"({"$ref":"#/$defs/a"})", "/$ref [$ref] names '#/$defs/a', which this schema does not have"},
      {R"({"$ref":"#a"})", "/$ref [$ref] names '#a', which this schema does not have"},
      {R"({"title":"t","$ref":"#/title"})", "/$ref [$ref] names '#/title', which is no schema"},
      {R"({"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}})",
       "/$defs/b/$anchor [$anchor] names a second place by the same address"},
      {R"({"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}})",
       "/$defs/b/$id [$id] names a second place by the same address"},
      {R"({"type":1,"minLength":""})",
       "/type [type] must be 'null', 'boolean', 'integer', 'number', 'string', 'array' or 'object'\n"
       "/minLength [minLength] must be a number"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CHECK(wrong(row.schema) == row.finding);
  }
}

TEST_CASE("a circle that never goes into the document is refused, any other is a schema") {
  const std::string_view endless[] = {
      R"({"$ref":"#"})",
      R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
      R"({"properties":{"x":{"anyOf":[true,{"not":{"$ref":"#/properties/x"}}]}}})",
      R"({"if":true,"else":{"$ref":"#"}})",
      R"({"dependentSchemas":{"a":{"$ref":"#"}}})",
      R"({"allOf":[{"oneOf":[{"$ref":"#"}]}]})",
  };
  for (const std::string_view schema : endless) {
    CAPTURE(schema);
    CHECK(wrong(schema).ends_with("leads back to itself without going into the document"));
  }
  for (const std::string_view schema :
       {R"({"properties":{"a":{"$ref":"#"}}})", R"({"items":{"allOf":[{"$ref":"#"}]}})",
        R"({"contains":{"$ref":"#"}})", R"({"propertyNames":{"$ref":"#"}})",
        R"({"unevaluatedItems":{"$ref":"#"}})"}) {
    CAPTURE(schema);
    CHECK(wrong(schema) == "");
  }
}

TEST_CASE("what has no effect on a check is listed with its place") {
  struct Row {
    std::string_view schema, finding;
  };
  const Row rows[] = {
      {R"({"nullable":true})", "/nullable [nullable] is not a keyword of JSON Schema"},
      {R"({"properties":{"a":{"requird":[]}}})", "/properties/a/requird [requird] is not a keyword of JSON Schema"},
      {R"({"additionalItems":false})", "/additionalItems [additionalItems] is a keyword of draft-07 only"},
      {R"({"$dynamicRef":"#a"})", "/$dynamicRef [$dynamicRef] is not evaluated"},
      {R"({"$vocabulary":{}})", "/$vocabulary [$vocabulary] is not evaluated"},
      {R"({"$ref":"https://shop.example/a.json"})",
       "/$ref [$ref] names 'https://shop.example/a.json', which is not part of this schema, and nothing is fetched"},
      {R"({"$schema":"http://json-schema.org/draft-04/schema#"})",
       "/$schema [$schema] names neither draft-07 nor 2020-12"},
      {R"({"$defs":{"a":{"$id":"x","$schema":"http://json-schema.org/draft-07/schema"}}})",
       "/$defs/a/$schema [$schema] is not the draft of the schema around it"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CHECK(unclaimed(row.schema) == row.finding);
  }
  CHECK(unclaimed(R"({"prefixItems":[]})", Draft::draft7) ==
        "/prefixItems [prefixItems] is a keyword of 2020-12 only");
}

TEST_CASE("annotations, extensions and data are no keywords to list") {
  for (
      const std::string_view schema :
      {R"({"title":"t","description":"d","default":1,"examples":[2],"$comment":"c","readOnly":true,"deprecated":true})",
       R"({"format":"email","contentEncoding":"base64","contentMediaType":"image/png"})",
       R"({"x-order":3,"example":1,"markdownDescription":"*d*"})",
       R"({"enum":[{"nullable":true}],"const":{"$ref":"#/none"}})", R"({"properties":{"nullable":{}}})",
       R"({"$schema":"https://json-schema.org/draft-07/schema#","definitions":{"a":{}},"additionalItems":{},"deprecated":true})"}) {
    CAPTURE(schema);
    CHECK(unclaimed(schema) == "");
  }
}

TEST_CASE("$schema decides the draft, whatever the default") {
  const std::string_view tuple =
      R"({"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}]})";
  CHECK(unclaimed(tuple, Draft::draft2020_12) == "");
  CHECK(wrong(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","items":[{}]})",
              {.draft = Draft::draft7}) != "");
}

TEST_CASE("a schema beyond its bounds is refused") {
  CHECK(wrong(R"({"title":"long"})", {.bytes = 10}) == " [] the schema is larger than 10 bytes");
  std::string deep = "true";
  for (int i = 0; i < 80; ++i) deep = R"({"not":)" + deep + "}";
  CHECK(wrong(deep) == " [] JSON is more than 64 levels deep");
  CHECK(wrong(R"({"allOf":[{"pattern":"a"},{"pattern":"b"},{"pattern":"a"},{"pattern":"c"}]})", {.patterns = 2}) ==
        "/allOf/3/pattern [pattern] has one pattern more than the 2 that a schema may have");
  std::string references = R"({"$defs":{)", uses = R"("allOf":[{})";
  for (int i = 0; i < 9'000; ++i) references += fmt::format(R"("{}":true,)", i);
  for (int i = 0; i < 20'000; ++i) uses += R"(,{"$ref":"#/$defs/last"})";
  CHECK(wrong(references + R"("last":true},)" + uses + "]}").contains("following them all takes too long"));
  std::string many = R"({"allOf":[)";
  for (int i = 0; i < 200; ++i) many += R"({"type":1},)";
  many += "true]}";
  CHECK(compile(many).error().size() == 50);
}
