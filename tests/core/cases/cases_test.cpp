// Fixtures of test files of routes, the pages of their codes, and how answers are judged.
#include "cases/cases.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "support/golden.h"

using namespace apigw;

namespace {

struct Read {
  diag::Sources sources;
  diag::Report report;
  std::optional<std::vector<cases::Case>> cases;

  explicit Read(std::string text) {
    const auto source = sources.add("orders.test.yaml", std::move(text));
    if (const auto tree = yaml::parse(source, sources, report))
      cases = cases::read_cases(tree->root(), sources, report);
    report.finish(sources);
  }
  [[nodiscard]] std::string full() const { return diag::render(report, sources, diag::Format::full, false); }
  [[nodiscard]] bool has(int code) const {
    return std::ranges::any_of(report.all(), [code](const auto& finding) { return finding.code == code; });
  }
};

cases::Case one(const std::string& lines) {
  Read read("cases:\n  - " + lines);
  INFO(read.full());
  REQUIRE(read.cases);
  REQUIRE(read.cases->size() == 1);
  return read.cases->front();
}

std::string block(std::string_view page, std::string_view kind) {
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open);
  REQUIRE(begin != std::string_view::npos);
  const auto end = page.find("\n```", begin + open.size());
  return std::string(page.substr(begin + open.size(), end + 1 - begin - open.size()));
}

cases::Kind kind(std::string text) {
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("a", std::move(text)), sources, report);
  REQUIRE(tree);
  return cases::kind_of(tree->root());
}

}  // namespace

TEST_CASE("every fixture of a test file gives its findings in the expected words") {
  for (const auto& file : golden::inputs("golden/cases", ".tests")) {
    const std::string stem = file.stem().string();
    CAPTURE(stem);
    const Read read(golden::read(file));
    CHECK_FALSE(read.cases);
    golden::check("golden/cases/" + stem + ".expected", read.full());
    if (stem.starts_with("AGW")) CHECK(read.has(std::stoi(stem.substr(3, 3))));
  }
}

TEST_CASE("the examples of the pages on calls do what they say") {
  for (const int code : {635, 636}) {
    CAPTURE(code);
    CHECK(Read(block(diag::page(code), "bad")).has(code));
    CHECK(Read(block(diag::page(code), "good")).cases);
  }
  // Whether a route serves the call is the plan's to say.
  CHECK(Read(block(diag::page(637), "bad")).cases);
  CHECK(Read(block(diag::page(637), "good")).cases);
}

TEST_CASE("a file is known by what it holds") {
  CHECK(kind("cases:\n  - call: GET /a\n") == cases::Kind::routes);
  CHECK(kind("cases:\n  - vars: {}\n  - call: GET /a\n") == cases::Kind::routes);
  CHECK(kind("cases:\n  - vars: {}\n") == cases::Kind::prompt);
  CHECK(kind("cases: what\n") == cases::Kind::prompt);
  CHECK(kind("") == cases::Kind::prompt);
  CHECK(kind("openapi: 3.1.0\n") == cases::Kind::openapi);
  CHECK(kind(R"({"swagger": "2.0"})") == cases::Kind::openapi);
}

TEST_CASE("a case is read as it is written") {
  const auto full = one(
      "name: all of it\n    call: POST  /orders?x=%20\n    headers: { Accept: text/plain, authorization: , x-n: 7 }\n"
      "    body: { item: tea, quantity: 2, open: true, note: null }\n"
      "    expect: { status: [201, 3xx], max-latency: 2s, contains: a }\n");
  CHECK(full.name == "all of it");
  CHECK(full.method == "POST");
  CHECK(full.target == "/orders?x=%20");
  CHECK(full.headers.find("accept") == "text/plain");
  CHECK(full.headers.find("x-n") == "7");
  CHECK(full.without == std::vector<std::string>{"authorization"});
  CHECK(full.body == R"({"item":"tea","quantity":2,"open":true,"note":null})");
  CHECK(full.limit() == std::chrono::milliseconds(2000));
  for (const auto& [code, fits] : {std::pair(201, true), {200, false}, {302, true}, {400, false}})
    CHECK(full.takes(code) == fits);

  const auto least = one("{ call: hello, body: 'a=1', expect: { equals: x } }\n");
  CHECK(least.name == "case 1");
  CHECK(least.method.empty());
  CHECK(least.target == "hello");
  CHECK(least.body == "a=1");
  for (const auto& [code, fits] : {std::pair(200, true), {399, true}, {404, false}, {500, false}})
    CHECK(least.takes(code) == fits);
  CHECK_FALSE(one("{ call: hello, body: , expect: { status: 2xx } }\n").body);
  CHECK(one("{ call: hello, body: 12, expect: { status: 2xx } }\n").body == "12");
}

