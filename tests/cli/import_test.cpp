// `apigw import` as its users run it: the goldens of every kind, the pages of its codes, files and outputs.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "diag/diagnostic.h"
#include "import/importer.h"
#include "support/cli.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::MemoryFiles;
using apigw::testing::run;

namespace {

constexpr const char* stock =
    "openapi: 3.1.0\n"
    "info: { title: Stock, version: 1.0.0 }\n"
    "servers: [{ url: \"https://stock.example/v1\" }]\n"
    "paths: { /items: { get: { operationId: listItems } } }\n";
constexpr const char* stock_config =
    "# From stock.yaml by `apigw import openapi`; the lines are its own.\n"
    "apigw: 1\n"
    "\n"
    "routes:\n"
    "  GET /items: { to: stock, operation: \"stock.yaml#listItems\" }  # line 4, listItems\n"
    "\n"
    "services:\n"
    "  stock: https://stock.example/v1  # line 3, Stock\n";
constexpr const char* lossy =
    "openapi: 3.1.0\n"
    "info: { title: Stock, version: 1.0.0 }\n"
    "servers: [{ url: \"https://stock.example/v1\" }]\n"
    "paths: { /items: { get: { operationId: listItems, parameters: [{ name: session, in: cookie }] } } }\n";

std::string block(int code, std::string_view kind) {
  const std::string_view page = diag::page(code);
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open) + open.size();
  return std::string(page.substr(begin, page.find("\n```", begin) + 1 - begin));
}

std::string kind_of_document(std::string_view text) {
  return text.starts_with("model_list") ? "litellm" : "openapi";
}

// `files` holds the document, which the config may name.
void check_valid(MemoryFiles files, const std::string& config) {
  files.content["/project/apigw.yaml"] = config;
  const auto judged = run({"validate", "apigw.yaml"}, files);
  CHECK_MESSAGE(judged.exit == 0, judged.out);
}

}  // namespace

TEST_CASE("every golden document becomes the config and the losses that stand beside it, and the config is valid") {
  std::size_t documents = 0;
  for (const import::RosterRow& row : import::roster()) {
    const std::string folder = fmt::format("golden/import/{}", row.word);
    for (const auto& file : golden::inputs(folder, ".in")) {
      CAPTURE(file.string());
      ++documents;
      const std::string name = file.stem().string();
      MemoryFiles files{{name, golden::read(file)}};
      const auto ran = run({"import", std::string(row.word), name, "-o", "full"}, files);
      CHECK(ran.exit == 0);
      golden::check(fmt::format("{}/{}.yaml", folder, name), ran.out);
      golden::check(fmt::format("{}/{}.expected", folder, name), ran.err);
      check_valid(files, ran.out);
      CHECK_FALSE(ran.out.contains("swordfish"));
      CHECK_FALSE(ran.err.contains("swordfish"));
      CHECK_FALSE(ran.err.contains("0123456789abcdef"));
      const auto again = run({"import", std::string(row.word), name, "-o", "full"}, files);
      CHECK(again.out == ran.out);
      CHECK(again.err == ran.err);
    }
  }
  CHECK(documents >= import::roster().size());
}

TEST_CASE("the bad example of each page of import yields its code, the good one does not") {
  for (const diag::Code& row : diag::codes()) {
    if (row.number < 720 || row.number >= 750) continue;
    CAPTURE(row.number);
    const std::string name = diag::code_name(row.number);
    MemoryFiles files{{"bad", block(row.number, "bad")}, {"good", block(row.number, "good")}};
    const auto refused = run({"import", kind_of_document(files.content["/project/bad"]), "bad"}, files);
    golden::check(fmt::format("golden/import/{}.expected", name), refused.err);
    CHECK(refused.err.contains(fmt::format("[{}]: ", name)));
    CHECK(refused.exit == (row.severity == diag::Severity::error ? 2 : 0));
    CHECK(refused.out.empty() == (row.severity == diag::Severity::error));
    const auto taken = run({"import", kind_of_document(files.content["/project/good"]), "good"}, files);
    CHECK(taken.exit == 0);
    CHECK_FALSE(taken.err.contains(name));
    check_valid(files, taken.out);
  }
}

