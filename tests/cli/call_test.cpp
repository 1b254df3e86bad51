#include <doctest/doctest.h>
#include <unistd.h>

#include "runtime_file.h"
#include "support/cli.h"
#include "support/process.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr std::string_view config =
    "apigw: 1\n"
    "services:\n"
    "  orders: http://127.0.0.1:9001\n"
    "  stock: http://127.0.0.1:9002\n"
    "routes:\n"
    "  POST /echo: orders\n"
    "  GET /stock/{id}: stock\n";

// A project whose gateway "runs": its runtime file names an address of the test's.
testing::MemoryFiles project(const std::string& address, const std::string& config_path = "/project/apigw.yaml") {
  testing::MemoryFiles files{{"apigw.yaml", std::string{config}}};
  const auto written = cli::write_runtime_file(
      {.address = address, .dev_key = Secret{"dev-key"}, .pid = ::getpid(), .config = config_path}, files, {});
  REQUIRE(written);
  return files;
}

}  // namespace

TEST_CASE("call sends what it is told, with the development key") {
  struct Row {
    std::string_view name;
    std::vector<std::string> arguments;
    std::string_view first_line;
    std::vector<std::string_view> has;
    std::string_view body;
  };
  const Row rows[] = {
      {"a path", {"/echo"}, "GET /echo HTTP/1.1\r\n", {"authorization: Bearer dev-key\r\n"}, ""},
      {"method and path", {"DELETE", "/echo?x=%2F"}, "DELETE /echo?x=%2F HTTP/1.1\r\n", {}, ""},
      {"a usual method in lower case", {"get", "/echo"}, "GET /echo HTTP/1.1\r\n", {}, ""},
      {"one before a name", {"post", "orders"}, "POST /echo HTTP/1.1\r\n", {}, ""},
      {"another method keeps its case", {"Purge", "/echo"}, "Purge /echo HTTP/1.1\r\n", {}, ""},
      {"-X in lower case", {"-X", "put", "/echo"}, "PUT /echo HTTP/1.1\r\n", {}, ""},
      {"-X", {"-X", "PUT", "/echo"}, "PUT /echo HTTP/1.1\r\n", {}, ""},
      {"a body makes it a POST",
       {"/echo", "-d", "{\"a\": [1]}"},
       "POST /echo HTTP/1.1\r\n",
       {"content-type: application/json\r\n"},
       "{\"a\": [1]}"},
      {"other bodies are forms",
       {"/echo", "-d", "a=1", "-d", "b=2"},
       "POST /echo HTTP/1.1\r\n",
       {"content-type: application/x-www-form-urlencoded\r\n"},
       "a=1&b=2"},
      {"a file without its line ends", {"/echo", "-d", "@body"}, "POST /echo HTTP/1.1\r\n", {}, "onetwo"},
      {"a file byte for byte", {"/echo", "--data-binary", "@body"}, "POST /echo HTTP/1.1\r\n", {}, "one\r\ntwo\n"},
      {"stdin", {"/echo", "--data-binary", "@-"}, "POST /echo HTTP/1.1\r\n", {}, "from stdin\n"},
      {"headers of one's own",
       {"/echo", "-H", "X-A:  b ", "-H", "content-type: text/plain", "-d", "x"},
       "POST /echo HTTP/1.1\r\n",
       {"x-a: b\r\n", "content-type: text/plain\r\n"},
       "x"},
      {"another key", {"/echo", "-H", "x-api-key: mine"}, "GET /echo HTTP/1.1\r\n", {"x-api-key: mine\r\n"}, ""},
      {"the name of a route", {"POST /echo"}, "POST /echo HTTP/1.1\r\n", {}, ""},
      {"the name of a service", {"orders"}, "POST /echo HTTP/1.1\r\n", {}, ""},
      {"a service with another method", {"GET", "orders"}, "GET /echo HTTP/1.1\r\n", {}, ""},
  };
  support::FakeUpstream upstream;
  for (const Row& row : rows) {
    CAPTURE(row.name);
    auto files = project(upstream.url());
    files.content["/project/body"] = "one\r\ntwo\n";
    std::vector<std::string> line{"call"};
    line.insert(line.end(), row.arguments.begin(), row.arguments.end());
    const auto ran = run(line, files, {.in = "from stdin\n"});
    CHECK(ran.exit == 0);
    CHECK(ran.err.empty());
    CHECK(ran.out.starts_with(row.first_line));
    for (const std::string_view part : row.has) CHECK(ran.out.find(part) != std::string::npos);
    CHECK(ran.out.ends_with("\r\n\r\n" + std::string{row.body}));
    if (row.name == "another key") CHECK(ran.out.find("dev-key") == std::string::npos);
  }
}

