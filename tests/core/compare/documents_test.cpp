// Each change between two OpenAPI documents, with its grade.
#include "compare/documents.h"

#include <doctest/doctest.h>

#include "core/compare/lines.h"

using namespace apigw;
using apigw::testing::joined;
using apigw::testing::lines;
using Lines = std::vector<std::string>;

namespace {

struct Parsed {
  diag::Sources sources;
  diag::Report report;
  std::optional<yaml::Tree> tree;
  explicit Parsed(std::string text) {
    tree = yaml::parse(sources.add("a.yaml", std::move(text)), sources, report);
    INFO(diag::render(report, sources, diag::Format::full, false));
    REQUIRE(tree);
    REQUIRE_FALSE(report.has_errors());
  }
};

Lines compared(std::string_view before, std::string_view after) {
  const Parsed a{std::string(before)}, b{std::string(after)};
  return lines(compare::compare_documents(a.tree->root(), b.tree->root()));
}

// An operation `POST /orders/{id}` of OpenAPI 3.1.
std::string document(std::string_view operation, std::string_view more = {}) {
  return fmt::format(
      "openapi: 3.1.0\ninfo: {{ title: a, version: '1' }}\npaths:\n  /orders/{{id}}:\n    post: {{ {} }}\n{}",
      operation, more);
}
constexpr std::string_view key =
    "components: { securitySchemes: { key: { type: http, scheme: bearer }, o: { type: oauth2 } } }\n";

}  // namespace