TEST_CASE("routes name the operations of a document that stands where the config can name it") {
  constexpr const char* document =
      "openapi: 3.1.0\n"
      "info: { title: Stock, version: 1.0.0 }\n"
      "servers: [{ url: \"https://stock.example/v1\" }]\n"
      "paths:\n"
      "  /items/{id}:\n"
      "    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]\n"
      "    get: { operationId: showItem }\n"
      "    delete: { operationId: showItem }\n"
      "  /items/{item-id}/parts:\n"
      "    get: { parameters: [{ name: item-id, in: path, required: true, schema: { type: integer } }] }\n"
      "  /names/{name}:\n"
      "    get: { parameters: [{ name: name, in: path, required: true, schema: { type: string } }] }\n"
      "  /broken:\n"
      "    get: { parameters: [{ name: page, in: query, schema: { $ref: '#/nowhere' } }] }\n";
  MemoryFiles files{{"api/stock.yaml", document}};
  const auto here = run({"import", "openapi", "api/stock.yaml"}, files);
  CHECK(here.exit == 0);
  CHECK(here.out.contains("  GET /items/{id}: { to: stock, operation: \"api/stock.yaml#showItem\" }"));
  CHECK(here.out.contains("  DELETE /items/{id}: { to: stock, operation: \"api/stock.yaml#DELETE /items/{id}\" }"));
  CHECK(here.out.contains("  GET /names/{name}: { to: stock, operation: \"api/stock.yaml#GET /names/{name}\" } "));
  CHECK(here.out.contains("  GET /broken: stock "));
  CHECK_MESSAGE(here.err.contains("1 parameter of 'GET /broken' is not judged by the written route"), here.err);
  CHECK_MESSAGE(here.err.contains("1 parameter of 'GET /items/{item_id}/parts' is not judged"), here.err);
  check_valid(files, here.out);
  const auto below = run({"import", "openapi", "api/stock.yaml", "--to", "api/apigw.yaml"}, files);
  CHECK(files.content.at("/project/api/apigw.yaml").contains("operation: \"stock.yaml#showItem\""));
  const auto away = run({"import", "openapi", "api/stock.yaml", "--to", "other/apigw.yaml"}, files);
  CHECK_FALSE(files.content.at("/project/other/apigw.yaml").contains("operation"));
  const auto piped = run({"import", "openapi", "-"}, files, {.in = document, .environment = {}, .terminal = {}});
  CHECK_FALSE(piped.out.contains("operation"));
}

TEST_CASE("a document comes from stdin, and the config goes to stdout") {
  const auto ran = run({"import", "openapi", "-"}, {.in = stock, .environment = {}, .terminal = {}});
  CHECK(ran.exit == 0);
  CHECK(ran.out.starts_with("# From - by `apigw import openapi`"));
  CHECK(ran.err.empty());
}

