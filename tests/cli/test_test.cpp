// `apigw test` and what `validate` says of test files, with files in memory and a fake gateway.
#include <doctest/doctest.h>
#include <unistd.h>

#include "runtime_file.h"
#include "support/cli.h"
#include "support/golden.h"
#include "support/process.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view shop =
    "apigw: 1\n"
    "models: { chat: mock/chat }\n"
    "services:\n"
    "  orders: http://127.0.0.1:9001\n"
    "routes:\n"
    "  GET /status/{code}: orders\n"
    "  /echo: orders\n"
    "  /shop/**: { to: orders, strip: /shop }\n";

testing::MemoryFiles project() {
  return {{"apigw.yaml", std::string{shop}}};
}
// One whose gateway "runs": its runtime file names an address of the test's.
testing::MemoryFiles project(const std::string& address) {
  testing::MemoryFiles files = project();
  const auto written = cli::write_runtime_file(
      {.address = address, .dev_key = Secret{"dev-key"}, .pid = ::getpid(), .config = "/project/apigw.yaml"}, files,
      {});
  REQUIRE(written);
  return files;
}

std::string cases(std::string_view list) {
  return "cases:\n" + std::string(list);
}

}  // namespace

TEST_CASE("each case of a file is called and judged, in the file's order") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  files.content["/project/tests/b.test.yaml"] =
      cases("  - { name: b, call: GET /status/204, expect: { status: 2xx } }\n");
  files.content["/project/tests/deep/a.test.yaml"] =
      cases("  - { name: deep, call: /echo, body: { a: 1 }, expect: { contains: \"POST /echo\" } }\n");
  files.content["/project/tests/a.test.yaml"] = cases(
      "  - { name: a, call: GET /status/404, expect: { status: 404 } }\n"
      "  - { name: late, call: GET /status/200, expect: { status: 200, max-latency: 9s } }\n");
  for (const char* const jobs : {"1", "8"}) {
    const auto ran = run({"test", "-j", jobs}, files);
    CHECK(ran.exit == 0);
    CHECK(ran.out ==
          "tests/a.test.yaml\ta\tpassed\t0\t\ntests/a.test.yaml\tlate\tpassed\t0\t\n"
          "tests/b.test.yaml\tb\tpassed\t0\t\ntests/deep/a.test.yaml\tdeep\tpassed\t0\t\n");
    CHECK(ran.err == "4 passed, 0 failed, 0 errors\n");
  }
  CHECK(run({"test", "-q", "tests/b.test.yaml"}, files).err.empty());
}

TEST_CASE("a case sends the development key unless it says another credential, or none") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  files.content["/project/tests/a.test.yaml"] = cases(
      "  - { name: usual, call: orders, expect: { contains: ['authorization: Bearer dev-key', 'user-agent: apigw/'] "
      "} }\n"
      "  - { name: own, call: /echo, headers: { x-api-key: mine }, expect: { regex: 'x-api-key: mine' } }\n"
      "  - { name: none, call: /echo, headers: { authorization: , user-agent: }, expect: { regex: '^GET' } }\n");
  // "orders" has one route without a variable, /echo, which takes any method.
  const auto ran = run({"test"}, files);
  INFO(ran.out, ran.err);
  CHECK(ran.exit == 0);
  files.content["/project/tests/a.test.yaml"] =
      cases("  - { name: none, call: /echo, headers: { authorization: }, expect: { contains: authorization } }\n");
  CHECK(run({"test"}, files).exit == 1);
  files.content["/project/tests/a.test.yaml"] =
      cases("  - { name: own, call: /echo, headers: { x-api-key: mine }, expect: { contains: dev-key } }\n");
  CHECK(run({"test"}, files).exit == 1);
}