TEST_CASE("each change of an operation has its grade") {
  struct Row {
    std::string_view name, before, after;
    Lines lines;
  };
  const Row rows[] = {
      {"nothing", "responses: { '200': { description: a } }", "responses: { '200': { description: a } }", {}},
      {"order", "tags: [a], summary: x", "summary: x, tags: [a]", {}},
      {"words",
       "summary: x",
       "summary: y, description: z",
       {"cosmetic ~ operation POST /orders/{id} description:  → z",
        "cosmetic ~ operation POST /orders/{id} summary: x → y"}},
      {"another name",
       "operationId: a",
       "operationId: b",
       {"risky ~ operation POST /orders/{id} operationId: a → b"}},
      {"deprecated", "", "deprecated: true", {"safe ~ operation POST /orders/{id} deprecated: false → true"}},
      {"a required parameter",
       "",
       "parameters: [{ in: query, name: a, required: true, schema: { type: string } }]",
       {"breaking + operation POST /orders/{id} query parameter 'a':  → required"}},
      {"an optional parameter",
       "",
       "parameters: [{ in: header, name: A, schema: { type: string } }]",
       {"safe + operation POST /orders/{id} header parameter 'A':  → optional"}},
      {"a parameter less",
       "parameters: [{ in: query, name: a }]",
       "",
       {"risky - operation POST /orders/{id} query parameter 'a'"}},
      {"required now",
       "parameters: [{ in: query, name: a }]",
       "parameters: [{ in: query, name: a, required: true }]",
       {"breaking ~ operation POST /orders/{id} query parameter 'a': optional → required"}},
      {"a narrower parameter",
       "parameters: [{ in: query, name: a, schema: { maximum: 9 } }]",
       "parameters: [{ in: query, name: a, schema: { maximum: 8 } }]",
       {"breaking ~ operation POST /orders/{id} query parameter 'a'.maximum: 9 → 8"}},
      {"written otherwise",
       "parameters: [{ in: query, name: a, schema: { type: array } }]",
       "parameters: [{ in: query, name: a, explode: false, schema: { type: array } }]",
       {"breaking ~ operation POST /orders/{id} query parameter 'a' explode:  → false"}},
      {"headers by any case",
       "parameters: [{ in: header, name: X-A }]",
       "parameters: [{ in: header, name: x-a }]",
       {}},
      {"a required body",
       "",
       "requestBody: { required: true, content: { application/json: {} } }",
       {"breaking + operation POST /orders/{id} body:  → required"}},
      {"a body less",
       "requestBody: { content: { application/json: {} } }",
       "",
       {"risky - operation POST /orders/{id} body"}},
      {"a kind of body less",
       "requestBody: { content: { application/json: {}, text/csv: {} } }",
       "requestBody: { content: { application/json: {} } }",
       {"breaking - operation POST /orders/{id} body text/csv"}},
      {"a required member of the body",
       "requestBody: { content: { application/json: { schema: { properties: { a: {} } } } } }",
       "requestBody: { content: { application/json: { schema: { properties: { a: {} }, required: [a] } } } }",
       {"breaking ~ operation POST /orders/{id} body.a: optional → required"}},
      {"an answer less",
       "responses: { '200': { description: a }, '404': { description: b } }",
       "responses: { default: { description: a } }",
       {"breaking - operation POST /orders/{id} answer 200", "risky - operation POST /orders/{id} answer 404",
        "safe + operation POST /orders/{id} answer default"}},
      {"a member of the answer less",
       "responses: { '200': { description: a, content: { application/json: { schema: { properties: { a: {}, b: {} } "
       "} } } } }",
       "responses: { '200': { description: a, content: { application/json: { schema: { properties: { a: {} } } } } } "
       "}",
       {"breaking - operation POST /orders/{id} answer 200.b: {} → "}},
      {"a kind of answer less",
       "responses: { '200': { description: a, content: { text/csv: {}, a/b: {} } } }",
       "responses: { '200': { description: a, content: { a/b: {} } } }",
       {"breaking - operation POST /orders/{id} answer 200 text/csv"}},
      {"a header less",
       "responses: { '200': { description: a, headers: { ETag: {} } } }",
       "responses: { '200': { description: a, headers: {} } }",
       {"risky - operation POST /orders/{id} answer 200 header 'ETag'"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(joined(compared(document(row.before), document(row.after))) == joined(row.lines));
    CHECK(compared(document(row.after), document(row.after)).empty());
  }
}

TEST_CASE("who is let in is judged by each way in") {
  struct Row {
    std::string_view name, before, after;
    Lines lines;
  };
  const std::string of = "operation POST /orders/{id} security";
  const Row rows[] = {
      {"a key is asked for",
       "security: []",
       "security: [{ key: [] }]",
       {fmt::format("breaking ~ {}: nothing → key", of)}},
      {"everybody", "security: [{ key: [] }]", "security: []", {fmt::format("risky ~ {}: key → nothing", of)}},
      {"one way more",
       "security: [{ key: [] }]",
       "security: [{ key: [] }, { o: [a] }]",
       {fmt::format("safe ~ {}: key → key, or o (a)", of)}},
      {"one way less",
       "security: [{ key: [] }, { o: [] }]",
       "security: [{ o: [] }]",
       {fmt::format("breaking ~ {}: key, or o → o", of)}},
      {"a scope more",
       "security: [{ o: [a] }]",
       "security: [{ o: [a, b] }]",
       {fmt::format("breaking ~ {}: o (a) → o (a, b)", of)}},
      {"a scope less",
       "security: [{ o: [a, b] }]",
       "security: [{ o: [b] }]",
       {fmt::format("safe ~ {}: o (a, b) → o (b)", of)}},
      {"both at once",
       "security: [{ key: [] }]",
       "security: [{ key: [], o: [] }]",
       {fmt::format("breaking ~ {}: key → key and o", of)}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(joined(compared(document(row.before, key), document(row.after, key))) == joined(row.lines));
  }
}

TEST_CASE("operations come and go, and the names of variables are no difference to callers") {
  const std::string two =
      "openapi: 3.1.0\ninfo: { title: a, version: '1' }\nservers: [{ url: /v1 }]\npaths:\n  /a/{x}: { get: { "
      "parameters: "
      "[{ in: path, name: x, required: true, schema: { type: string } }] } }\n  /b: { get: {}, put: {} }\n";
  const std::string now =
      "openapi: 3.1.0\ninfo: { title: a, version: '2' }\nservers: [{ url: /v2 }]\npaths:\n  /a/{id}: { get: { "
      "parameters: "
      "[{ in: path, name: id, required: true, schema: { type: string } }] } }\n  /b: { get: {}, patch: {} }\n";
  CHECK(joined(compared(two, now)) ==
        joined(Lines{"cosmetic ~ document info version: 1 → 2",
                     "risky ~ document servers servers: [{\"url\":\"/v1\"}] → [{\"url\":\"/v2\"}]",
                     "cosmetic ~ operation GET /a/{x} path: /a/{x} → /a/{id}", "safe + operation PATCH /b",
                     "breaking - operation PUT /b"}));
}

TEST_CASE("versions of OpenAPI are compared by what they mean") {
  const std::string old =
      "swagger: '2.0'\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n    post:\n      parameters:\n"
      "        - { in: query, name: n, type: integer, maximum: 5 }\n"
      "        - { in: body, name: b, required: true, schema: { $ref: '#/definitions/A' } }\n"
      "      responses: { '200': { description: x, schema: { type: string } } }\n"
      "definitions: { A: { properties: { a: { type: string } }, required: [a] } }\n";
  const std::string three =
      "openapi: 3.0.3\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n    post:\n      parameters:\n"
      "        - { in: query, name: n, schema: { type: integer, maximum: 5 } }\n"
      "      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/A' "
      "} } } }\n"
      "      responses: { '200': { description: x, content: { application/json: { schema: { type: string, nullable: "
      "true } } } } }\n"
      "components: { schemas: { A: { properties: { a: { type: string } }, required: [a] } } }\n";
  CHECK(joined(compared(old, three)) ==
        joined(Lines{"risky ~ operation POST /a answer 200.type: string → [\"string\",\"null\"]"}));
}