TEST_CASE("with --to a file is written, and one that differs is kept without --force") {
  MemoryFiles files{{"stock.yaml", stock}};
  const auto dry = run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml", "--dry-run"}, files);
  CHECK(dry.exit == 0);
  CHECK(dry.out == "create\tapigw.yaml\n");
  CHECK_FALSE(files.content.contains("/project/apigw.yaml"));
  const auto diff = run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml", "--diff"}, files);
  CHECK(diff.exit == 1);
  CHECK(diff.out.contains("+apigw: 1\n"));
  CHECK_FALSE(files.content.contains("/project/apigw.yaml"));

  const auto first = run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml"}, files);
  CHECK(first.exit == 0);
  CHECK(first.out == "create\tapigw.yaml\n");
  CHECK(files.content.at("/project/apigw.yaml") == stock_config);
  CHECK(run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml"}, files).out == "same\tapigw.yaml\n");
  CHECK(run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml", "--diff"}, files).exit == 0);

  files.content["/project/apigw.yaml"] = "apigw: 1\n";
  const auto kept = run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml"}, files);
  CHECK(kept.exit == 1);
  CHECK(kept.err ==
        "error: 'apigw.yaml' is there and differs: nothing is changed\n"
        " help: --force replaces it; --diff shows what would change\n");
  CHECK(files.content.at("/project/apigw.yaml") == "apigw: 1\n");
  const auto forced = run({"import", "openapi", "stock.yaml", "--to", "apigw.yaml", "--force"}, files);
  CHECK(forced.out == "replace\tapigw.yaml\n");
  CHECK(files.content.at("/project/apigw.yaml") == stock_config);
}

TEST_CASE("--strict writes nothing where something is lost, and notes are no loss") {
  MemoryFiles files{{"lossy.yaml", lossy}, {"stock.yaml", stock}};
  const auto lax = run({"import", "openapi", "lossy.yaml"}, files);
  CHECK(lax.exit == 0);
  const auto strict = run({"import", "openapi", "lossy.yaml", "--strict", "--to", "apigw.yaml"}, files);
  CHECK(strict.exit == 1);
  CHECK(strict.out.empty());
  CHECK(strict.err.contains("something would be lost, and --strict refuses that"));
  CHECK_FALSE(files.content.contains("/project/apigw.yaml"));
  CHECK(run({"import", "openapi", "stock.yaml", "--strict"}, files).exit == 0);
  files.content["/project/noted.yaml"] = "openapi: 3.1.0\npaths: { /a: { get: { summary: A } } }\n";
  const auto noted = run({"import", "openapi", "noted.yaml", "--strict"}, files);
  CHECK(noted.exit == 0);
  CHECK(noted.err.contains("note[AGW722]"));
}

TEST_CASE("findings go to stderr, to stdout beside a file, or into a file of their own") {
  MemoryFiles files{{"lossy.yaml", lossy}};
  const auto json = run({"import", "openapi", "lossy.yaml", "-o", "json"}, files);
  CHECK(json.out.starts_with("# From lossy.yaml"));
  CHECK(nlohmann::json::parse(json.err)["findings"][0]["code"] == "AGW725");
  const auto beside = run({"import", "openapi", "lossy.yaml", "--to", "apigw.yaml", "-o", "json"}, files);
  CHECK(beside.err.empty());
  CHECK(nlohmann::json::parse(beside.out)["findings"][0]["code"] == "AGW725");
  CHECK(files.content.contains("/project/apigw.yaml"));
  const auto sarif = run({"import", "openapi", "lossy.yaml", "-o", "sarif=out.sarif"}, files);
  CHECK(sarif.out.starts_with("# From lossy.yaml"));
  CHECK(sarif.err.empty());
  CHECK(nlohmann::json::parse(files.content.at("/project/out.sarif"))["version"] == "2.1.0");
  const auto quiet = run({"import", "openapi", "lossy.yaml", "-q"}, files);
  CHECK(quiet.err.empty());
  CHECK(run({"import", "openapi", "lossy.yaml", "-o", "csv"}, files).exit == 2);
}

TEST_CASE("what cannot be read is told with its place, and exit code 2") {
  MemoryFiles files{{"broken.yaml", "openapi: [3\n"}, {"empty", ""}, {"stock.yaml", stock}};
  const auto broken = run({"import", "openapi", "broken.yaml"}, files);
  CHECK(broken.exit == 2);
  CHECK(broken.out.empty());
  CHECK(broken.err.starts_with("broken.yaml:1:10: error[AGW105]"));
  CHECK(run({"import", "openapi", "empty"}, files).exit == 2);
  const auto missing = run({"import", "openapi", "missing.yaml"}, files);
  CHECK(missing.exit == 2);
  CHECK(missing.err.contains("missing.yaml"));
  CHECK(run({"import", "openapi"}, files).exit == 2);
  const auto kind = run({"import", "opnapi", "stock.yaml"}, files);
  CHECK(kind.exit == 2);
  CHECK(kind.err.contains("openapi"));
  CHECK(run({"import", "openapi", "stock.yaml", "--diff"}, files).exit == 2);
  CHECK(run({"import", "openapi", "stock.yaml", "--to", ""}, files).exit == 2);
}

TEST_CASE("findings beyond those that are kept are counted, and none of them passes --strict") {
  std::string many = "openapi: 3.1.0\npaths:\n";
  for (int i = 0; i < 1100; ++i) many += fmt::format("  p{}: {{}}\n", i);
  MemoryFiles files{{"many.yaml", many}};
  const auto ran = run({"import", "openapi", "many.yaml"}, files);
  CHECK(ran.exit == 0);
  CHECK(ran.err.ends_with("1000 warnings in many.yaml (100 findings beyond the first 1000 are not shown)\n"));
  CHECK(run({"import", "openapi", "many.yaml", "--strict"}, files).exit == 1);
}

TEST_CASE("validate says how a document of another kind becomes a config") {
  MemoryFiles files{{"stock.yaml", stock}};
  const auto ran = run({"validate", "stock.yaml"}, files);
  CHECK(ran.exit == 2);
  CHECK(ran.err.contains("apigw import openapi stock.yaml"));
}

TEST_CASE("what emit writes for Compose is imported with every service of the config") {
  MemoryFiles files{{"compose.yaml", golden::read(golden::path("golden/emit/cluster.compose.yaml"))}};
  const auto ran = run({"import", "compose", "compose.yaml"}, files);
  CHECK(ran.exit == 0);
  check_valid(files, ran.out);
  CHECK(ran.out.contains("\n  orders:"));
}

TEST_CASE("a path variable for all that follows is a route for all, at the end of a path only") {
  const auto ran = run({"import", "openapi", "-"}, {.in = "openapi: 3.1.0\n"
                                                          "servers: [{ url: \"https://stock.example\" }]\n"
                                                          "paths:\n"
                                                          "  /files/{proxy+}: { get: {} }\n"
                                                          "  /rest/{rest*}: { get: {} }\n"
                                                          "  /early/{a+}/{a+}: { get: {} }\n"});
  CHECK(ran.exit == 0);
  CHECK(ran.out.contains("\n  GET /files/**: "));
  CHECK(ran.out.contains("\n  GET /rest/**: "));
  CHECK_FALSE(ran.out.contains("/early"));
  CHECK(ran.err.contains("-:4:3: note[AGW722]: '{proxy+}' of path '/files/{proxy+}' is imported only nearly: "));
  CHECK(ran.err.contains("-:5:3: note[AGW722]: '{rest*}' of path '/rest/{rest*}' is imported only nearly: "));
  CHECK(ran.err.contains("-:6:3: warning[AGW724]: path '/early/{a+}/{a+}' is lost: '{a+}' is more than one segment"));
}

TEST_CASE("a variable of KrakenD is one segment") {
  const auto ran =
      run({"import", "krakend", "-"}, {.in = R"({"version": 3, "endpoints": [{"endpoint": "/a/{b+}", "backend": [
                              {"host": ["http://a.example"], "url_pattern": "/{b+}"}]}]})"});
  CHECK_FALSE(ran.out.contains("/a/"));
  CHECK(ran.err.contains("endpoint '/a/{b+}' is lost: '{b+}' is no variable of one segment"));
}