TEST_CASE("the exit code follows the status of the reply") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  const std::pair<std::string, int> rows[] = {{"200", 0}, {"204", 0}, {"302", 0}, {"400", 1}, {"404", 1},
                                              {"401", 4}, {"403", 4}, {"429", 1}, {"500", 3}, {"503", 3}};
  for (const auto& [status, exit] : rows) {
    CAPTURE(status);
    const auto ran = run({"call", "/status/" + status}, files);
    CHECK(ran.exit == exit);
    CHECK(ran.err == (exit == 0 ? "" : "error: GET /status/" + status + " answered " + status + "\n"));
    CHECK(run({"call", "-q", "/status/" + status}, files).err.empty());
  }
}

TEST_CASE("-v shows both heads and never the key") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  const auto ran = run({"call", "-v", "/status/200"}, files);
  CHECK(ran.err.starts_with("> GET /status/200\n> authorization: ***\n"));
  CHECK(ran.err.find("\n< 200\n") != std::string::npos);
  CHECK(ran.err.find("dev-key") == std::string::npos);
}

TEST_CASE("-v shows the route that the config gives, and says what is not known of the rest") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  const auto ran = run({"call", "-v", "/echo", "-d", "x"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.err.find("* match     POST /echo: chosen  (apigw.yaml:6)\n"
                     "* admit     auth none, by default\n"
                     "* admit     body at most 10485760 bytes, by default\n< 200\n") != std::string::npos);
  CHECK(ran.err.ends_with("* settle    not known: the reply names no request\n"));
  CHECK(run({"call", "-v", "/echo"}, files)
            .err.find("* match     POST /echo: takes POST only  (apigw.yaml:6)\n"
                      "* match     the path takes POST, not GET\n") != std::string::npos);
  files.content["/project/apigw.yaml"] = "apigw: 2\n";
  CHECK(run({"call", "-v", "/echo"}, files).err.find("* match     the config here cannot be read as it is now") !=
        std::string::npos);
}

TEST_CASE("where a project stands, the gateway of another one is not called") {
  const std::string_view none = "error: no gateway is running for this project\n";
  auto files = project("http://127.0.0.1:1", "/another/apigw.yaml");
  CHECK(run({"call", "/x"}, files).err.starts_with(none));
  files.content.erase("/project/apigw.yaml");
  CHECK(run({"call", "/x"}, files).err == "error: GET http://127.0.0.1:1/x: connection refused\n");
  CHECK(run({"call", "-C", "/project", "/x"}, files).err.starts_with(none));
}

TEST_CASE("without a gateway, or with one that is gone, call is exit 3") {
  testing::MemoryFiles none;
  const auto absent = run({"call", "/x"}, none);
  CHECK(absent.exit == 3);
  CHECK(absent.err ==
        "error: no gateway is running for this project\n help: start it first, in another terminal: apigw run\n");
  auto files = project("http://127.0.0.1:1");
  const auto gone = run({"call", "/x"}, files);
  CHECK(gone.exit == 3);
  CHECK(gone.err == "error: GET http://127.0.0.1:1/x: connection refused\n");
}

TEST_CASE("a reply that is cut is exit 3 after what came") {
  support::FakeUpstream upstream;
  auto files = project(upstream.url());
  const auto ran = run({"call", "/cut"}, files);
  CHECK(ran.exit == 3);
  CHECK(ran.err.find("the connection ended before the reply was whole") != std::string::npos);
}

TEST_CASE("what cannot be called is exit 2 with a way on") {
  struct Row {
    std::vector<std::string> arguments;
    std::string_view says;
  };
  const Row rows[] = {
      {{}, "error: nothing to call\n help: write a path or a name: apigw call GET /hello\n"},
      {{"ordes"}, "error: no route, service or prompt is called 'ordes'\n help: did you mean 'orders'?\n"},
      {{"http://me:pw-1@orders.example"},
       "error: no route, service or prompt is called 'http://…@orders.example'\n help: paths begin with a slash\n"},
      {{"stock"},
       "error: every route of service 'stock' has a variable\n help: write a path that fits 'GET /stock/{id}'\n"},
      {{"G T", "/x"}, "error: 'G T' is no method\n help: write it as in GET /hello\n"},
      {{"/a b"}, "error: a path cannot hold blanks or control characters\n help: write %20 for a blank\n"},
      {{"/x", "-H", "nothing"}, "error: --header cannot be 'nothing'\n help: write 'name: value'\n"},
      {{"/x", "-H", "a: b\r\nc: d"}, "error: --header cannot be 'a: b\\r\\nc: d'\n help: write 'name: value'\n"},
      {{"/x", "-d", "@nowhere"}, "error: read 'nowhere': no such file or directory\n"},
      {{"/x", "-o", "json"}, "error: --output has no use here\n help: call prints the reply's body as it comes\n"},
  };
  for (const Row& row : rows) {
    auto files = project("http://127.0.0.1:1");
    std::vector<std::string> line{"call"};
    line.insert(line.end(), row.arguments.begin(), row.arguments.end());
    const auto ran = run(line, files);
    CHECK(ran.exit == 2);
    CHECK(ran.err == row.says);
  }
}
