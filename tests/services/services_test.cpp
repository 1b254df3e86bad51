// What `apigw new service` writes, in every language: its own tests pass, it runs behind the gateway, tells how it
// does, speaks problem+json, hands ids on to what it calls, and ends without losing a request.
//
// The table of languages is at the end of this file; a language whose tools are not here is a printed skip.
#include <csignal>
#include <cstdlib>
#include <memory>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/kept_clients.h"
#include "support/process.h"
#include "support/skip.h"

using namespace support;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::minutes build_time{5};
constexpr std::string_view trace = "0af7651916cd43dd8448eb211c80319c";

std::map<std::string, std::string> environment_in(const TempDir& dir) {
  std::map<std::string, std::string> environment{
      {"PATH", std::getenv("PATH")}, {"XDG_RUNTIME_DIR", dir.path()}, {"LOG_LEVEL", "debug"}};
  // What these JVMs live for is done before the second compiler would pay.
  environment["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";
  environment["PIP_NO_COMPILE"] = "1";  // what a test does not import needs no compiling
  environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1";
  environment["RUSTFLAGS"] = "-D warnings";
  environment["CARGO_PROFILE_DEV_DEBUG"] = "0";
  // The same sources are compiled for each service; paths are taken out of what they are known by.
  if (apigw::test::has_program("ccache")) {
    environment["CMAKE_CXX_COMPILER_LAUNCHER"] = "ccache";
    environment["CCACHE_BASEDIR"] = dir.path();
    environment["CCACHE_NOHASHDIR"] = "1";
  }
  // Where compilers keep what they compiled, and where rustup keeps its own.
  for (const char* name :
       {"HOME", "GOCACHE", "GOPATH", "GOFLAGS", "CARGO_HOME", "RUSTUP_HOME", "JAVA_HOME", "CCACHE_DIR",
        "PIP_INDEX_URL", "PIP_CONFIG_FILE", "NPM_CONFIG_REGISTRY", "https_proxy", "HTTPS_PROXY"})
    if (const char* value = std::getenv(name)) environment[name] = value;
  return environment;
}

void must_end_well(const TempDir& dir, const std::string& directory, std::vector<std::string> command) {
  const std::string shown = command.back();
  Process process(std::move(command), {.directory = directory, .environment = environment_in(dir)});
  const Ended ended = process.wait(build_time);
  CAPTURE(shown);
  CAPTURE(process.out());
  CAPTURE(process.err());
  REQUIRE(ended.code == 0);
}

void new_service(const TempDir& dir, const std::string& name, const std::string& language,
                 std::vector<std::string> more = {}, const std::string& flag = "--lang") {
  std::vector<std::string> command{apigw_binary(), "new", "service", name, flag, language};
  command.insert(command.end(), more.begin(), more.end());
  must_end_well(dir, dir.path(), command);
}

// A value of the config's line for a service; its texts hold no commas, and nothing that quotes around them escape.
std::string field_of(const TempDir& dir, const std::string& service, const std::string& field) {
  const std::string text = dir.read("apigw.yaml");
  const std::size_t line = text.find("\n  " + service + ": {");
  const std::size_t at = text.find(" " + field + ": ", line) + field.size() + 3;
  std::string value = text.substr(at, text.find_first_of(",}", at) - at);
  while (value.ends_with(' ')) value.pop_back();
  const bool quoted = value.starts_with('"') || value.starts_with('\'');
  return quoted ? value.substr(1, value.size() - 2) : value;
}

// The command with which `apigw run` starts a service, on a port of its own.
struct Booted {
  Booted(const TempDir& dir, const std::string& service, std::map<std::string, std::string> more = {})
      : port(free_port()) {
    auto environment = environment_in(dir);
    environment["PORT"] = std::to_string(port);
    environment["LOG_LEVEL"] = "error";
    for (auto& [name, value] : more) environment[name] = value;
    process = std::make_unique<Process>(
        std::vector<std::string>{"/bin/sh", "-c", field_of(dir, service, "run")},
        Process::Options{.directory = dir / field_of(dir, service, "dir"), .environment = environment});
    const bool up = eventually([&] { return listening(port) || !process->running(); }, build_time);
    CAPTURE(process->out());
    CAPTURE(process->err());
    REQUIRE(up);
    REQUIRE(listening(port));
  }
  std::uint16_t port;
  std::unique_ptr<Process> process;
};

void check_metrics(const std::string& text) {
  CHECK(text.find("# HELP ") != std::string::npos);
  if (!apigw::test::has_program("promtool")) {
    apigw::test::print_skip("the metrics are not judged: needs promtool (Debian package prometheus)");
    return;
  }
  Process promtool({"/usr/bin/env", "promtool", "check", "metrics"}, {.input = text});
  const Ended ended = promtool.wait();
  CAPTURE(promtool.out());
  CAPTURE(promtool.err());
  CAPTURE(text);
  CHECK(ended.code == 0);
}

void check_problem(const Reply& reply, int status) {
  CAPTURE(reply.body);
  CHECK(reply.status == status);
  CHECK(reply.headers.at("content-type") == "application/problem+json");
  const bool told = reply.body.find(fmt::format("\"status\":{}", status)) != std::string::npos ||
                    reply.body.find(fmt::format("\"status\": {}", status)) != std::string::npos;
  CHECK(told);
}

// `apigw run` over services `stock` and `orders`; orders calls stock. `end`: of a list in JSON.
void check_behind_gateway(const TempDir& dir, const std::string& end = "]\n") {
  Process run({apigw_binary(), "run"}, {.directory = dir.path(), .environment = environment_in(dir)});
  run.wait_for("export OPENAI_BASE_URL", build_time);
  const std::string screen = run.out() + run.err();
  const std::uint16_t port = port_in(screen.substr(screen.find("gateway ")));
  const std::vector<std::string> json{"content-type: application/json"};
  for (const char* ours : {"/orders/healthz", "/orders/readyz", "/orders/metrics"})
    check_problem(request(port, "GET", ours), 404);
  const Reply made = request(port, "POST", "/orders/items", json, R"({"name": "cup \u00e9\"", "quantity": 2})");
  CHECK(made.status == 201);
  CHECK(made.headers.at("location") == "/items/1");
  CHECK(request(port, "GET", "/orders/items/1").body == made.body);
  check_problem(request(port, "POST", "/orders/items", json, "{"), 400);
  check_problem(request(port, "GET", "/orders/items/2"), 404);
  check_problem(request(port, "PATCH", "/orders/items"), 405);
  check_problem(request(port, "POST", "/orders/items", json, std::string(2 << 20, 'x')), 413);
  check_problem(request(port, "POST", "/orders/items", {"content-type: text/plain"}, "{}"), 415);
  check_problem(request(port, "POST", "/orders/items", json, R"({"name": "", "quantity": 1.5})"), 422);
  CHECK(request(port, "DELETE", "/orders/items/1").status == 204);
  const auto line = screen.find("\n  orders ", screen.find("\nservices\n"));
  const auto own = static_cast<std::uint16_t>(std::stoi(screen.substr(screen.find("port ", line) + 5)));
  check_metrics(request(own, "GET", "/metrics").body);
  const Reply called =
      request(port, "GET", "/orders/dependencies", {fmt::format("traceparent: 00-{}-b7ad6b7169203331-01", trace)});
  CHECK(called.status == 200);
  CHECK(called.body.find("\"up\"") != std::string::npos);
  // One line of each service with the same ids: what stock logged came with the call of orders.
  const std::string id = called.headers.at("x-request-id");
  const auto logged = [&](const std::string& service) {
    const std::string out = run.out();
    for (std::size_t at = out.find(id); at != std::string::npos; at = out.find(id, at + 1)) {
      const std::size_t begin = out.rfind('\n', at) + 1;
      const std::string line = out.substr(begin, out.find('\n', at) - begin);
      if (line.starts_with(service) && line.find(trace) != std::string::npos) return true;
    }
    return false;
  };
  CHECK_MESSAGE(eventually([&] { return logged("orders ") && logged("stock "); }), run.out());
  KeptClients load(port, "/orders/items", 8, end);
  CHECK(eventually([&] { return load.done > 100; }));
  load.ending = true;
  run.signal(SIGTERM);
  CHECK(run.wait().code == 0);
  load.finish();
  CHECK(load.failed == 0);
}

