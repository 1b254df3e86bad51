#include <atomic>
#include <thread>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "schema/schema.h"

using namespace apigw;
using namespace apigw::schema;

namespace {

Schema compiled(std::string_view text, Draft draft = Draft::draft2020_12) {
  auto schema = compile(text, {.draft = draft});
  REQUIRE_MESSAGE(schema, schema.error().front().why);
  return std::move(*schema);
}

std::string shown(const Verdict& verdict) {
  std::string text;
  for (const Failure& f : verdict.failures) {
    text += fmt::format("{}{} {} [{}] {}", text.empty() ? "" : "\n", f.instance, f.schema, f.keyword, f.message);
  }
  return text;
}

std::string failures(std::string_view schema, std::string_view document) {
  const auto verdict = check(compiled(schema), document);
  REQUIRE_MESSAGE(verdict, verdict.error().what);
  CHECK(verdict->ok == verdict->failures.empty());
  return shown(*verdict);
}

}  // namespace

TEST_CASE("a failure names its place in the document and in the schema, and says what is wanted") {
  struct Row {
    std::string_view schema, document, failure;
  };
  const Row rows[] = {
      {R"({"type":"string"})", "1", " /type [type] must be a string, not a number"},
      {R"({"type":["string","null"]})", "[]", " /type [type] must be a string or null, not an array"},
      {R"({"type":["number","boolean","object"]})", "null",
       " /type [type] must be a number, true or false or an object, not null"},
      {R"({"type":"integer"})", "1.5", " /type [type] must be a whole number, not one with a fraction"},
      {R"({"type":"integer"})", R"("1")", " /type [type] must be a whole number, not a string"},
      {R"({"const":"a"})", "1", " /const [const] must be 'a'"},
      {R"({"enum":["a",2,null]})", R"("b")", " /enum [enum] must be one of 'a', 2, null"},
      {R"({"enum":[1,2,3,4,5,6,7,8,9,10,11,12]})", "0",
       " /enum [enum] must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, or 2 more"},
      {R"({"minimum":3})", "2.9", " /minimum [minimum] must be at least 3"},
      {R"({"maximum":1e2})", "101", " /maximum [maximum] must be at most 1e2"},
      {R"({"exclusiveMinimum":0})", "0.0", " /exclusiveMinimum [exclusiveMinimum] must be above 0"},
      {R"({"exclusiveMaximum":9007199254740993})", "9007199254740993",
       " /exclusiveMaximum [exclusiveMaximum] must be below 9007199254740993"},
      {R"({"multipleOf":0.01})", "1.005", " /multipleOf [multipleOf] must be a multiple of 0.01"},
      {R"({"minLength":2})", R"("é")", " /minLength [minLength] must have at least 2 characters, not 1"},
      {R"({"maxItems":1})", "[1,2]", " /maxItems [maxItems] must have at most 1 item, not 2"},
      {R"({"minProperties":1})", "{}", " /minProperties [minProperties] must have at least 1 member, not 0"},
      {R"({"pattern":"^[a-z]+$"})", R"("A")", " /pattern [pattern] must match the pattern ^[a-z]+$"},
      {R"({"uniqueItems":true})", "[1,2,1.0]",
       " /uniqueItems [uniqueItems] must have no item twice, but 0 and 2 are equal"},
      {R"({"required":["a","b"]})", R"({"a":1})", " /required [required] 'b' is missing"},
      {R"({"dependentRequired":{"card":["address"]}})", R"({"card":1})",
       " /dependentRequired [dependentRequired] 'address' is missing, which 'card' needs"},
      {R"({"properties":{"user":{"properties":{"name":{"type":"string"}}}}})", R"({"user":{"name":7}})",
       "/user/name /properties/user/properties/name/type [type] must be a string, not a number"},
      {R"({"properties":{"colour":{}},"additionalProperties":false})", R"({"color":1})",
       "/color /additionalProperties [additionalProperties] is not allowed; did you mean 'colour'?"},
      {R"({"properties":{"a":false}})", R"({"a":1})", "/a /properties [properties] is not allowed"},
      {R"({"additionalProperties":{"type":"number"}})", R"({"a/b":"x"})",
       "/a~1b /additionalProperties/type [type] must be a number, not a string"},
      {R"({"patternProperties":{"^x":{"minimum":1}}})", R"({"x1":0})",
       "/x1 /patternProperties/^x/minimum [minimum] must be at least 1"},
      {R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})",
       "/abc /propertyNames/maxLength [maxLength] must have at most 2 characters, not 3"},
      {R"({"items":{"type":"string"}})", R"(["a",1])", "/1 /items/type [type] must be a string, not a number"},
      {R"({"prefixItems":[true],"items":false})", "[1,2]", "/1 /items [items] is not allowed"},
      {R"({"contains":{"type":"string"}})", "[1]",
       " /contains [contains] must contain at least 1 of the items that 'contains' describes, not 0"},
      {R"({"contains":true,"maxContains":1})", "[1,2]",
       " /maxContains [maxContains] must contain at most 1 of the items that 'contains' describes, not 2"},
      {R"({"not":{"type":"null"}})", "null", " /not [not] matches what is not allowed"},
      {R"({"oneOf":[true,{"type":"number"}]})", "1",
       " /oneOf [oneOf] matches more than one of the forms of which exactly one is allowed"},
      {R"({"allOf":[{"minimum":1},{"minimum":2}]})", "0",
       " /allOf/0/minimum [minimum] must be at least 1\n /allOf/1/minimum [minimum] must be at least 2"},
      {R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})", R"({"a":1})",
       " /then/required [required] 'b' is missing"},
      {R"({"$ref":"#/$defs/n","$defs":{"n":{"type":"number"}}})", "true",
       " /$defs/n/type [type] must be a number, not true or false"},
      {R"({"properties":{"a":{}},"unevaluatedProperties":false})", R"({"a":1,"b":2})",
       "/b /unevaluatedProperties [unevaluatedProperties] is not allowed"},
      {"false", "1", "  [] is not allowed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.schema);
    CHECK(failures(row.schema, row.document) == row.failure);
  }
}