TEST_CASE("a failed assertion is 1, whatever answered; an answer that does not come is 3") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  // 503 of a service is its answer: only the gateway's own is the world's.
  files.content["/project/tests/a.test.yaml"] = cases("  - { call: GET /status/503, expect: { status: 200 } }\n");
  const auto failed = run({"test"}, files);
  CHECK(failed.exit == 1);
  CHECK(failed.out == "tests/a.test.yaml\tcase 1\tfailed\t0\tstatus: is 503, not 200\n");
  CHECK(failed.err == "0 passed, 1 failed, 0 errors\n");
  files.content["/project/tests/a.test.yaml"] = cases(
      "  - { call: GET /status/200, expect: { status: 404 } }\n  - { call: GET /shop/cut, expect: { status: 200 } "
      "}\n");
  auto cut = project(upstream.url());
  cut.content["/project/tests/a.test.yaml"] = cases("  - { call: GET /cut, expect: { status: 200 } }\n");
  const auto broken = run({"test"}, cut);
  CHECK(broken.exit == 3);
  CHECK(broken.out.contains("\tcase 1\terror\t"));
  auto gone = project("http://127.0.0.1:" + std::to_string(support::free_port()));
  gone.content["/project/tests/a.test.yaml"] = files.content["/project/tests/a.test.yaml"];
  CHECK(run({"test"}, gone).exit == 3);
}

TEST_CASE(
    "an answer that takes longer than max-latency has failed, one that takes longer than --timeout is an error") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  files.content["/project/tests/a.test.yaml"] =
      cases("  - { call: GET /hold, expect: { status: 200, max-latency: 100ms } }\n");
  const auto late = run({"test", "tests/a.test.yaml"}, files);
  CHECK(late.exit == 1);
  CHECK(late.out.contains("\tfailed\t0\tmax-latency: no answer within 100 ms\n"));
  const auto hung = run({"test", "--timeout", "50ms"}, files);
  CHECK(hung.exit == 3);
  CHECK(hung.out.contains("\terror\t"));
}

TEST_CASE("reports come in the forms of tables and as JUnit") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  files.content["/project/tests/a.test.yaml"] =
      cases("  - { name: 'a <b> & \"c\"', call: GET /status/200, expect: { status: 201 } }\n");
  files.content["/project/tests/b.test.yaml"] = cases("  - { call: GET /status/200, expect: { status: 200 } }\n");
  const auto junit = run({"test", "-o", "junit=report.xml", "-o", "csv"}, files);
  CHECK(junit.exit == 1);
  CHECK(junit.out ==
        "file,case,result,ms,why\ntests/a.test.yaml,\"a <b> & \"\"c\"\"\",failed,0,\"status: is 200, not 201\"\n"
        "tests/b.test.yaml,case 1,passed,0,\n");
  CHECK(files.content["/project/report.xml"] ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        "  <testsuite name=\"tests/a.test.yaml\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
        "    <testcase classname=\"tests/a.test.yaml\" name=\"a &lt;b&gt; &amp; &quot;c&quot;\" time=\"0.000\">\n"
        "      <failure message=\"status: is 200, not 201\"/>\n    </testcase>\n  </testsuite>\n"
        "  <testsuite name=\"tests/b.test.yaml\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n"
        "    <testcase classname=\"tests/b.test.yaml\" name=\"case 1\" time=\"0.000\"/>\n  </testsuite>\n"
        "</testsuites>\n");
  const auto json = run({"test", "-o", "json"}, files);
  CHECK(json.out.contains("\"kind\": \"tests\""));
  CHECK(run({"test", "-o", "sarif"}, files).exit == 2);
}

TEST_CASE("what no gateway could be asked is refused before one is") {
  struct Row {
    const char* name;
    std::vector<std::string> arguments;
    const char* file;
    const char* says;
  };
  const Row rows[] = {
      {"no tests", {"test"}, "", "there are no tests"},
      {"no such file", {"test", "tests/b.test.yaml"}, "", "read 'tests/b.test.yaml': no such file"},
      {"jobs", {"test", "-j", "65"}, "", "--jobs cannot be '65'"},
      {"broken YAML", {"test"}, "cases: [", "AGW"},
      {"no expectation", {"test"}, "cases:\n  - call: /echo\n", "AGW631"},
      {"an unknown name", {"test"}, "cases:\n  - { call: ordres, expect: { status: 200 } }\n", "AGW636"},
      {"a prompt that is not there", {"test"}, "cases:\n  - { vars: {}, expect: { equals: a } }\n", "AGW634"},
      {"two files at once", {"test", "tests/a.test.yaml", "tests/a.test.yaml"}, "a: b\n", "2 test files have errors"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    auto files = project();
    if (*row.file != '\0') files.content["/project/tests/a.test.yaml"] = row.file;
    const auto ran = run(row.arguments, files);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK_MESSAGE(ran.err.contains(row.says), ran.err);
  }
  auto broken = project();
  broken.content["/project/apigw.yaml"] = "apigw: 2\n";
  CHECK(run({"test"}, broken).exit == 2);
}

TEST_CASE("tests of a prompt are run by the name of their file") {
  auto files = project();
  files.content["/project/prompts/mood.prompt"] = "---\nmodel: chat\n---\nJudge {{text}}";
  files.content["/project/prompts/mood.test.yaml"] =
      cases("  - { name: praise, vars: { text: fine }, answer: good, expect: { equals: good } }\n");
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"test"}, {"test", "prompts/mood.test.yaml"}}) {
    const auto ran = run(line, files);
    CHECK(ran.exit == 0);
    CHECK(ran.out == "prompts/mood.test.yaml\tpraise\tpassed\t0\t\n");
  }
}