// SIGTERM to the service itself, under load: ready turns 503 first, every request is answered, the end is 0.
void check_drain(const TempDir& dir, const std::string& service = "stock",
                 const std::map<std::string, std::string>& more = {}, const std::string& end = "]\n") {
  Booted booted(dir, service, more);
  CHECK(request(booted.port, "GET", "/readyz").status == 200);
  KeptClients load(booted.port, "/items", 16, end);
  CHECK(eventually([&] { return load.done > 200; }));
  Connection idle(booted.port);
  idle.send("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
  CHECK(idle.read_until("\r\n\r\n").find("200") != std::string::npos);
  load.ending = true;
  booted.process->signal(SIGTERM);
  CHECK(eventually([&] { return request(booted.port, "GET", "/readyz").status == 503; }, 900ms));
  CHECK(request(booted.port, "GET", "/healthz").status == 200);
  const Ended ended = booted.process->wait();
  CAPTURE(booted.process->out());
  CHECK(ended.code == 0);
  load.finish();
  CHECK(load.failed == 0);
  CHECK_FALSE(listening(booted.port));
}

void check_worker(const TempDir& dir) {
  Booted booted(dir, "mailer", {{"INTERVAL_SECONDS", "0.01"}});
  CHECK(request(booted.port, "GET", "/healthz").status == 200);
  CHECK(request(booted.port, "GET", "/readyz").status == 200);
  std::string metrics;
  CHECK_MESSAGE(eventually([&] {
                  metrics = request(booted.port, "GET", "/metrics").body;
                  return metrics.find("worker_jobs_total{outcome=\"success\"} ") != std::string::npos;
                }),
                metrics);
  check_metrics(metrics);
  booted.process->signal(SIGTERM);
  CHECK(eventually([&] { return request(booted.port, "GET", "/readyz").status == 503; }, 900ms));
  CHECK(booted.process->wait().code == 0);
}

void check_bad_settings(const TempDir& dir, const std::string& service = "stock") {
  auto environment = environment_in(dir);
  environment["PORT"] = "none";
  Process process({"/bin/sh", "-c", field_of(dir, service, "run")},
                  {.directory = dir / field_of(dir, service, "dir"), .environment = environment});
  CHECK(process.wait(build_time).code == 2);
  CHECK_MESSAGE(process.err().find("PORT is ") != std::string::npos, process.err());
}

struct Row {
  std::string language;
  std::vector<std::string> programs;
  std::string test;  // the language's own command
};

std::vector<std::string> tested;  // the languages of the table

// `other` is the language of the service that is called.
void check_language(const Row& row, const std::string& other) {
  for (const std::string& program : row.programs)
    if (!apigw::test::has_program(program)) APIGW_SKIP("needs " + program);
  const TempDir dir;
  new_service(dir, "stock", row.language);
  new_service(dir, "mailer", row.language, {"--kind", "worker"});
  new_service(dir, "orders", row.language, {"--calls", "stock"});
  for (const char* name : {"stock", "mailer", "orders"})
    must_end_well(dir, dir / ("services/" + std::string(name)), {"/bin/sh", "-c", row.test});
  check_bad_settings(dir);
  check_drain(dir);
  check_worker(dir);
  check_behind_gateway(dir);
  if (other == row.language || !apigw::test::has_program("python3")) return;
  const TempDir mixed;
  new_service(mixed, "stock", other);
  new_service(mixed, "orders", row.language, {"--calls", "stock"});
  check_behind_gateway(mixed);
}

// On a framework whose packages come from a registry; `asks` is a command that only fails when that does not answer.
struct FrameworkRow {
  std::string word;
  std::string able, needs;  // a command that ends well where the tools are new enough, and what it looks for
  std::string registry, asks, test;
  std::string end;  // of a list in JSON
};

std::vector<std::string> tested_frameworks;

void check_framework(const FrameworkRow& row) {
  const TempDir dir;
  const auto fails = [&](const std::string& command, std::string& said) {
    Process process({"/bin/sh", "-c", command}, {.directory = dir.path(), .environment = environment_in(dir)});
    const bool failed = process.wait(std::chrono::minutes{1}).code != 0;
    said = process.err();
    return failed;
  };
  std::string said;
  if (fails(row.able, said)) APIGW_SKIP("needs " + row.needs);
  if (fails(row.asks, said)) APIGW_SKIP(fmt::format("{} does not answer: {}", row.registry, said));
  new_service(dir, "stock", "python");
  new_service(dir, "orders", row.word, {"--calls", "stock"}, "--framework");
  must_end_well(dir, dir / "services/orders", {"/bin/sh", "-c", row.test});
  check_bad_settings(dir, "orders");
  check_drain(dir, "orders", {{"STOCK_URL", "http://127.0.0.1:1"}}, row.end);
  check_behind_gateway(dir, row.end);
}

}  // namespace

