#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/cli.h"
#include "yaml/tree.h"

using namespace apigw;
using apigw::testing::run;

namespace {

constexpr const char* own_config = R"(apigw: 1   # the shop

services:
  # what is left of it
  old: { run: ./old, dir: old, port: 9003 }   # since 2019

routes:
  /old/**: { to: old, strip: /old }
)";

constexpr const char* document = R"(openapi: 3.1.0
servers: [{ url: https://api.shop.example/v1/ }]
paths:
  /items: { get: {}, post: {}, parameters: [] }
  "/items/{item-id}": { delete: {} }
  "/a{b}c": { get: {} }
  /healthz: { get: {} }
  /readyz: { get: {} }
  /metrics: { get: {} }
)";

testing::MemoryFiles shop() {
  return {{"apigw.yaml", own_config},
          {"svc/stock/go.mod", "module stock\n"},
          {"svc/stock/main.go", "package main\n"},
          {"svc/stock/Dockerfile", "FROM scratch\nEXPOSE 9004\n"},
          {"svc/stock/openapi.yaml", document},
          {"svc/page/package.json", R"({"scripts": {"start": "x"}})"},
          {"svc/odd/notes.txt", "?"}};
}

}  // namespace

TEST_CASE("a folder comes into the config with what its files tell, comments and layout kept") {
  auto files = shop();
  const auto added = run({"add", "service", "svc/stock/"}, files);
  CHECK(added.exit == 0);
  CHECK(added.err == "note: openapi.yaml: no route can say '/a{b}c'\n\nNext: apigw run\n");
  CHECK(added.out ==
        "stock  Go, as go.mod tells\nport 9004, as Dockerfile tells\nwrote to apigw.yaml:\n"
        "  stock: { run: \"go build -buildvcs=false -o bin/service . && exec bin/service\", dir: svc/stock, health: "
        "/v1/readyz, port: 9004 }\n"
        "  GET,POST /stock/v1/items\n  DELETE /stock/v1/items/{item_id}\n");
  CHECK(files.content.at("/project/apigw.yaml") == R"(apigw: 1   # the shop

services:
  # what is left of it
  old: { run: ./old, dir: old, port: 9003 }   # since 2019
  stock: { run: "go build -buildvcs=false -o bin/service . && exec bin/service", dir: svc/stock, health: /v1/readyz, port: 9004 }

routes:
  /old/**: { to: old, strip: /old }
  GET,POST /stock/v1/items: { to: stock, strip: /stock }
  DELETE /stock/v1/items/{item_id}: { to: stock, strip: /stock }
)");
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);

  const auto before = files.content;
  const auto again = run({"add", "service", "./svc/stock"}, files);
  CHECK(again.exit == 0);
  CHECK(again.out == "apigw.yaml has 'stock' already\n");
  CHECK(again.err.empty());
  CHECK(run({"add", "service", "svc/stock", "--diff"}, files).exit == 0);
  CHECK(files.content == before);
}

TEST_CASE("without a document one route stands for all, and --diff and --dry-run write nothing") {
  auto files = shop();
  const auto before = files.content;
  const auto diff = run({"add", "service", "svc/page", "--route", "/shop/page/", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.find("\n+  page: { run: exec npm start, dir: svc/page }\n") != std::string::npos);
  CHECK(diff.out.find("\n+  /shop/page/**: { to: page, strip: /shop/page }\n") != std::string::npos);
  const auto dry = run({"add", "service", "svc/page", "--dry-run", "-o", "json"}, files);
  CHECK(dry.exit == 0);
  CHECK(dry.out.find("\"routes\": [\n    \"/page/**\"\n  ]") != std::string::npos);
  CHECK(dry.err.empty());
  CHECK(files.content == before);
}

TEST_CASE("flags go before what the files tell") {
  auto files = shop();
  const std::vector<std::string> line{"add",   "service", "svc/odd", "--name", "shop-odd",
                                      "--run", "./odd",   "--port",  "9009"};
  CHECK(run(line, files).exit == 0);
  CHECK(
      files.content.at("/project/apigw.yaml").find("\n  shop-odd: { run: \"./odd\", dir: svc/odd, port: 9009 }\n") !=
      std::string::npos);
  CHECK(files.content.at("/project/apigw.yaml").find("\n  /shop-odd/**: { to: shop-odd, strip: /shop-odd }\n") !=
        std::string::npos);
}

TEST_CASE("a port that the project has already is left to apigw run") {
  auto files = shop();
  for (const char* port : {"9003", "8080", "8081"}) {
    files.content["/project/svc/stock/Dockerfile"] = std::string("FROM scratch\nEXPOSE ") + port + "\n";
    const auto added = run({"add", "service", "svc/stock", "--dry-run"}, files);
    CHECK(added.exit == 0);
    CHECK(added.out.find("port") == std::string::npos);
    CHECK(added.err.find(std::string("note: Dockerfile: port ") + port + " is taken here, so PORT is set") !=
          std::string::npos);
  }
}

TEST_CASE("a document that cannot be read is told and not used") {
  auto files = shop();
  for (const char* broken : {"[", "openapi: 3.1.0\n", "paths: 7\n", ""}) {
    CAPTURE(broken);
    files.content["/project/svc/stock/openapi.yaml"] = broken;
    const auto added = run({"add", "service", "svc/stock", "--dry-run"}, files);
    CHECK(added.exit == 0);
    CHECK(added.err == "note: openapi.yaml: no paths can be read, so it is not used\n");
    CHECK(added.out.ends_with("\n  /stock/**\n"));
  }
  std::string large = "paths:\n";
  for (int i = 0; i < 501; ++i) large += "  /p" + std::to_string(i) + ": { get: {} }\n";
  files.content["/project/svc/stock/openapi.yaml"] = large;
  const auto added = run({"add", "service", "svc/stock", "--dry-run"}, files);
  CHECK(added.err == "note: openapi.yaml: 501 paths are more than 500, so one route stands for all\n");
  CHECK(added.out.ends_with("\n  /stock/**\n"));
}

TEST_CASE("an address is called where it is, under its host's name") {
  testing::MemoryFiles files;
  const auto added = run({"add", "service", "http://stock.internal.example:9001/api/"}, files);
  CHECK(added.exit == 0);
  CHECK(files.content.at("/project/apigw.yaml") ==
        "apigw: 1\n\nservices:\n  stock: { url: http://stock.internal.example:9001/api }\n\nroutes:\n"
        "  /stock/**: { to: stock, strip: /stock }\n");
  const auto before = files.content;
  CHECK(run({"add", "service", "http://stock.internal.example:9001/api"}, files).out ==
        "apigw.yaml has 'stock' already\n");
  CHECK(run({"add", "service", "http://stock.internal.example:9001"}, files).exit == 2);
  CHECK(run({"add", "service", "http://127.0.0.1:9001", "--name", "stock"}, files).exit == 2);
  CHECK(files.content == before);
}

TEST_CASE("what keeps it from its end is told with a way out, and nothing is written") {
  struct Row {
    std::vector<std::string> line;
    std::string message;
  };
  const std::vector<Row> rows{
      {{"svc/none"}, "error: 'svc/none' is no folder\n help: give the folder of a service, or an address"},
      {{"svc/stock/go.mod"}, "error: 'svc/stock/go.mod' is no folder\n"},
      {{"svc/odd"}, "error: nothing in 'svc/odd' tells how it starts\n help: give the command with --run"},
      {{"svc/stock", "--name", "a b"}, "error: 'a b' is not a service name\n"},
      {{"svc/stock", "--name", "null"}, "error: 'null' means something else than a name in YAML\n"},
      {{"svc/stock", "--name", "old"}, "error: service 'old' is in apigw.yaml already, at another place\n"},
      {{"svc/stock", "--port", "0"}, "error: --port '0' is no port\n"},
      {{"svc/stock", "--route", "stock"}, "error: --route 'stock': it needs a name behind its '/'\n"},
      {{"svc/page", "--route", "/old"}, "error: the config has a route '/old/**' already\n"},
      {{"http://127.0.0.1:9001"}, "error: the address has no name in it\n help: give one with --name"},
      {{"ftp://stock.example"}, "error: 'ftp://stock.example': apigw calls http and https only\n"},
      {{"http://me:pw-1@stock.example/v1"}, "error: 'http://…@stock.example/v1': it holds credentials\n"},
      {{"http://me:pw/@1@stock.example"}, "error: 'http://…@stock.example': "},
      {{"http://stock.example", "--run", "x"}, "error: --run and --port are for a folder\n"},
      {{"svc/stock", "-c", "-"}, "error: add service needs a file, not stdin\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    auto files = shop();
    const auto before = files.content;
    std::vector<std::string> line{"add", "service"};
    line.insert(line.end(), row.line.begin(), row.line.end());
    const auto refused = run(line, files);
    CHECK(refused.exit == 2);
    CHECK(refused.err.starts_with(row.message));
    CHECK(files.content == before);
  }
}

TEST_CASE("a config with errors takes no service") {
  testing::MemoryFiles files{{"apigw.yaml", "apigw: 1\nroutes: { /x: nobody }\n"}, {"svc/a/main.py", ""}};
  const auto refused = run({"add", "service", "svc/a"}, files);
  CHECK(refused.exit == 2);
  CHECK(refused.err.find("AGW") != std::string::npos);
  CHECK(refused.err.find("error: the config has errors\n help: mend them first") != std::string::npos);
}

namespace {

std::vector<std::string> services_of(const std::string& config) {
  std::vector<std::string> names;
  diag::Sources sources;
  diag::Report report;
  const auto tree = yaml::parse(sources.add("apigw.yaml", config), sources, report);
  REQUIRE(tree);
  for (const yaml::Entry& entry : tree->root().find("services")->entries) names.push_back(entry.key->value);
  return names;
}

}  // namespace

TEST_CASE("a document brings no more into the config than its paths") {
  for (const char* url : {"https://h/x }\\n  evil: { run: touch /tmp/x; sleep 100 } # ", "https://h/x, run: evil",
                          "https://h/a: b", "https://h/x #", "/${SECRET}", "https://h/{v}"}) {
    CAPTURE(url);
    auto files = shop();
    files.content["/project/svc/stock/openapi.yaml"] =
        std::string("servers: [{ url: \"") + url + "\" }]\npaths: { /healthz: { get: {} }, /a: { get: {} } }\n";
    const auto added = run({"add", "service", "svc/stock"}, files);
    CHECK(added.exit == 0);
    CHECK(added.err.contains(" of its server is no path and left out: "));
    const std::string config = files.content.at("/project/apigw.yaml");
    CHECK(services_of(config) == std::vector<std::string>{"old", "stock"});
    CHECK(config.contains("dir: svc/stock, health: /healthz, port: 9004 }\n"));
    CHECK(config.contains("\n  GET /stock/a: { to: stock, strip: /stock }\n"));
  }
}

TEST_CASE("a path of a document is one key, whatever stands in it") {
  auto files = shop();
  files.content["/project/svc/stock/openapi.yaml"] =
      "paths:\n"
      "  \"/a: { to: old }\\n  /b\": { get: {} }\n"
      "  /it's: { get: {} }\n"
      "  /a:b: { get: {} }\n"
      "  /a,b: { get: {} }\n"
      "  /healthz: { get: {} }\n";
  const auto added = run({"add", "service", "svc/stock"}, files);
  CHECK(added.exit == 0);
  CHECK(added.err.starts_with("note: openapi.yaml: no route can say '/a: { to: old }"));
  const std::string config = files.content.at("/project/apigw.yaml");
  CHECK(config.contains("\n  \"GET /stock/it's\": { to: stock, strip: /stock }\n"));
  CHECK(config.contains("\n  GET /stock/a:b: { to: stock, strip: /stock }\n"));
  CHECK(config.contains("\n  GET /stock/a,b: { to: stock, strip: /stock }\n"));
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);
}

TEST_CASE("folders, prefixes and commands are quoted as YAML wants it, in braces, too") {
  for (const char* config : {own_config, "apigw: 1\nservices: {}\nroutes: {}\n"}) {
    testing::MemoryFiles files{{"apigw.yaml", config}, {"a:/package.json", R"({"scripts": {"start": "x"}})"}};
    CHECK(
        run({"add", "service", "a:", "--name", "a", "--route", "/a,b", "--run", "echo \"${PORT}\" # }, x: {"}, files)
            .exit == 0);
    const std::string after = files.content.at("/project/apigw.yaml");
    CAPTURE(after);
    CHECK(after.contains(R"(a: { run: 'echo "$${PORT}" # }, x: {', dir: "a:" })"));
    CHECK(after.contains("/a,b/**"));
    CHECK(after.contains(R"({ to: a, strip: "/a,b" })"));
    CHECK(run({"validate"}, files).exit == 0);
  }
  testing::MemoryFiles files{{"apigw.yaml", "{ apigw: 1 }\n"}, {"svc/stock/openapi.yaml", document}};
  CHECK(run({"add", "service", "svc/stock", "--run", "x"}, files).exit == 0);
  CHECK(
      files.content.at("/project/apigw.yaml").contains("\"GET,POST /stock/v1/items\": { to: stock, strip: /stock }"));
}

TEST_CASE("a path for all that follows is a route for all, and a reference is followed or told") {
  auto files = shop();
  files.content["/project/svc/stock/openapi.yaml"] =
      "paths:\n"
      "  /files/{proxy+}: { get: {} }\n"
      "  /rest/{rest*}: { post: {} }\n"
      "  /early/{a+}/b: { get: {} }\n"
      "  /near: { $ref: '#/components/pathItems/near' }\n"
      "  /far: { $ref: 'other.yaml#/x' }\n"
      "components: { pathItems: { near: { put: {} } } }\n";
  const auto added = run({"add", "service", "svc/stock", "--dry-run"}, files);
  CHECK(added.exit == 0);
  CHECK(added.out.ends_with("\n  GET /stock/files/**\n  POST /stock/rest/**\n  PUT /stock/near\n"));
  CHECK(added.err ==
        "note: openapi.yaml: no route can say '/early/{a+}/b'\n"
        "note: openapi.yaml: '/far' has no route: reference 'other.yaml#/x' is not followed: only this document is "
        "read\n");
}

TEST_CASE("paths of a document that take the same requests are one route, the others are told") {
  const std::string alike =
      "paths:\n"
      "  /x/{id}: { get: {}, delete: {} }\n"
      "  /x/{name}: { get: {}, trace: {} }\n"
      "  /y/{a.b}: { get: {} }\n"
      "  /y/{a-b}: { get: {} }\n"
      "  /y/{a+}/c: { get: {} }\n";
  const std::string told =
      "'GET /x/{name}' has no route: '/x/{id}' takes the same requests\n"
      "note: NAME: 'GET /y/{a-b}' has no route: '/y/{a.b}' takes the same requests\n"
      "note: NAME: no route can say '/y/{a+}/c'\n";
  auto files = shop();
  files.content["/project/svc/stock/openapi.yaml"] = alike;
  const auto added = run({"add", "service", "svc/stock"}, files);
  CHECK(added.exit == 0);
  const auto notes = [&](std::string name) {
    std::string out = "note: NAME: " + told;
    for (auto at = out.find("NAME"); at != std::string::npos; at = out.find("NAME", at)) out.replace(at, 4, name);
    return out;
  };
  CHECK(added.err.starts_with(notes("openapi.yaml")));
  CHECK(files.content.at("/project/apigw.yaml").ends_with(R"(
  GET,DELETE /stock/x/{id}: { to: stock, strip: /stock }
  TRACE /stock/x/{name}: { to: stock, strip: /stock }
  GET /stock/y/{a_b}: { to: stock, strip: /stock }
)"));
  CHECK(run({"validate", "--fail-on", "warning"}, files).exit == 0);

  testing::MemoryFiles own{{"apigw.yaml", "apigw: 1\n"},
                           {"kind/template.yaml", "apigw-template: 1\nrun: ./serve\n"},
                           {"kind/openapi.json", alike}};
  const auto made = run({"new", "service", "stock", "--template", "kind"}, own);
  CHECK(made.exit == 0);
  CHECK(made.err.starts_with(notes("services/stock/openapi.json")));
  CHECK(own.content.at("/project/apigw.yaml").contains("\n  TRACE /stock/x/{name}: { to: stock, strip: /stock }\n"));
}

TEST_CASE("the address of a document's server is read as an import reads it") {
  struct Row {
    std::string_view head, note, base;
  };
  for (const Row& row : {Row{"servers: [{ url: 'https://h/{v}', variables: { v: { default: v1 } } }]\n",
                             "note: openapi.yaml: variable 'v' of its server stands at its default 'v1'\n", "/v1"},
                         Row{"swagger: '2.0'\nhost: h\nbasePath: /v2/\n", "", "/v2"}, Row{"swagger: '2.0'\n", "", ""},
                         Row{"servers: 1\n", "", ""}}) {
    CAPTURE(row.head);
    auto files = shop();
    files.content["/project/svc/stock/openapi.yaml"] =
        std::string(row.head) + "paths: { /healthz: { get: {} }, /a: { get: {}, query: {} } }\n";
    const auto added = run({"add", "service", "svc/stock"}, files);
    CHECK(added.exit == 0);
    CHECK(added.err == std::string(row.note) + "\nNext: apigw run\n");
    const std::string config = files.content.at("/project/apigw.yaml");
    CHECK(config.contains(fmt::format("health: {}/healthz", row.base)));
    CHECK(config.contains(fmt::format("\n  GET,QUERY /stock{}/a: {{ to: stock, strip: /stock }}\n", row.base)));
  }
}

TEST_CASE("what another command or a person wrote in the meantime stays") {
  static constexpr const char* saved = "apigw: 1\nservices: { other: { url: http://127.0.0.1:9 } }\n";
  class Busy final : public testing::MemoryFiles {
   public:
    Result<std::shared_ptr<void>> lock(const std::string& path, std::chrono::milliseconds wait) override {
      content["/project/apigw.yaml"] = saved;
      return testing::MemoryFiles::lock(path, wait);
    }
  } files;
  files.content = shop().content;
  CHECK(run({"add", "service", "svc/page"}, files).exit == 0);
  CHECK(files.content.at("/project/apigw.yaml").contains("other: { url: http://127.0.0.1:9 }, page: {"));

  class Saved final : public testing::MemoryFiles {
   public:
    Result<std::string> read(const std::string& path, std::size_t limit) const override {
      if (path == "apigw.yaml" && ++reads > 1) return saved;
      return testing::MemoryFiles::read(path, limit);
    }
    mutable int reads = 0;
  } person;
  person.content = shop().content;
  const auto kept = person.content;
  const auto added = run({"add", "service", "svc/page"}, person);
  CHECK(added.exit == 3);
  CHECK(added.err.contains("error: 'apigw.yaml' changed in the meantime\n help: run the command again"));
  CHECK(person.content == kept);

  class Held final : public testing::MemoryFiles {
   public:
    Result<std::shared_ptr<void>> lock(const std::string&, std::chrono::milliseconds) override {
      return fail(ErrorKind::timeout, "write 'apigw.yaml': another command writes it since 10 s");
    }
  } held;
  held.content = shop().content;
  const auto before = held.content;
  const auto refused = run({"add", "service", "svc/page"}, held);
  CHECK(refused.exit == 3);
  CHECK(refused.err.contains("error: write 'apigw.yaml': another command writes it since 10 s\n"));
  CHECK(held.content == before);
  CHECK(run({"new", "service", "orders", "--lang", "python"}, held).exit == 3);
  CHECK(held.content == before);
  CHECK(run({"add", "service", "svc/page", "--dry-run"}, held).exit == 0);
  CHECK(run({"new", "service", "orders", "--lang", "python", "--diff"}, held).exit == 1);
}