TEST_CASE("a broken test of another prompt keeps no named file from being run") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  for (const char* const name : {"mood", "other"})
    files.content[fmt::format("/project/prompts/{}.prompt", name)] = "---\nmodel: chat\n---\nJudge {{text}}";
  files.content["/project/prompts/mood.test.yaml"] =
      cases("  - { name: praise, vars: { text: fine }, answer: good, expect: { equals: good } }\n");
  files.content["/project/tests/a.test.yaml"] = cases("  - { call: GET /status/200, expect: { status: 200 } }\n");
  for (const char* const broken : {"  - { nme: a, vars: { text: a }, expect: { equals: b } }\n",
                                   "  - { vars: { txt: a }, expect: { equals: b } }\n"}) {
    CAPTURE(broken);
    files.content["/project/prompts/other.test.yaml"] = cases(broken);
    for (const char* const file : {"prompts/mood.test.yaml", "tests/a.test.yaml"}) {
      const auto ran = run({"test", file}, files);
      CHECK_MESSAGE(ran.exit == 0, ran.err);
      CHECK(ran.err == "1 passed, 0 failed, 0 errors\n");
    }
    for (const std::vector<std::string>& line :
         {std::vector<std::string>{"test"}, {"test", "prompts/mood.test.yaml", "prompts/other.test.yaml"}}) {
      const auto ran = run(line, files);
      CHECK(ran.exit == 2);
      CHECK_MESSAGE(ran.err.contains("prompts/other.test.yaml:2:"), ran.err);
      CHECK(ran.out.empty());
    }
  }
}

TEST_CASE("an OpenAPI document is tested where its routes are") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  files.content["/project/orders.json"] = R"({"openapi": "3.1.0", "paths": {
    "/status/{code}": {"get": {"parameters": [{"name": "code", "in": "path", "required": true, "example": 201}],
                               "responses": {"201": {"description": "made"}}}},
    "/other": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}}},
    "/needs/{it}": {"get": {"parameters": [{"name": "it", "in": "path"}], "responses": {"200": {}}}}}})";
  const auto ran = run({"test", "orders.json"}, files);
  CHECK(ran.exit == 1);
  CHECK(ran.out ==
        "orders.json\tGET /status/{code}\tpassed\t0\t\n"
        "orders.json\tGET /other\tfailed\t0\tjson-schema: the body is no JSON: 'hello from upstream'\n"
        "orders.json\tGET /needs/{it}\tuntested\t0\tpath parameter 'it' has no example\n");
  CHECK(ran.err == "1 passed, 1 failed, 0 errors, 1 untested\n");
  const auto junit = run({"test", "orders.json", "-o", "junit"}, files);
  CHECK(junit.out.contains("skipped=\"1\""));
  CHECK(junit.out.contains("<skipped message=\"path parameter 'it' has no example\"/>"));
}

TEST_CASE("probes and metrics that no route serves are not taken for public ones") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  std::string& config = files.content["/project/apigw.yaml"];
  config.erase(config.find("  /shop/**"));
  files.content["/project/orders.json"] = R"({"openapi": "3.1.0", "paths": {
    "/status/200": {"get": {"responses": {"200": {"description": "it is there"}}}},
    "/readyz": {"get": {"responses": {"200": {"description": "ready"}}}},
    "/gone": {"get": {"responses": {"200": {"description": "called all the same"}}}},
    "/metrics": {"get": {"responses": {"200": {"description": "counts"}}}}}})";
  const auto ran = run({"test", "orders.json"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("orders.json\tGET /status/200\tpassed\t"));
  CHECK(
      ran.out.contains("orders.json\tGET /readyz\tuntested\t0\tit is for the platform, and no route leads to it\n"));
  CHECK(ran.out.contains("orders.json\tGET /gone\tpassed\t"));
  CHECK(
      ran.out.contains("orders.json\tGET /metrics\tuntested\t0\tit is for the platform, and no route leads to it\n"));
}