TEST_CASE("an answer is as expected or each difference is said") {
  struct Row {
    const char* name;
    const char* expect;
    int status;
    const char* type;
    const char* body;
    const char* wrong;
  };
  const Row rows[] = {
      {"the status", "status: 200", 404, "", "", "status: is 404, not 200"},
      {"one of several", "status: [200, 201, 4xx]", 500, "", "", "status: is 500, not 200, 201 or 4xx"},
      {"good without a word", "contains: a", 404, "", "a", "status: is 404, not 2xx or 3xx"},
      {"a refusal without a word", "contains: a", 308, "", "a", ""},
      {"a header", "headers: { Content-Type: text/plain }", 200, "text/plain", "", ""},
      {"another value", "headers: { content-type: text/html }", 200, "text/plain", "",
       "header content-type: is \"text/plain\", not \"text/html\""},
      {"a number in a header", "headers: { x-count: 7 }", 200, "", "", ""},
      {"a part of it", "headers: { content-type: { contains: json } }", 200, "application/json; charset=utf-8", "{}",
       ""},
      {"a pattern", "headers: { content-type: { regex: ^text } }", 200, "application/json", "{}",
       "header content-type: 'application/json' does not match '^text'"},
      {"one that is missing", "headers: { x-debug: 1 }", 200, "", "", "header x-debug is not there"},
      {"one that must not be there", "headers: { x-debug: , x-count: }", 200, "", "",
       "header x-count is there: \"7\""},
      {"all values of one", "headers: { x-two: 'a, b' }", 200, "", "", ""},
      {"JSON by its type", "equals: 5", 200, "application/json", "5", ""},
      {"JSON by its form", "json-path: { $.a: [1] }", 200, "text/plain", " { \"a\": [1] }\n", ""},
      {"a text", "equals: '5'", 200, "text/plain", "5", ""},
      {"a text that is no number", "equals: 5", 200, "text/plain", "5", "equals: is \"5\", not 5"},
      {"a text in JSON", "equals: hi", 200, "application/problem+json", "\"hi\"\n", ""},
      {"no JSON", "json-path: { $.a: 1 }", 200, "application/json",
       "{\"a\":", "json-path: the body is no JSON: '{\"a\":'"},
      {"a schema", "json-schema: { type: object, required: [id] }", 200, "", "{}", "json-schema: 'id' is missing"},
      {"several at once", "{ status: 201, contains: x, json-path: { $.a: 2 } }", 200, "", "{\"a\":1}",
       "status: is 200, not 201; contains: '{\"a\":1}' does not contain 'x'; json-path: $.a is 1, not 2"},
      {"too late", "max-latency: 20ms", 200, "", "", "max-latency: took 30 ms, more than 20"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const std::string expect(row.expect);
    const auto test =
        one("{ call: GET /a, expect: " + (expect.starts_with('{') ? expect : "{ " + expect + " }") + " }\n");
    cases::Answer answer{row.status, {}, row.body, std::chrono::milliseconds(30)};
    if (*row.type != '\0') answer.headers.add("content-type", row.type);
    answer.headers.add("x-count", "7");
    answer.headers.add("x-two", "a");
    answer.headers.add("x-two", "b");
    CHECK(text::join(cases::mismatches(test, answer), "; ") == row.wrong);
  }
}
