// Operations compiled out of documents of every version, and calls held against them.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "contract/document.h"

using namespace apigw;

namespace {

struct Read {
  diag::Sources sources;
  diag::Report report;
  std::unique_ptr<contract::Document> document;

  explicit Read(std::string text) {
    const SourceId source = sources.add("openapi.yaml", std::move(text));
    document = contract::Document::read(source, sources, report);
  }
  std::shared_ptr<const contract::Operation> operation(std::string_view name) {
    return document ? document->operation(name, {}, report) : nullptr;
  }
};

struct Row {
  std::string_view name;
  std::string_view query, body;
  int status = 0;  // 0: as the operation says
  std::string_view detail;
  std::string_view media = "application/json";
  std::string_view limit;  // a header; empty: not sent
};

void judge(const contract::Operation& operation, std::string_view id, const Row& row) {
  CAPTURE(row.name);
  http::Headers headers;
  if (!row.media.empty()) headers.add("content-type", row.media);
  if (!row.limit.empty()) headers.add("x-limit", row.limit);
  const auto misfit = contract::check(
      operation, {.variables = {{"id", id}}, .query = row.query, .headers = headers, .body = row.body},
      {.depth = 32});
  CHECK((misfit ? misfit->status : 0) == row.status);
  if (!misfit) return;
  CHECK(misfit->detail == row.detail);
  CHECK(json::scan(misfit->errors).has_value());
}

constexpr std::string_view newest = R"(openapi: 3.1.0
paths:
  /orders/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer, maximum: 99 } }
      - { name: page, in: query, required: true, schema: { type: string } }
    put:
      operationId: putOrder
      parameters:
        - { name: page, in: query, schema: { type: [integer, "null"], minimum: 1 } }
        - { name: tags, in: query, schema: { type: array, maxItems: 2, items: { enum: [red, blue] } } }
        - { name: ids, in: query, explode: false, schema: { type: array, items: { type: integer } } }
        - { name: flag, in: query, schema: { type: boolean } }
        - { name: X-Limit, in: header, schema: { type: number, exclusiveMaximum: 10 } }
        - { name: Authorization, in: header, required: true, schema: { type: string } }
        - $ref: "#/components/parameters/Sort"
      requestBody: { $ref: "#/components/requestBodies/Order" }