TEST_CASE("where several forms are allowed, the failures of the one that was meant are told") {
  struct Row {
    std::string_view name, schema, document, failure;
  };
  const Row rows[] = {
      {"the only one of this type", R"({"anyOf":[{"type":"null"},{"type":"object","required":["a"]}]})", "{}",
       " /anyOf/1/required [required] 'a' is missing"},
      {"the only one of this name",
       R"({"oneOf":[{"properties":{"is":{"const":"a"},"x":{"type":"string"}}},{"properties":{"is":{"const":"b"}},"required":["y"]}]})",
       R"({"is":"a","x":1})", "/x /oneOf/0/properties/x/type [type] must be a string, not a number"},
      {"none of this type", R"({"anyOf":[{"type":"null"},{"type":"string"}]})", "1",
       " /anyOf [anyOf] must be a string or null, not a number"},
      {"two of this type", R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})", "{}",
       " /anyOf [anyOf] matches none of the 2 forms that are allowed"},
      {"one level of it",
       R"({"anyOf":[{"type":"null"},{"anyOf":[{"type":"string"},{"type":"number","minimum":1}]}]})", "0",
       " /anyOf/1/anyOf [anyOf] matches none of the 2 forms that are allowed"},
      {"beside other failures", R"({"items":{"anyOf":[{"type":"null"},{"minimum":1}]},"maxItems":1})", "[0,null]",
       " /maxItems [maxItems] must have at most 1 item, not 2\n/0 /items/anyOf/1/minimum [minimum] must be at least "
       "1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(failures(row.schema, row.document) == row.failure);
  }
}

TEST_CASE("failures do not quote what the document holds, only its names") {
  const std::string found = failures(
      R"({"properties":{"key":{"type":"number"},"more":{"enum":["x"]},"text":{"pattern":"^a"},"n":{"maximum":1}}})",
      R"({"key":"s3cret","more":"s3cret","text":"s3cret","n":31337})");
  CHECK(found.find("s3cret") == std::string::npos);
  CHECK(found.find("31337") == std::string::npos);
}

