// OpenAPI documents as test cases: what is sent, what must come back, and what cannot be tested and says why.
#include "cases/openapi.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "support/golden.h"

using namespace apigw;

namespace {

cases::OpenApiCases read(std::string text) {
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("a.yaml", std::move(text)), sources, report);
  INFO(diag::render(report, sources, diag::Format::concise, false));
  REQUIRE(tree);
  return cases::read_openapi(tree->root());
}

// "POST /a?x=1 [content-type: application/json] {…} -> 201": a case in one line; one that cannot be called with why.
std::string line_of(const cases::Case& test) {
  std::string out = test.name;
  if (!test.untested.empty()) return fmt::format("{} | untested: {}", out, test.untested);
  out += fmt::format(" | {} {}", test.method, test.target);
  for (const auto header : test.headers) out += fmt::format(" [{}: {}]", header.name, header.value);
  if (test.body) out += " " + *test.body;
  out += " ->";
  for (const auto& range : test.status)
    out +=
        range.first == range.last ? fmt::format(" {}", range.first) : fmt::format(" {}-{}", range.first, range.last);
  std::size_t schemas = 0;
  for (const auto& response : test.responses) schemas += response.expect.has_value();
  if (schemas > 0) out += fmt::format(", {} schema{}", schemas, schemas == 1 ? "" : "s");
  for (const std::string& note : test.unchecked) out += fmt::format(" | {}", note);
  return out;
}

std::string lines_of(const cases::OpenApiCases& read) {
  std::string out;
  for (const cases::Case& test : read.cases) out += line_of(test) + "\n";
  for (const std::string& base : read.bases) out += "base " + base + "\n";
  return out;
}

// The differences between an answer of `body` and the only case of a document with this schema of its answer.
std::string judged(std::string_view version, std::string_view schema, std::string_view body) {
  const auto document = read(fmt::format(
      "openapi: {}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          content:\n"
      "            application/json:\n              schema: {}\n"
      "components:\n  schemas:\n    Text: {{ type: string }}\n    Secret: {{ type: string, writeOnly: true }}\n"
      "    Tree: {{ type: object, required: [name], properties: {{ name: {{ type: string }}, children: {{ type: "
      "array, "
      "items: {{ $ref: '#/components/schemas/Tree' }} }} }} }}\n",
      version, schema));
  REQUIRE(document.cases.size() == 1);
  const cases::Case& test = document.cases.front();
  cases::Answer answer{200, {}, std::string(body), {}};
  answer.headers.add("content-type", "application/json");
  std::vector<std::string> all = cases::mismatches(test, answer);
  for (const std::string& note : test.unchecked) all.push_back("unchecked: " + note);
  return text::join(all, "; ");
}

}  // namespace

TEST_CASE("every OpenAPI fixture gives its cases") {
  const auto files = golden::inputs("golden/cases", ".openapi");
  CHECK(files.size() >= 3);
  for (const auto& file : files) {
    CAPTURE(file.stem().string());
    golden::check("golden/cases/" + file.stem().string() + ".cases", lines_of(read(golden::read(file))));
  }
}