TEST_CASE("nothing is asked where nothing can be called") {
  auto files = project();  // no gateway runs, and none is started
  files.content["/project/a.yaml"] = "openapi: 3.1.0\npaths: { /a: { get: { responses: {} } } }\n";
  const auto ran = run({"test", "a.yaml"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.out == "a.yaml\tGET /a\tuntested\t0\tit declares no answer of success\n");
  CHECK(ran.err ==
        "0 passed, 0 failed, 0 errors, 1 untested\nerror: nothing could be tested\n"
        " help: the report has the reason for each case\n");
}

TEST_CASE("validate judges tests of routes with their config") {
  auto files = project();
  files.content["/project/tests/a.test.yaml"] = cases(
      "  - { name: served, call: GET /echo, expect: { status: 200 } }\n"
      "  - { name: misspelt, call: GET /ehco, expect: { status: 200 } }\n"
      "  - { name: meant so, call: GET /internal, expect: { status: 404 } }\n"
      "  - { name: another method, call: PUT /status/7, expect: { status: 2xx } }\n");
  const auto all = run({"validate", "-o", "full"}, files);
  CHECK(all.exit == 0);
  golden::check("golden/cases/AGW637-test-of-no-route.expected", all.out);
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 1);
  const auto one = run({"validate", "-o", "full", "tests/a.test.yaml"}, files);
  CHECK(one.out == all.out);
  files.content["/project/tests/a.test.yaml"] = cases("  - { call: GET /echo }\n");
  CHECK(run({"validate"}, files).exit == 1);
  CHECK(run({"validate", "tests/a.test.yaml"}, files).exit == 1);
  CHECK(run({"validate", "tests/a.test.yaml", "--fix"}, files).exit == 2);
  // What a gateway serves does not depend on its tests.
  CHECK(run({"explain", "GET", "/echo"}, files).exit == 0);
}

TEST_CASE("a warning of a test is ignored with a reason, as any") {
  auto files = project();
  files.content["/project/tests/a.test.yaml"] =
      cases("  # apigw-ignore AGW637: the route comes tomorrow\n  - { call: GET /soon, expect: { status: 200 } }\n");
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);
}

TEST_CASE("validate finds the config of a test file above it") {
  testing::MemoryFiles files;
  files.content["/project/shop/apigw.yaml"] = shop;
  files.content["/project/shop/tests/deep/a.test.yaml"] = cases("  - { call: GET /echo, expect: { status: 200 } }\n");
  files.content["/project/shop/prompts/mood.prompt"] = "---\nmodel: chat\n---\nJudge {{text}}";
  files.content["/project/shop/prompts/mood.test.yaml"] = cases("  - { vars: { txt: a }, expect: { equals: b } }\n");
  CHECK(run({"validate", "shop/tests/deep/a.test.yaml"}, files).exit == 2);  // its config has an error, AGW633
  const auto prompt = run({"validate", "shop/prompts/mood.test.yaml"}, files);
  CHECK(prompt.exit == 1);
  CHECK_MESSAGE(prompt.out.contains("AGW633"), prompt.out);
  files.content["/project/shop/prompts/mood.test.yaml"] = cases("  - { vars: { text: a }, expect: { equals: b } }\n");
  for (const char* const file : {"shop/tests/deep/a.test.yaml", "shop/prompts/mood.test.yaml"}) {
    const auto ran = run({"validate", file}, files);
    CHECK(ran.exit == 0);
    CHECK(ran.err == "no findings in 1 file\n");
  }
  testing::MemoryFiles none;
  none.content["/project/a.test.yaml"] = cases("  - { call: GET /echo, expect: { status: 200 } }\n");
  CHECK(run({"validate", "a.test.yaml"}, none).exit == 2);
}