TEST_CASE("all failures are found up to the bound, and none is kept when only the answer counts") {
  const Schema schema = compiled(R"({"items":{"type":"string"}})");
  const std::string document = "[1,2,3,4]";
  const auto all = check(schema, document, {.failures = 4});
  REQUIRE(all);
  CHECK(all->failures.size() == 4);
  CHECK_FALSE(all->more);
  const auto some = check(schema, document, {.failures = 3});
  REQUIRE(some);
  CHECK(some->failures.size() == 3);
  CHECK(some->more);
  const auto none = check(schema, document, {.failures = 0});
  REQUIRE(none);
  CHECK_FALSE(none->ok);
  CHECK(none->failures.empty());
}

TEST_CASE("a document that is no JSON, or is too large, is an error and no verdict") {
  const Schema schema = compiled("true");
  CHECK(check(schema, "{").error().kind == ErrorKind::invalid);
  CHECK(check(schema, R"({"a":1,"a":2})").error().kind == ErrorKind::invalid);
  CHECK(check(schema, "[1,2,3]", {.values = 3}).error().kind == ErrorKind::too_large);
  CHECK(check(schema, "[[]]", {.document = {.depth = 1}}).error().kind == ErrorKind::too_large);
}

TEST_CASE("draft-07 ignores what stands beside $ref, 2020-12 does not") {
  const std::string_view schema = R"({"definitions":{"a":{}},"$ref":"#/definitions/a","type":"string"})";
  CHECK(check(compiled(schema, Draft::draft7), "1")->ok);
  CHECK_FALSE(check(compiled(schema, Draft::draft2020_12), "1")->ok);
}

TEST_CASE("an evaluation that would not end soon is an error") {
  struct Row {
    std::string_view name;
    std::string schema, document;
  };
  std::string doubling = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int i = 0; i < 40; ++i)
    doubling += fmt::format(R"("{0}":{{"allOf":[{{"$ref":"#/$defs/{1}"}},{{"$ref":"#/$defs/{1}"}}]}},)", i, i + 1);
  doubling += R"("40":{}}})";
  std::string chain = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int i = 0; i < 5000; ++i) chain += fmt::format(R"("{}":{{"$ref":"#/$defs/{}"}},)", i, i + 1);
  chain += R"("5000":{}}})";
  std::string ones = "[1", big_enum = R"({"contains":{"enum":["")";
  for (int i = 0; i < 3000; ++i) ones += ",1", big_enum += fmt::format(R"(,"v{}")", i);
  ones += "]", big_enum += "]}}";
  std::string wide = "{\"a\":1", names = R"({"required":["a")";
  for (int i = 0; i < 9000; ++i) wide += fmt::format(",\"w{}\":1", i), names += fmt::format(",\"w{}\"", i);
  wide += "}", names += "]}";
  const Row rows[] = {
      {"every level asks twice", doubling, "1"},
      {"a chain of references", chain, "1"},
      {"a long list of values for each item", big_enum, ones},
      {"a pattern with much memory over a long text", R"({"pattern":"(a?){500}b"})",
       '"' + std::string(1 << 22, 'a') + '"'},
      {"many names in a wide object", names, wide},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const auto verdict = check(compiled(row.schema), row.document);
    REQUIRE_FALSE(verdict);
    CHECK(verdict.error().kind == ErrorKind::too_large);
  }
}

TEST_CASE("a member that is missing is named apart from the words") {
  const auto schema = schema::compile(R"({"properties":{"a":{"required":["b~/"]}},"required":["c"]})");
  REQUIRE(schema);
  const auto verdict = schema::check(*schema, R"({"a":{}})");
  REQUIRE(verdict);
  REQUIRE(verdict->failures.size() == 2);
  CHECK(verdict->failures[0].missing == "c");
  CHECK(verdict->failures[1].instance == "/a");
  CHECK(verdict->failures[1].missing == "b~/");
}

TEST_CASE("any number of threads may check against one schema") {
  const Schema schema = compiled(R"({"items":{"pattern":"^[a-z]+[0-9]{1,3}$"},"uniqueItems":true})");
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&schema, &wrong] {
      for (int i = 0; i < 200; ++i) {
        const auto good = check(schema, fmt::format(R"(["a{}","b{}"])", i, i));
        const auto bad = check(schema, fmt::format(R"(["a{}","B{}"])", i, i));
        if (!good || !good->ok || !bad || bad->ok) ++wrong;
      }
    });
  }
  threads.clear();
  CHECK(wrong == 0);
}