TEST_CASE("the schema of an answer is JSON Schema, in the words of each version") {
  struct Row {
    const char* name;
    const char* version;
    const char* schema;
    const char* body;
    const char* wrong;
  };
  const Row rows[] = {
      {"a reference", "3.0.3", "{ $ref: '#/components/schemas/Text' }", "5",
       "json-schema: must be a string, not a number"},
      {"a circle of references", "3.0.3", "{ $ref: '#/components/schemas/Tree' }",
       R"({"name":"a","children":[{"name":"b","children":[{}]}]})",
       "json-schema: /children/0/children/0 'name' is missing"},
      {"nullable", "3.0.3", "{ type: string, nullable: true }", "null", ""},
      {"nullable with an enum of it", "3.0.3", "{ nullable: true, oneOf: [{ $ref: '#/components/schemas/Text' }] }",
       "null", ""},
      {"no null", "3.0.3", "{ type: string }", "null", "json-schema: must be a string, not null"},
      {"an exclusive bound of 3.0", "3.0.3", "{ type: number, minimum: 1, exclusiveMinimum: true }", "1",
       "json-schema: must be above 1"},
      {"an exclusive bound that is none", "3.0.3", "{ type: number, minimum: 1, exclusiveMinimum: false }", "1", ""},
      {"an exclusive bound of 3.1", "3.1.0", "{ type: number, exclusiveMinimum: 1 }", "1",
       "json-schema: must be above 1"},
      {"types of 3.1", "3.1.0", "{ type: [string, 'null'] }", "null", ""},
      {"words beside a reference in 3.1", "3.1.0", "{ $ref: '#/components/schemas/Text', minLength: 2 }", "\"a\"",
       "json-schema: must have at least 2 characters, not 1"},
      {"and both with allOf", "3.1.0", "{ $ref: '#/components/schemas/Text', allOf: [{ minLength: 2 }] }", "7",
       "json-schema: must be a string, not a number"},
      {"words beside a reference in 3.0", "3.0.3", "{ $ref: '#/components/schemas/Text', minLength: 2 }", "\"a\"",
       ""},
      {"what is only written", "3.0.3",
       "{ type: object, required: [a, b], properties: { a: { $ref: '#/components/schemas/Secret' }, b: {} } }", "{}",
       "json-schema: 'b' is missing"},
      {"a property called like a word", "3.0.3",
       "{ type: object, properties: { $ref: { type: string }, type: { type: "
       "integer } } }",
       R"({"$ref":"a","type":"b"})", "json-schema: /type must be a whole number, not a string"},
      {"a discriminator", "3.0.3", "{ type: object, discriminator: { propertyName: kind } }", "{}",
       "unchecked: 'discriminator' of a schema is not checked"},
      {"an unknown word", "3.1.0", "{ type: object, colour: red }", "{}",
       "unchecked: schema keyword 'colour' is not checked"},
      {"a reference to nowhere", "3.0.3", "{ $ref: '#/components/schemas/Gone' }", "{}",
       "unchecked: reference '#/components/schemas/Gone' leads nowhere: what it stands for is not checked"},
      {"a pattern that cannot be compiled", "3.0.3", "{ type: string, pattern: '(?=a)' }", "\"a\"", "…"},
      {"an extension", "3.0.3", "{ type: object, x-internal: 1, example: { a: 1 } }", "{}", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string found = judged(row.version, row.schema, row.body);
    if (std::string_view(row.wrong) == "…")
      CHECK_MESSAGE(found.starts_with("unchecked: the schema of the answer is not checked: "), found);
    else
      CHECK(found == row.wrong);
  }
}

TEST_CASE("a document that expands is cut at its bounds, and says so") {
  std::string text =
      "openapi: 3.0.0\npaths:\n  /a:\n    post:\n      requestBody: { required: true, content: { "
      "application/json: { schema: { $ref: '#/components/schemas/S0' } } } }\n      responses: { 200: {} "
      "}\ncomponents:\n  schemas:\n";
  // Sixteen levels of ten members each: 10^16 values.
  for (int level = 0; level < 16; ++level) {
    text += fmt::format("    S{}:\n      properties:\n", level);
    for (int i = 0; i < 10; ++i)
      text += fmt::format("        p{}: {{ $ref: '#/components/schemas/S{}' }}\n", i, level + 1);
  }
  text += "    S16: { example: 1 }\n";
  const auto one = read(text);
  REQUIRE(one.cases.size() == 1);
  CHECK(one.cases[0].untested == "the body has no example as JSON, form or text");

  std::string chain =
      "openapi: 3.0.0\npaths: { /a: { post: { requestBody: { required: true, content: { "
      "application/json: { schema: { $ref: '#/components/schemas/S0' } } } }, responses: { 200: {} } } } "
      "}\ncomponents:\n  schemas:\n";
  for (int level = 0; level < 5000; ++level)
    chain += fmt::format(
        "    S{}: {{ allOf: [{{ $ref: '#/components/schemas/S{}' }}, {{ $ref: '#/components/schemas/S{}' }}] }}\n",
        level, level + 1, level + 1);
  chain += "    S5000: { properties: { a: { example: 1 } } }\n";
  CHECK(read(chain).cases[0].untested == "the body has no example as JSON, form or text");

  std::string wide = "openapi: 3.0.0\npaths:\n";
  for (int i = 0; i < 120; ++i)
    wide += fmt::format(
        "  /p{}: {{ get: {{ parameters: [{{ $ref: '#/components/parameters/P' }}], responses: {{ 200: {{}} }} }} "
        "}}\n",
        i);
  wide += "components: { parameters: { P: { name: p, in: query, examples: {";
  for (int i = 0; i < 120; ++i) wide += fmt::format("{} e{}: {{ value: {} }}", i == 0 ? "" : ",", i, i);
  wide += " } } } }\n";
  const auto many = read(wide);
  CHECK(many.cases.size() == 10'001);
  CHECK(many.cases.back().untested == "a document gives at most 10000 cases");
}

TEST_CASE("nothing of a document reaches the line or the headers of a request that does not belong there") {
  const auto document = read(
      "openapi: 3.0.0\npaths:\n"
      "  /a: { get: { parameters: [{ name: x-a, in: header, example: \"1\\r\\nx-b: 2\" }], responses: { 200: {} } } "
      "}\n"
      "  /b: { get: { parameters: [{ name: 'x a', in: header, example: 1 }], responses: { 200: {} } } }\n"
      "  /c: { get: { parameters: [{ in: header, example: 1 }], responses: { 200: {} } } }\n"
      "  /d: { get: { parameters: [{ name: s, in: cookie, example: \"1\\n\" }], responses: { 200: {} } } }\n"
      "  \"/e f\": { get: { responses: { 200: {} } } }\n"
      "  \"/g\\r\\nh\": { get: { responses: { 200: {} } } }\n"
      "  /i/{x}: { get: { parameters: [{ name: x, in: path, example: \"../\\r\\n?\" }], responses: { 200: {} } } "
      "}\n");
  REQUIRE(document.cases.size() == 7);
  for (std::size_t i = 0; i < 6; ++i) CHECK_FALSE(document.cases[i].untested.empty());
  CHECK(document.cases[0].untested == "header 'x-a' cannot be sent as the document has it");
  CHECK(document.cases[4].untested == "the path holds a blank or a control character");
  CHECK(document.cases[6].target == "/i/..%2F%0D%0A%3F");
}

TEST_CASE("no document is too strange to be read") {
  for (const char* const text :
       {"openapi: 3.0.0", "openapi: 3.0.0\npaths: what", "openapi: 3.0.0\npaths: { /a: what, /b: { get: what } }",
        "openapi: 3.0.0\npaths: { /a: { get: { parameters: what, requestBody: [1], responses: [2] } } }",
        "openapi: 3.0.0\npaths: { /a: { $ref: '#/paths/~1a' } }",
        "openapi: 3.0.0\npaths: { /a: { parameters: [{ $ref: '#/x' }, 7], get: { responses: { 200: { $ref: 7 } } } } "
        "}",
        "openapi: 3.0.0\npaths: { /a: { post: { requestBody: { required: true, content: { application/json: { "
        "schema: "
        "{ $ref: '#/components/schemas/A' } } } }, responses: { 200: {} } } } }\ncomponents: { schemas: { A: { "
        "properties: { a: { $ref: '#/components/schemas/A' } }, required: [a] } } }",
        "swagger: '2.0'\nbasePath: 7\npaths: { /a: { get: { parameters: [{}], responses: { default: {} } } } }"}) {
    CAPTURE(text);
    for (const cases::Case& test : read(text).cases) CHECK((!test.untested.empty() || !test.status.empty()));
  }
}