TEST_CASE("what goes with a service or a deployment that cannot be called is told") {
  const auto kong = run({"import", "kong", "-"}, {.in = "_format_version: \"3.0\"\n"
                                                        "services:\n"
                                                        "  - name: orders\n"
                                                        "    url: http://user:word@orders.example\n"
                                                        "    routes: [{ name: all, paths: [/orders] }]\n"
                                                        "    plugins: [{ name: key-auth }]\n"
                                                        "plugins: [{ name: cors, service: orders }]\n"});
  CHECK(kong.exit == 0);
  CHECK(
      kong.err.contains("-:5:14: warning[AGW724]: route 'all' of service 'orders' is lost: the service is not "
                        "imported\n"));
  CHECK(kong.err.contains("-:6:15: warning[AGW724]: plugin 'key-auth' of service 'orders' is lost: "));
  CHECK(kong.err.contains("-:7:11: warning[AGW724]: plugin 'cors' of service 'orders' is lost: "));
  CHECK_FALSE((kong.out + kong.err).contains("user:word"));

  const auto litellm = run({"import", "litellm", "-"}, {.in = "model_list:\n"
                                                              "  - model_name: chat\n"
                                                              "    litellm_params:\n"
                                                              "      model: openai/gpt-5-mini\n"
                                                              "      api_base: https://user:word@llm.example/v1\n"
                                                              "      api_key: os.environ/LLM_KEY\n"});
  CHECK(
      litellm.err.contains("-:5:17: warning[AGW726]: a deployment of model 'chat' is left out: its address cannot be "
                           "called: it holds credentials"));
  CHECK_FALSE(litellm.err.contains("api_key"));
}

TEST_CASE("a service of Compose at the gateway's own port is told, by the import and by validate") {
  MemoryFiles files{{"compose.yaml", "services: { web: { image: \"web:1\", ports: [\"8080:80\"] } }\n"}};
  const auto ran = run({"import", "compose", "compose.yaml"}, files);
  CHECK(ran.err.contains("port 8080 of service 'web' is imported only nearly: the gateway listens there itself"));
  files.content["/project/apigw.yaml"] = ran.out;
  CHECK(run({"validate"}, files).out.contains("AGW346"));
  files.content["/project/apigw.yaml"] += "listen: 127.0.0.1:8090\n";
  CHECK_FALSE(run({"validate"}, files).out.contains("AGW346"));
}
