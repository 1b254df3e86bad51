// `apigw emit openapi`, and its way back through `apigw import openapi`.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr const char* shop =
    "apigw: 1\n"
    "defaults: { auth: key }\n"
    "services: { orders: http://127.0.0.1:9001, stock: http://127.0.0.1:9002 }\n"
    "routes:\n"
    "  GET /orders/{id}: { to: orders, auth: none }\n"
    "  DELETE /orders/{number}: orders\n"
    "  POST /orders-now: orders\n"
    "  POST /orders/now: orders\n"
    "  /stock/**: { to: stock, host: stock.shop.example }\n"
    "  GET /when: [{ to: stock, when: { query: { a: '1' } } }, orders]\n";

std::set<std::string> routes_of(std::string_view config) {
  std::set<std::string> found;
  const auto begin = config.find("\nroutes:\n") + 9;
  for (const std::string& line : golden::lines(std::string(config.substr(begin, config.find("\n\n", begin) - begin))))
    if (line.starts_with("  ") && line[2] != ' ') found.insert(line.substr(2, line.find(':') - 2));
  return found;
}

}  // namespace

TEST_CASE("emit openapi describes routes once each, with who may call, and tells what a document cannot say") {
  MemoryFiles files{{"apigw.yaml", shop}};
  const auto ran = run({"emit", "openapi"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/shop.openapi.yaml", ran.out);
  golden::check("golden/emit/shop.openapi.losses", ran.err);
  CHECK(run({"emit", "openapi", "--strict"}, files).exit == 1);
  CHECK(run({"emit", "openapi", "--only", "orders"}, files).exit == 2);
}

TEST_CASE("emit openapi names the address of the gateway, and asks for nothing that only a deployment needs") {
  MemoryFiles files{{"apigw.yaml",
                     "apigw: 1\nservices: { a: http://127.0.0.1:9001 }\nroutes: { GET /a: a }\n"
                     "deploy: { gateway: { host: api.shop.example }, kubernetes: { tls: shop-tls } }\n"}};
  const auto ran = run({"emit", "openapi", "--to", "docs"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out == "create\topenapi.yaml\n");
  CHECK(files.content.at("/project/docs/openapi.yaml").contains("- url: https://api.shop.example\n"));
  CHECK(run({"emit", "openapi", "--to", "docs", "--check"}, files).exit == 0);
}

TEST_CASE("what emit openapi writes is imported with the same routes") {
  MemoryFiles files{{"apigw.yaml", shop}};
  files.content["/project/openapi.yaml"] = run({"emit", "openapi"}, files).out;
  const auto back = run({"import", "openapi", "openapi.yaml"}, files);
  CHECK(back.exit == 0);
  const auto routes = routes_of(back.out);
  for (const auto* route : {"GET /orders/{id}", "DELETE /orders/{id}", "POST /orders-now", "POST /orders/now",
                            "GET /when", "GET /stock/{rest_of}"})
    CHECK_MESSAGE(routes.contains(route), back.out);
  files.content["/project/back.yaml"] = back.out;
  CHECK(run({"validate", "back.yaml"}, files).exit == 0);
}

namespace {

// Swagger 2, and OpenAPI 3.0 with a schema of the same name.
constexpr const char* stock_document = R"(swagger: "2.0"
info: { title: Stock, version: "2" }
consumes: [application/json]
produces: [application/json]
paths:
  /stock/{item}:
    put:
      operationId: putStock
      tags: [stock]
      parameters:
        - { name: item, in: path, required: true, type: string, maxLength: 9 }
        - { name: in_shops, in: query, type: array, items: { type: string }, collectionFormat: multi }
        - { name: sizes, in: query, type: array, items: { type: integer }, collectionFormat: pipes }
        - { name: stock, in: body, required: true, schema: { $ref: "#/definitions/Item" } }
      responses:
        "200":
          description: what is there now
          headers: { x-left: { type: integer } }
          schema: { $ref: "#/definitions/Item" }
        default: { description: a mistake, schema: { $ref: "#/definitions/Problem" } }
    post:
      summary: a picture
      consumes: [multipart/form-data]
      parameters:
        - { name: item, in: path, required: true, type: string }
        - { name: picture, in: formData, required: true, type: file }
        - { name: note, in: formData, type: string }
      responses: { "204": { description: taken } }
definitions:
  Item:
    type: object
    required: [count]
    properties:
      count: { type: integer, minimum: 0, exclusiveMinimum: true, x-nullable: true }
      default: { $ref: "#/definitions/Item" }
      $ref: { type: string }
  Problem: { type: object, properties: { why: { type: string } } }
)";
constexpr const char* orders_document = R"(openapi: 3.0.3
info: { title: Orders, version: "1" }
paths:
  /orders/{id}:
    parameters: [{ $ref: "#/components/parameters/Id" }]
    post:
      operationId: putStock
      parameters: [{ name: session, in: cookie, schema: { $ref: "#/components/parameters/Id/schema" } }]
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Item" }
            examples: { one: { $ref: "#/components/examples/One" } }
      callbacks: { done: { "{$request.body#/url}": { post: { responses: { "200": { description: ok } } } } } }
      responses:
        "201":
          description: taken
          links: { it: { operationId: putStock } }
          content: { application/json: { schema: { $ref: "#/components/schemas/Item" } } }
components:
  parameters: { Id: { name: id, in: path, required: true, schema: { type: integer } } }
  examples: { One: { value: { $ref: no reference, sku: a } } }
  schemas:
    Item:
      type: object
      required: [id, sku]
      properties:
        id: { type: integer, readOnly: true, nullable: true }
        sku: { oneOf: [{ $ref: "#/components/schemas/A" }, { type: string }], discriminator: { propertyName: kind } }
    A: { type: object, discriminator: { propertyName: kind, mapping: { a: A } }, xml: { name: a } }
)";

}  // namespace

namespace {

// What `emit openapi` says of GET or POST /a/{id} of a document whose path item is `item`.
testing::Ran emit_of(std::string_view item, std::string_view method = "GET",
                     std::string_view head = "openapi: 3.1.0\n") {
  MemoryFiles files{{"apigw.yaml", fmt::format("apigw: 1\nservices: {{ a: http://127.0.0.1:9 }}\nroutes:\n"
                                               "  {0} /a/{{id}}: {{ to: a, operation: 'doc.yaml#{0} /a/{{id}}' }}\n",
                                               method)}};
  files.content["/project/doc.yaml"] =
      fmt::format("{}info: {{ title: a, version: '1' }}\npaths:\n  /a/{{id}}:\n{}", head, item);
  return run({"emit", "openapi"}, files);
}

}  // namespace

TEST_CASE("words of other types than OpenAPI gives them are left out, and what is no JSON to others is told") {
  const auto odd = emit_of(
      "    get:\n      operationId: 123\n      summary:\n      tags: hello\n      deprecated: 'no'\n"
      "      parameters: [{ name: n, in: query }, { in: cookie, schema: { type: string } }]\n"
      "      responses: { x-mine: { a: 1 }, '200': { description: ok, headers: { X: } }, '201': { $ref: 'b.yaml#/c' "
      "} }\n");
  CHECK(odd.exit == 0);
  CHECK_MESSAGE(odd.out.contains("      operationId: \"123\"\n      parameters:\n"), odd.out);
  CHECK(odd.out.contains("- name: \"n\"\n        in: query\n        schema: {}\n"));
  for (const std::string_view word : {"summary", "tags", "deprecated", "cookie", "x-mine", "\"201\""})
    CHECK_FALSE_MESSAGE(odd.out.contains(word), word);
  CHECK(odd.err.contains("'a reference' stands in the service's own document alone"));
  const auto number =
      emit_of("    get: { responses: { '200': { description: ok, content: { a/b: { example: 1e999 } } } } }\n");
  CHECK(number.exit == 0);
  CHECK(number.err.contains("'everything but its path' stands in the service's own document alone"));
  CHECK(number.out.contains("      operationId: get_a_id\n"));
}

TEST_CASE("no reference comes out that leads nowhere") {
  const auto ran = emit_of(
      "    post:\n      requestBody: { content: { multipart/form-data: {\n"
      "        encoding: { f: { contentType: a/b, headers: { X: { $ref: '#/components/headers/X' } } } },\n"
      "        schema: { type: object, foo: { $ref: '#/components/schemas/Other' }, bar: 1 } } } }\n"
      "      responses: { '200': { description: ok } }\n",
      "POST");
  CHECK(ran.exit == 0);
  CHECK_MESSAGE(
      ran.out.contains(
          "              bar: 1\n            encoding:\n              f:\n                contentType: a/b\n"),
      ran.out);
  CHECK_FALSE(ran.out.contains("/X\""));
  CHECK_FALSE(ran.out.contains("Other"));
  CHECK_FALSE(ran.out.contains("\"422\""));  // nothing judges a form
  CHECK(ran.err.contains("'headers' stands in"));
}

TEST_CASE("a body that Swagger 2 says for a path is told, judged and compared like an operation's") {
  const auto item = [](std::string_view required) {
    return fmt::format(
        "    parameters: [{{ name: t, in: body, description: It, required: true,"
        " schema: {{ type: object, required: [{}] }} }}]\n"
        "    post: {{ responses: {{ '200': {{ description: ok }} }} }}\n",
        required);
  };
  const auto ran = emit_of(item("x"), "POST", "swagger: '2.0'\n");
  CHECK_MESSAGE(ran.out.contains("      requestBody:\n        description: It\n        required: true\n"), ran.out);
  MemoryFiles files{{"a.yaml", "swagger: '2.0'\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n" + item("x")}};
  files.content["/project/b.yaml"] =
      "swagger: '2.0'\ninfo: { title: a, version: '1' }\npaths:\n  /a:\n" + item("x, y");
  CHECK(run({"diff", "a.yaml", "b.yaml"}, files).out.contains("breaking"));
}

TEST_CASE("a path of one shape has one set of names, and each variable what its own document says") {
  MemoryFiles files{{"apigw.yaml",
                     "apigw: 1\nservices: { a: http://127.0.0.1:9 }\nroutes:\n"
                     "  GET /x/{a}: a\n"
                     "  POST /x/{b}: { to: a, operation: 'doc.yaml#POST /x/{b}' }\n"}};
  files.content["/project/doc.yaml"] =
      "openapi: 3.1.0\ninfo: { title: a, version: '1' }\npaths: { '/x/{b}': { post: { parameters: [\n"
      "  { name: b, in: path, required: true, schema: { minimum: 5 } }, { name: X-A, in: header, schema: { minimum: "
      "6 } }],\n"
      "  responses: { '200': { description: ok } } }, parameters: [{ name: x-a, in: header, schema: { minimum: 7 } "
      "}] } }\n";
  const auto ran = run({"emit", "openapi"}, files);
  CHECK_MESSAGE(
      ran.out.contains(
          "      - name: a\n        in: path\n        required: true\n        schema:\n          minimum: 5\n"),
      ran.out);
  CHECK(ran.out.contains("minimum: 6\n"));
  CHECK_FALSE(ran.out.contains("minimum: 7\n"));
}

TEST_CASE("definitions of a prompt's schema are components, where nothing else is referred to") {
  MemoryFiles files{{"apigw.yaml", "apigw: 1\n"}};
  const auto prompt = [](std::string_view definitions) {
    return fmt::format(
        "---\nmodel: mock/small\ninput:\n  schema:\n    type: object\n"
        "    properties: {{ node: {{ $ref: '#/$defs/node' }} }}\n    $defs: {}\n---\nSay {{{{node}}}}\n",
        definitions);
  };
  files.content["/project/prompts/tree.prompt"] =
      prompt("{ node: { properties: { next: { $ref: '#/$defs/node' } } } }");
  files.content["/project/prompts/wood.prompt"] = prompt("{ node: { maxLength: 3, items: { $ref: '#' } } }");
  const auto ran = run({"emit", "openapi"}, files);
  CHECK(ran.exit == 0);
  const auto whole = ran.out;
  CHECK_MESSAGE(whole.contains("                node:\n                  \"$ref\": \"#/components/schemas/node\"\n"),
                whole);
  CHECK_MESSAGE(
      whole.contains(
          "\n    node:\n      properties:\n        next:\n          \"$ref\": \"#/components/schemas/node\"\n"),
      whole);
  CHECK_MESSAGE(whole.contains("\"$id\": urn:prompt:wood:input\n"), whole);
  files.content["/project/back.yaml"] = whole;
  const auto back = run({"import", "openapi", "back.yaml"}, files);
  CHECK_MESSAGE(back.out.contains("operation: \"back.yaml#prompt_tree\""), back.out);
}

TEST_CASE("what documents say of the operations of routes is said by the gateway's, in OpenAPI 3.1") {
  MemoryFiles files{
      {"apigw.yaml",
       "apigw: 1\n"
       "services: { orders: http://127.0.0.1:9001, stock: http://127.0.0.1:9002 }\n"
       "routes:\n"
       "  POST /orders/{id}: { to: orders, auth: key, operation: 'orders.yaml#putStock' }\n"
       "  PUT /shop/stock/{item}: { to: stock, rewrite: '/stock/{item}', operation: 'stock.yaml#putStock' }\n"
       "  POST /stock/{item}: { to: stock, operation: 'stock.yaml#POST /stock/{item}' }\n"}};
  files.content["/project/orders.yaml"] = orders_document;
  files.content["/project/stock.yaml"] = stock_document;
  const auto ran = run({"emit", "openapi"}, files);
  CHECK(ran.exit == 0);
  golden::check("golden/emit/described.openapi.yaml", ran.out);
  golden::check("golden/emit/described.openapi.losses", ran.err);

  files.content["/project/back.yaml"] = ran.out;
  const auto same = run({"diff", "back.yaml", "back.yaml"}, files);
  CHECK(same.exit == 0);
  const auto back = run({"import", "openapi", "back.yaml"}, files);
  CHECK(back.exit == 0);
  files.content["/project/again.yaml"] = back.out;
  CHECK(run({"validate", "again.yaml"}, files).exit == 0);
  // Swagger's forms are bodies now, whose kind is judged; from here on nothing changes.
  const std::string second = run({"emit", "openapi", "-q", "-c", "again.yaml"}, files).out;
  files.content["/project/back.yaml"] = second;
  CHECK(run({"emit", "openapi", "-q", "-c", "again.yaml"}, files).out == second);
}