components:
  parameters:
    Sort: { name: sort, in: query, schema: { type: string, pattern: "^[a-z]+$" } }
  requestBodies:
    Order:
      required: true
      content:
        application/json; charset=utf-8: { schema: { $ref: "#/components/schemas/Order" } }
        text/*: {}
  schemas:
    Order:
      type: object
      required: [id, item]
      properties:
        id: { type: string, readOnly: true }
        item: { $ref: "#/components/schemas/Item" }
        parts: { type: array, items: { $ref: "#/components/schemas/Order" } }
    Item: { type: string, minLength: 1, x-note: nothing, example: tea }
)";

constexpr std::string_view old = R"(swagger: "2.0"
consumes: [application/json]
paths:
  /orders/{id}:
    put:
      operationId: putOrder
      parameters:
        - { name: id, in: path, required: true, type: integer }
        - { name: tags, in: query, type: array, items: { type: string }, collectionFormat: pipes, maxItems: 2 }
        - { name: order, in: body, required: true, schema: { $ref: "#/definitions/Order" } }
definitions:
  Order: { type: object, required: [item], properties: { item: { type: string, x-nullable: true } } }
)";

constexpr std::string_view middle = R"(openapi: 3.0.3
paths:
  /orders/{id}:
    put:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: size, in: query, schema: { type: integer, minimum: 0, exclusiveMinimum: true } }
      requestBody: { content: { application/json: { schema: { type: object, nullable: true, properties: { note: { type: string, nullable: true } } } } } }
)";

}  // namespace

TEST_CASE("calls are judged as the newest form of a document says") {
  Read read{std::string(newest)};
  const auto operation = read.operation("putOrder");
  REQUIRE(operation);
  CHECK(read.report.all().empty());
  CHECK(operation->method == "PUT");
  CHECK(operation->path == "/orders/{id}");
  const std::string_view good = R"({"item":"tea"})";
  for (const Row& row : std::initializer_list<Row>{
           {"plain", "", good},
           {"every parameter", "page=2&tags=red&tags=blue&ids=1,2,3&flag=true&sort=name&unknown=1", good},
           {"limits of a header", "", good, 0, "", "application/json", "9.5"},
           {"a header too large", "", good, 400, "header parameter 'x-limit' must be below 10", "application/json",
            "10"},
           {"no number", "page=two", good, 400, "query parameter 'page' must be a whole number or null"},
           {"twice", "page=1&page=2", good, 400, "query parameter 'page' is given more than once"},
           {"an item", "tags=red&tags=green", good, 400, "query parameter 'tags' /1 must be one of 'red', 'blue'"},
           {"a list in one text", "ids=1,x", good, 400, "query parameter 'ids' /1 must be a whole number"},
           {"a flag", "flag=yes", good, 400, "query parameter 'flag' must be true or false"},
           {"escapes", "sort=na%6De", good},
           {"a reference to a parameter", "sort=N%20", good, 400,
            "query parameter 'sort' must match the pattern ^[a-z]+$"},
           {"another kind of body", "", "hello", 0, "", "text/plain"},
           {"a kind that is not taken", "", "<a/>", 415,
            "the body is application/xml, not application/json or text/*", "application/xml"},
           {"no kind", "", good, 0, "", ""},
           {"no body", "", "", 400, "the body is missing"},
           {"no JSON", "", "{", 400, "the body is not JSON at byte 1: expected a member's name in quotes"},
           {"a member", "", R"({"item":""})", 422, "/item must have at least 1 character, not 0"},
           {"a member of a member", "", R"({"item":"a","parts":[{"item":7}]})", 422,
            "/parts/0/item must be a string, not a number"},
           {"a missing member", "", R"({"id":"x"})", 422, "/item is missing"},
       })
    judge(*operation, "7", row);
  judge(*operation, "700", {"the path", "", good, 400, "path parameter 'id' must be at most 99"});
}

TEST_CASE("a body that others may read otherwise is not taken") {
  Read read{std::string(newest)};
  const auto operation = read.operation("putOrder");
  REQUIRE(operation);
  struct Case {
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    int status;
    std::string_view detail;
  };
  for (const Case& row :
       {Case{{{"content-type", "text/plain"}, {"content-type", "application/json"}},
             400,
             "the body has more than one content-type"},
        Case{{{"content-type", "application/json"}, {"content-encoding", "gzip"}},
             415,
             "the body is encoded as gzip, and none is taken"},
        Case{{{"content-type", "application/json"}, {"content-encoding", "identity"}}, 422, "/item is missing"},
        Case{{{"content-type", ""}}, 422, "/item is missing"}, Case{{}, 422, "/item is missing"},
        Case{{{"content-type", "text/plain, application/json"}}, 400, "the body has more than one content-type"}}) {
    http::Headers headers;
    for (const auto& [name, value] : row.fields) headers.add(name, value);
    const auto misfit = contract::check(
        *operation, {.variables = {{"id", "7"}}, .query = "", .headers = headers, .body = R"({"evil":1})"},
        {.depth = 32});
    REQUIRE(misfit);
    CHECK(misfit->status == row.status);
    CHECK(misfit->detail == row.detail);
  }
}

TEST_CASE("older forms of a document say the same in their own words") {
  Read swagger{std::string(old)};
  const auto first = swagger.operation("PUT /orders/{id}");
  REQUIRE(first);
  CHECK(swagger.report.all().empty());
  judge(*first, "7", {"good", "tags=a%7Cb", R"({"item":"tea"})"});
  judge(*first, "7",
        {"too many", "tags=a%7Cb%7Cc", R"({"item":"tea"})", 400,
         "query parameter 'tags' must have at most 2 items, not 3"});
  judge(*first, "x", {"path", "", R"({"item":"tea"})", 400, "path parameter 'id' must be a whole number"});
  judge(*first, "7", {"body", "", "{}", 422, "/item is missing"});
  Read third{std::string(middle)};
  const auto second = third.operation("PUT /orders/{id}");
  REQUIRE(second);
  CHECK(third.report.all().empty());
  judge(*second, "7", {"nothing", "", ""});
  judge(*second, "7", {"null", "size=1", "null"});
  judge(*second, "7", {"null inside", "", R"({"note":null})"});
  judge(*second, "7", {"exclusive", "size=0", "", 400, "query parameter 'size' must be above 0"});
  judge(*second, "7", {"wrong", "", R"({"note":1})", 422, "/note must be a string or null, not a number"});
}

TEST_CASE("many mistakes are told at once, up to a bound") {
  Read read{std::string(newest)};
  const auto operation = read.operation("putOrder");
  REQUIRE(operation);
  std::string query = "page=x&flag=x&sort=X";
  for (int i = 0; i < 100; ++i) query += "&ids=x";
  const http::Headers headers;
  const auto misfit = contract::check(
      *operation, {.variables = {{"id", "x"}}, .query = query, .headers = headers, .body = "{}"}, {.depth = 32});
  REQUIRE(misfit);
  CHECK(misfit->status == 400);
  const auto errors = json::scan(misfit->errors);
  REQUIRE(errors);
  const auto rows = json::elements(misfit->errors, errors->root);
  CHECK(rows.size() == 20);
  const auto first = json::members(misfit->errors, rows.front());
  REQUIRE(first.find("parameter"));
  CHECK(json::at(misfit->errors, first.find("parameter")->value) == "\"id\"");
}

TEST_CASE("hostile and partial documents end in findings") {
  for (const std::string_view text : std::initializer_list<std::string_view>{
           "", "null", "[]", "7", "openapi: 3.1.0", "openapi: 3.1.0\npaths: 7", "openapi: 3.1.0\npaths: { /a: 7 }",
           "openapi: 3.1.0\npaths: { /a: { get: null } }", "openapi: 3.1.0\npaths: { /a: { get: [] } }",
           "openapi: 3.1.0\npaths: { /a: { get: { parameters: 7, requestBody: [] } } }",
           "openapi: 3.1.0\npaths: { /a: { get: { parameters: [null, [], 7, {}, { in: query }] } } }",
           "openapi: 3.1.0\npaths: { /a: { $ref: '#/paths/~1a' } }",
           "openapi: 3.1.0\npaths: { /a: { get: { parameters: [{ $ref: '#/x' }, { $ref: 7 }, { $ref: [] }] } } }\nx: "
           "{ $ref: '#/x' }",
           "openapi: 3.1.0\npaths: { /a: { get: { requestBody: { content: { a/b: 7, application/json: { schema: 7 } "
           "} } } } }",
           "swagger: '2.0'\npaths: { /a: { get: { consumes: 7, parameters: [{ in: body }, { in: body, schema: [] }] "
           "} } }",
           "openapi: 3.1.0\npaths: { /a: { get: { parameters: [{ name: a, in: query, schema: &a { items: { allOf: "
           "[*a] } } }] } } }",
           "openapi: 3.0.0\npaths: { /a: { get: { parameters: [{ name: a, in: query, schema: { type: {}, enum: 7, "
           "items: 7, allOf: 7 } }] } } }"}) {
    CAPTURE(text);
    Read read{std::string(text)};
    const auto operation = read.operation("GET /a");
    if (!operation) CHECK(read.report.has_errors());
  }
}

TEST_CASE("a schema that refers to itself and to many others is one bounded text") {
  std::string text =
      "openapi: 3.1.0\npaths: { /a: { post: { requestBody: { content: { application/json: { schema: { $ref: "
      "'#/components/schemas/S0' } } } } } } }\ncomponents:\n  schemas:\n";
  for (int i = 0; i < 2000; ++i)
    text +=
        fmt::format("    S{}: {{ type: object, properties: {{ next: {{ $ref: '#/components/schemas/S{}' }} }} }}\n",
                    i, (i + 1) % 2000);
  Read read{text};
  const auto operation = read.operation("POST /a");
  REQUIRE(operation);
  http::Headers headers;
  CHECK_FALSE(contract::check(*operation, {{}, "", headers, R"({"next":{"next":{}}})"}, {.depth = 32}));
  CHECK(contract::check(*operation, {{}, "", headers, R"({"next":{"next":7}})"}, {.depth = 32}));
}