#define FRAMEWORK(word, able, needs, registry, asks, test, end)                    \
  const bool word##_in_frameworks = (tested_frameworks.emplace_back(#word), true); \
  TEST_CASE("a service on " #word) {                                               \
    check_framework({#word, able, needs, registry, asks, test, end});              \
  }

#define LANGUAGE(word, test, ...)                                  \
  const bool word##_in_table = (tested.emplace_back(#word), true); \
  TEST_CASE("services in " #word) {                                \
    check_language({#word, {__VA_ARGS__}, test}, "python");        \
  }

LANGUAGE(python, "python3 -m unittest", "python3")
LANGUAGE(go, "test -z \"$(gofmt -l .)\" && go vet ./... && go test ./...", "go")
LANGUAGE(node, "npm test", "node", "npm")
LANGUAGE(java, "javac -Werror @test.args && java -cp build/test service.AllTests", "javac", "java")
LANGUAGE(cpp,
         "CXXFLAGS=-Werror cmake -B build && cmake --build build --parallel 2 && ctest --test-dir build "
         "--output-on-failure --no-tests=error",
         "cmake", "c++", "make", "pkg-config")
LANGUAGE(rust, "if cargo fmt --version >/dev/null 2>&1; then cargo fmt --check; fi && cargo test --offline", "cargo")

FRAMEWORK(fastapi, "python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))'",
          "Python 3.11 or later with venv", "PyPI",
          "python3 -m pip download -q --no-deps --no-cache-dir -d asked idna==3.20",
          "python3 -m venv .venv && .venv/bin/pip install -q -r requirements-dev.txt && .venv/bin/pytest -q", "]")
FRAMEWORK(fastify, "npm --version && node -e 'process.exitCode = parseInt(process.versions.node) < 20 ? 1 : 0'",
          "Node.js 20 or later with npm", "npm's registry", "npm view fastify@5.12.8 version",
          "npm ci --no-audit --no-fund --loglevel=error && npm test", "]")
FRAMEWORK(axum, "cargo --version | awk '{ split($2, v, \".\"); exit v[1] == 1 && v[2] < 85 }'", "cargo 1.85 or later",
          "crates.io", "cargo info --quiet axum@0.8.9",
          "if cargo fmt --version >/dev/null 2>&1; then cargo fmt --check; fi && cargo test --locked --quiet", "]\n")
FRAMEWORK(spring, "mvn --version && javac --version | awk '{ exit $2 + 0 < 17 }'", "Maven, and Java 17 or later",
          "Maven Central",
          "mvn -q -B dependency:get -Dartifact=org.springframework.boot:spring-boot-starter-parent:4.1.2:pom",
          "mvn -q -B verify", "]")

TEST_CASE("a service of another folder is added, runs, and shows the world its documented paths only") {
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3");
  const TempDir elsewhere, dir;
  new_service(elsewhere, "stock", "python");
  must_end_well(dir, dir.path(), {apigw_binary(), "add", "service", elsewhere / "services/stock"});
  must_end_well(dir, dir.path(), {apigw_binary(), "validate", "--fail-on", "warning"});
  Process run({apigw_binary(), "run"}, {.directory = dir.path(), .environment = environment_in(dir)});
  run.wait_for("export OPENAI_BASE_URL", build_time);
  const std::string screen = run.out() + run.err();
  const std::uint16_t port = port_in(screen.substr(screen.find("gateway ")));
  CHECK(request(port, "POST", "/stock/items", {"content-type: application/json"}, R"({"name": "cup"})").status ==
        201);
  CHECK(request(port, "GET", "/stock/items/1").status == 200);
  CHECK(request(port, "PUT", "/stock/items/1").status == 405);
  CHECK(request(port, "GET", "/stock/metrics").status == 404);
  run.signal(SIGTERM);
  CHECK(run.wait().code == 0);
}

TEST_CASE("a service of a template of one's own runs behind the gateway") {
  if (!apigw::test::has_program("python3")) APIGW_SKIP("needs python3");
  const TempDir dir;
  dir.write("templates/own/template.yaml",
            "apigw-template: 1\n"
            "run: exec python3 main.py --port ${PORT}\n"
            "health: /up\n"
            "parameters: { greeting: { description: what it says }, loud: { type: boolean, default: false } }\n");
  dir.write("templates/own/main.py",
            "import http.server, sys\n"
            "class Answer(http.server.BaseHTTPRequestHandler):\n"
            "    def do_GET(self):\n"
            "        self.send_response(200)\n"
            "        self.end_headers()\n"
            "        self.wfile.write(b'{{greeting}} from {{name}}{{#if loud}}!{{/if}}')\n"
            "http.server.HTTPServer(('127.0.0.1', int(sys.argv[2])), Answer).serve_forever()\n");
  must_end_well(dir, dir.path(),
                {apigw_binary(), "new", "service", "stock", "--template", "templates/own", "--set",
                 "greeting=good day", "--set", "loud=true"});
  Process run({apigw_binary(), "run"}, {.directory = dir.path(), .environment = environment_in(dir)});
  run.wait_for("export OPENAI_BASE_URL", build_time);
  const std::string screen = run.out() + run.err();
  const std::uint16_t port = port_in(screen.substr(screen.find("gateway ")));
  CHECK(request(port, "GET", "/stock/x").body == "good day from stock!");
  run.signal(SIGTERM);
  CHECK(run.wait().code == 0);
}

TEST_CASE("every language of the roster is in this table") {
  Process help({apigw_binary(), "new", "service", "--help"});
  REQUIRE(help.wait().code == 0);
  const std::string text = help.out();
  std::string listed;
  for (const std::string& language : tested) {
    CHECK(text.find("\n  " + language + " ") != std::string::npos);
    listed += (listed.empty() ? "" : ", ") + language;
  }
  const std::string frameworks = text.substr(text.find("\nFrameworks\n"));
  for (const std::string& framework : tested_frameworks)
    CHECK(frameworks.find("\n  " + framework + " ") != std::string::npos);
  CHECK(std::ranges::count(frameworks.substr(0, frameworks.find("\n\n", 1)), '\n') ==
        static_cast<std::ptrdiff_t>(tested_frameworks.size()) + 1);
  Process refused({apigw_binary(), "new", "service", "x"});
  CHECK(refused.wait().code == 2);
  CHECK(refused.err().find("give --lang one of " + listed + "\n") != std::string::npos);
}
