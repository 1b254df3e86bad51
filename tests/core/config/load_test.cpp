#include "config/load.h"

#include <cstdlib>
#include <fstream>
#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/config/world.h"
#include "support/skip.h"

using namespace apigw;
using namespace apigw::config;
using namespace apigw::config::testing;

TEST_CASE("one run reports everything, one cause once") {
  const auto loaded = load_text(R"(apigw: 1
listen: 0.0.0.0:8080
caps: { body: big }
providers: { opena: {} }
models: { chat: openai/x }
services: { a: http://127.0.0.1:1, b: { run: ./b, calls: [c] } }
routes:
  GET /a/{id}: a
  GET /a/{name}: a
  get /x: b
  /y: { to: bb, strip: /z, limit: 5 }
consumers: { shop: {} }
)");
  CHECK(codes(loaded) == "AGW203 AGW211 AGW212 AGW306 AGW307 AGW321 AGW322 AGW324 AGW331 AGW402");
  CHECK(loaded.plan == nullptr);
}

TEST_CASE("an unreadable value is not reported a second time by what depends on it") {
  struct Row {
    std::string_view name, text, codes;
  };
  for (const Row& row :
       {Row{"service url", "services: { a: \"nope nope\" }\nroutes: { /a: a }\n", "AGW301"},
        {"services as a whole", "services: 3\nroutes: { /a: a }\n", "AGW202"},
        {"providers as a whole", "providers: 3\nmodels: { chat: openai/x }\n", "AGW202"},
        {"consumer key", "consumers: { a: { key: x } }\n", "AGW403"},
        {"route", "services: { a: http://127.0.0.1:1 }\nroutes: { /a: 3, /b: { too: a } }\n", "AGW201 AGW322"},
        {"a key in a secret field", "admin: { key: sk-0000000000000EXAMPLE }\n", "AGW401"},
        {"a key in a url", "services: { a: \"http://sk-0000000000000EXAMPLE\" }\nroutes: { /a: a }\n", "AGW401"},
        {"auth", "listen: 0.0.0.0:80\ndefaults: { auth: keyy }\nmodels: { chat: mock/x }\n", "AGW205"}}) {
    CAPTURE(row.name);
    const auto loaded = load_text("apigw: 1\n" + std::string(row.text));
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
  }
}

TEST_CASE("a service's variables are told their secrets by the environment alone") {
  struct Row {
    std::string_view variable, codes;
  };
  for (const Row& row : {Row{"DB_PASSWORD: hunter2", "AGW401"},
                         {"API_KEY: 12345", "AGW401"},
                         {"SESSION_SECRET: env:SESSION_SECRET", "AGW401"},  // env: is read in other fields
                         {"ANY: sk-proj-0000000000EXAMPLE0000000000", "AGW401"},
                         {"DB_PASSWORD: sk-proj-0000000000EXAMPLE0000000000", "AGW401"},
                         {"DB: postgres://shop:hunter2@db.internal/shop", "AGW412"},
                         {"DB: 'primary=redis://:hunter2@db.internal:6379/0'", "AGW412"},
                         {"DB_PASSWORD: ${PW}", ""},
                         {"DB_PASSWORD: ${PW:-none}", ""},
                         {"DB_PASSWORD: ''", ""},
                         {"DB: 'postgres://shop:${PW}@db.internal/shop'", ""},
                         {"DB: postgres://shop@db.internal/shop", ""},
                         {"DB: https://docs.shop.example/a:b@c", ""},
                         {"TOKEN_TTL: 30s", ""},
                         {"PASSWORD_FILE: /run/secrets/db", ""},
                         {"AUTH_MODE: none", ""}}) {
    CAPTURE(row.variable);
    const auto loaded = load_text("#! env PW=hunter2\napigw: 1\nservices:\n  a:\n    run: ./a\n    env:\n      " +
                                  std::string(row.variable) + "\nroutes: { /a: a }\n");
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
    CHECK_FALSE(rendered(loaded).contains("hunter2"));
  }
}

TEST_CASE("a written key never comes back out") {
  for (const auto format : {diag::Format::full, diag::Format::concise, diag::Format::json, diag::Format::sarif,
                            diag::Format::github, diag::Format::gitlab, diag::Format::junit}) {
    const auto loaded = load_text(
        "apigw: 1\nproviders: { openai: { key: sk-proj-00000000SECRETPART0000, ulr: x } }\nadmin: { key: "
        "hunter2hunter2 }\n"
        "services: { a: \"http://user:secretword@h\" }\nmodels: { chat: openai/x }\nroutes: { /a: a }\n");
    const std::string shown = diag::render(loaded.report, loaded.sources, format, false);
    for (const std::string_view secret : {"SECRETPART", "hunter2", "secretword"})
      CHECK(shown.find(secret) == std::string::npos);
  }
}

TEST_CASE("an admin API without a key is refused where the file is served, and run makes one") {
  const std::string text =
      "apigw: 1\nadmin: { listen: 127.0.0.1:18081 }\nservices: { a: \"http://h\" }\nroutes: { /a: a }\n";
  const auto errors = [&](std::string_view directive) {
    const auto loaded = load_text(std::string(directive) + text);
    CHECK((loaded.plan == nullptr) == loaded.report.has_errors());
    return codes(loaded) + (loaded.report.has_errors() ? " refused" : "");
  };
  CHECK(errors("#! secrets required\n") == "AGW408 refused");
  CHECK(errors("") == "AGW408");
  CHECK(errors("#! secrets optional\n") == "AGW408");
  CHECK(errors("#! development\n") == "");
}

TEST_CASE("a route with nothing behind it wants a service name") {
  for (const std::string_view route : {"/g:\n", "/g: { to: }\n"}) {
    CAPTURE(route);
    const std::string shown = rendered(load_text("apigw: 1\nroutes:\n  " + std::string(route)));
    CHECK(shown.find("a service name is wanted") != std::string::npos);
  }
}

TEST_CASE("who may call must be said off loopback") {
  struct Row {
    std::string_view name, text, codes;
  };
  constexpr std::string_view shop = "services: { a: http://127.0.0.1:9 }\n";
  for (const Row& row :
       {Row{"silence", "listen: 0.0.0.0:1\nroutes: { /a: a }\n", "AGW402"},
        {"IPv6", "listen: \"[::]:1\"\nroutes: { /a: a }\n", "AGW402"},
        {"loopback", "listen: 127.0.0.1:1\nroutes: { /a: a }\n", ""},
        {"defaults", "listen: 0.0.0.0:1\ndefaults: { auth: key }\nroutes: { /a: a }\n", ""},
        {"route", "listen: 0.0.0.0:1\nroutes: { /a: { to: a, auth: none } }\n", ""},
        {"listener", "listen: { address: 0.0.0.0:1, auth: key }\nroutes: { /a: a }\n", ""},
        {"one of two listeners", "listen: [{ address: 0.0.0.0:1, auth: key }, 0.0.0.0:2]\nroutes: { /a: a }\n",
         "AGW402"},
        {"one of two alternatives", "listen: 0.0.0.0:1\nroutes: { /a: [{ to: a, auth: none, host: h }, a] }\n",
         "AGW402"},
        {"models", "listen: 0.0.0.0:1\nmodels: { chat: mock/x }\nroutes: { /a: { to: a, auth: key } }\n",
         "AGW402"}}) {
    CAPTURE(row.name);
    CHECK(codes(load_text(fmt::format("apigw: 1\n{}{}", shop, row.text))) == row.codes);
  }
}

TEST_CASE("two routes for one request are found whatever their order and spelling") {
  struct Row {
    std::string_view name, routes, codes;
  };
  for (const Row& row :
       {Row{"variable names", "  /a/{x}: a\n  /a/{y}: a\n", "AGW331"},
        {"named and any method", "  GET /a: a\n  /a: a\n", ""},
        {"overlapping methods", "  GET,PUT /a: a\n  POST,PUT /a: a\n", "AGW331"},
        {"other hosts", "  /a: [{ to: a, host: x }, { to: a, host: y }]\n", ""},
        {"same hosts", "  /a: [{ to: a, host: x }, { to: a, host: X }]\n", "AGW331"},
        {"other conditions", "  /a: [{ to: a, when: { header: { h: \"1\" } } }, a]\n", ""},
        {"same conditions",
         "  /a: [{ to: a, when: { query: { q: \"1\" }, header: { H: \"1\" } } }, { to: a, when: { header: { h: \"1\" "
         "}, query: { q: \"1\" } } }]\n",
         "AGW331"},
        {"rest and literal", "  /a/**: a\n  /a/b: a\n", ""},
        {"every method taken", "  /a: a\n  GET,POST,PUT /a: a\n  PATCH,DELETE,OPTIONS /a: a\n", "AGW332"},
        {"one method left", "  /a: a\n  GET,POST,PUT /a: a\n  PATCH,DELETE /a: a\n", ""},
        {"dropped header", "  /a: { to: a, when: { header: { x_a: \"1\" } } }\n", "AGW332"}}) {
    CAPTURE(row.name);
    const auto loaded =
        load_text(fmt::format("apigw: 1\nservices: {{ a: http://127.0.0.1:1 }}\nroutes:\n{}", row.routes));
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
  }
}

TEST_CASE("redirects that come back are found, others are not") {
  struct Row {
    std::string_view name, routes, codes;
  };
  for (const Row& row :
       {Row{"to itself", "  /a: { redirect: /a }\n", "AGW309"},
        {"under itself", "  /a/**: { redirect: /a/b }\n", "AGW309"},
        {"under itself, but served", "  /a/**: { redirect: /a/b }\n  /a/b: s\n", ""},
        {"three around", "  /a: { redirect: /b }\n  /b: { redirect: /c }\n  /c: { redirect: /a }\n", "AGW309"},
        {"variables", "  /a/{x}: { redirect: \"/a/{x}\" }\n", "AGW309"},
        {"rest", "  /a/**: { redirect: \"/b/{rest}\" }\n  /b/**: s\n", ""},
        {"another machine", "  /a: { redirect: https://shop.example/a }\n", ""},
        {"a host from the request", "  /{h}: { redirect: \"https://{h}/\" }\n", "AGW301"},
        {"scheme-relative", "  /a: { redirect: //evil.example }\n", "AGW305"}}) {
    CAPTURE(row.name);
    const auto loaded =
        load_text(fmt::format("apigw: 1\nservices: {{ s: http://127.0.0.1:1 }}\nroutes:\n  /s: s\n{}", row.routes));
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
  }
}

TEST_CASE("bombs and huge files are refused in bounded memory") {
  std::string bomb = "apigw: 1\na: &a [x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c)
    bomb += fmt::format("{0}: &{0} [*{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}, *{1}]\n", c,
                        static_cast<char>(c - 1));
  CHECK(codes(load_text(bomb)).find("AGW116") != std::string::npos);
  World world("");
  world.request.text = "# " + std::string(11u << 20, 'x');
  CHECK(codes(world.load()) == "AGW114");
  world.request.text.reset();
  world.files.content["apigw.yaml"] = std::string(11u << 20, 'x');
  CHECK(codes(world.load()) == "AGW114");
  CHECK(load_text(std::string(100'000, '[')).plan == nullptr);
}

TEST_CASE("a file cannot ask for work without end") {
  std::string profiles = "apigw: 1\nprofiles:\n", listeners = "apigw: 1\nlisten:\n", chain = "apigw: 1\nmodels:\n";
  for (int i = 0; i < 101; ++i) profiles += fmt::format("  p{}: {{}}\n", i);
  for (int i = 0; i < 101; ++i) listeners += fmt::format("  - 127.0.0.1:{}\n", 9000 + i);
  for (int i = 0; i < 101; ++i) chain += fmt::format("  m{}: [mock/{}, m{}]\n", i, i, i + 1);
  chain += "  m101: mock/x\n";
  for (const std::string& text : {profiles, listeners, chain}) {
    CAPTURE(text.substr(0, 30));
    CHECK(codes(load_text(text)) == "AGW216");
  }
}

TEST_CASE("two that want one port are told so, defaults and services included") {
  struct Row {
    std::string_view name, text, codes;
  };
  const std::string_view routes = "routes: { /a: a }\n";
  for (const Row& row : {
           Row{"service and listener", "listen: 127.0.0.1:9000\nservices: { a: { run: x, port: 9000 } }\n", "AGW334"},
           {"service and default listener", "services: { a: { run: x, port: 8080 } }\n", "AGW334"},
           {"service and default admin", "#! development\nservices: { a: { run: x, port: 8081 } }\n", "AGW334"},
           {"no admin", "services: { a: { run: x, port: 8081 } }\n", ""},
           {"health and default listener", "health: 127.0.0.1:8080\nservices: { a: \"http://h\" }\n", "AGW334"},
           {"the default admin moves", "#! development\nlisten: 127.0.0.1:8081\nservices: { a: \"http://h\" }\n", ""},
           {"two services", "services: { a: { run: x, port: 9 }, b: { run: x, port: 9 } }\n", "AGW334 AGW336"},
           {"not started", "services: { a: { run: x, port: 8080, url: \"http://h\" } }\n", ""},
       }) {
    CAPTURE(row.name);
    const auto loaded = load_text(std::string(row.text) + "apigw: 1\n" + std::string(routes));
    CAPTURE(rendered(loaded));
    CHECK(codes(loaded) == row.codes);
  }
}

TEST_CASE("a limit without a subject is not enforced, and that is all there is to say") {
  CHECK(codes(load_text("apigw: 1\ndefaults: { limit: 5/minute }\n")) == "AGW207");
}

TEST_CASE("a resource of Azure is told its dialect and where its address comes from") {
  const auto loaded = load_text("apigw: 1\nproviders: { azure: {} }\nmodels: { chat: azure/x }\n");
  CHECK(codes(loaded) == "AGW324");
  CHECK(rendered(loaded).contains("each resource of Azure has an address of its own"));
  CHECK(rendered(loaded).contains("add url: https://RESOURCE.openai.azure.com, dialect: azure-openai and key:"));
}

TEST_CASE("more warnings than a report holds hide no error") {
  std::string services = "apigw: 1\nservices:\n";
  for (int i = 0; i < 1005; ++i)
    services += fmt::format("  s{}: {{ url: \"https://x:1\", outbound: {{ verify: false }} }}\n", i);
  const auto fine = load_text(services + "routes: { /x: s1 }\n");
  CHECK(fine.report.errors() == 0);
  CHECK(fine.report.dropped() > 0);
  CHECK(fine.plan != nullptr);
  for (const std::string_view profiles : {"", "profiles: { dev: { health: 127.0.0.1:9 } }\n"}) {
    CAPTURE(profiles);
    const auto loaded = load_text(services + "routes: { /x: nope }\n" + std::string(profiles));
    CHECK(loaded.plan == nullptr);
    CHECK(loaded.report.errors() > 0);
    CHECK(codes(loaded).contains("AGW322"));
    CHECK(loaded.report.all().size() + loaded.report.dropped() >= 1006);
  }
}

TEST_CASE("the shop of the examples has no finding") {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(APIGW_SOURCE_DIR) / "examples")) {
    const auto file = entry.path() / "apigw.yaml";
    if (!std::filesystem::exists(file)) continue;
    CAPTURE(file.string());
    const auto loaded = load_text(golden::read(file));
    INFO(rendered(loaded));
    CHECK(loaded.report.all().empty());
    CHECK(loaded.plan != nullptr);
  }
}

TEST_CASE("every field has a page") {
  const auto pages = field_pages(vocabulary());
  std::set<std::string> paths;
  for (const auto& page : pages) {
    CAPTURE(page.path);
    CHECK_FALSE(page.doc.empty());
    CHECK_FALSE(page.type.empty());
    CHECK(paths.insert(page.path).second);
  }
  for (const char* path : {"listen", "listen.address", "listen.tls.cert", "routes.*.timeout", "routes.*.when.header",
                           "services.*.url", "providers.*.key", "models.*.targets", "consumers.*.hash", "caps.body",
                           "profiles", "routes.*.redirect.status"})
    CHECK(paths.contains(path));
}

TEST_CASE("the JSON Schema agrees with the fixtures") {
  const auto file = std::filesystem::path(APIGW_BINARY_DIR) / "apigw-schema-test.json";
  std::ofstream(file) << json_schema(vocabulary());
  if (std::system("python3 -c 'import jsonschema, yaml' 2>/dev/null") != 0)
    APIGW_SKIP("needs python3-jsonschema and python3-yaml");
  const std::string command =
      fmt::format("python3 '{0}/tests/core/config/schema_check.py' '{1}' '{0}'", APIGW_SOURCE_DIR, file.string());
  CHECK(std::system(command.c_str()) == 0);
}
