// `apigw test` of the real binary: through the gateway that runs, and through one that it starts and leaves nothing
// of.
#include <csignal>
#include <filesystem>

#include <doctest/doctest.h>

#include "process/gateway.h"

using namespace support;

namespace {

std::string shop() {
  return "apigw: 1\nmodels: { chat: mock/chat }\nservices:\n  orders: { run: '" + fake_service("orders") +
         "', calls: [stock] }\n  stock: { run: '" + fake_service("stock") +
         "' }\nroutes:\n  /orders/**: { to: orders, strip: /orders, auth: key }\n  /stock/**: { to: stock, strip: "
         "/stock }\n";
}

constexpr std::string_view good =
    "cases:\n"
    "  - { name: found, call: GET /orders/any, expect: { status: 200, headers: { x-upstream: orders } } }\n"
    "  - { name: no key, call: GET /orders/any, headers: { authorization: }, expect: { status: 401 } }\n"
    "  - { name: refused, call: GET /stock/status/404, expect: { status: 404 } }\n";

struct Project {
  TempDir dir;
  explicit Project(std::string_view config, std::string_view tests = good) {
    dir.write("apigw.yaml", config);
    dir.write("tests/shop.test.yaml", tests);
  }
  [[nodiscard]] std::unique_ptr<Process> start(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), apigw_binary());
    return std::make_unique<Process>(
        std::move(arguments),
        Process::Options{.directory = dir.path(), .environment = {{"XDG_RUNTIME_DIR", dir.path()}}});
  }
  // "exit 0: what it printed", and what it said on stderr in `err`.
  std::string run(std::vector<std::string> arguments) {
    const auto process = start(std::move(arguments));
    const Ended ended = process->wait();
    err = process->err();
    CHECK(ended.signal == 0);
    return "exit " + std::to_string(ended.code) + ": " + process->out();
  }
  // Runtime files of gateways: one that ended leaves none.
  [[nodiscard]] std::size_t gateways() const {
    if (!dir.has("apigw")) return 0;
    const auto files = std::filesystem::directory_iterator(dir / "apigw");
    return static_cast<std::size_t>(std::distance(begin(files), end(files)));
  }
  std::string err;
};

bool lives(std::string_view directory) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::error_code code;
    const auto folder = std::filesystem::read_symlink(entry.path() / "cwd", code);
    if (!code && folder.string().starts_with(directory)) return true;
  }
  return false;
}
// No process works in the project any more. The one that watches over a gateway's services ends just behind it.
bool nothing_lives(std::string_view directory) {
  return eventually([&] { return !lives(directory); });
}

}  // namespace

TEST_CASE("test starts a gateway with its services, on ports of its own, and leaves nothing behind") {
  const BusyPort busy;  // whoever listens on the config's own port is none of the tests' business
  Project project("listen: 127.0.0.1:" + std::to_string(busy.port()) + "\n" + shop());
  CHECK(project.run({"test"}).starts_with("exit 0: tests/shop.test.yaml\tfound\tpassed\t"));
  CHECK(project.err == "3 passed, 0 failed, 0 errors\n");
  CHECK(project.gateways() == 0);
  CHECK(nothing_lives(project.dir.path()));
  project.dir.save("tests/shop.test.yaml", "cases:\n  - { call: GET /stock/a, expect: { status: 404 } }\n");
  CHECK(project.run({"test"}).contains("\tfailed\t"));
  CHECK(project.gateways() == 0);
  CHECK(nothing_lives(project.dir.path()));
}

TEST_CASE("the started gateway has the profile and --set of the command, and none of its own output") {
  const std::string up = "services: { up: { run: '" + fake_service("one") + "', env: { LEVEL: ";
  Project project("apigw: 1\n" + up +
                      "low } } }\nroutes: { /up/**: { to: up, strip: /up } }\nprofiles:\n  high:\n    " + up +
                      "high } } }\n",
                  "cases:\n  - { call: GET /up/env/LEVEL, expect: { equals: high } }\n");
  CHECK(project.run({"test"}).starts_with("exit 1: "));
  CHECK(project.run({"test", "--profile", "high"}).starts_with("exit 0: "));
  CHECK(project.run({"test", "--set", "services.up.env.LEVEL=high"}).starts_with("exit 0: "));
  Process mirrored({apigw_binary(), "test"}, {.directory = project.dir.path(),
                                              .environment = {{"XDG_RUNTIME_DIR", project.dir.path()},
                                                              {"APIGW_PROFILE", "high"},
                                                              {"APIGW_OUTPUT", "json"},
                                                              {"APIGW_TIMEOUT", "15s"}}});
  CHECK(mirrored.wait().code == 0);
  CHECK(mirrored.out().contains("\"kind\": \"tests\""));
}

TEST_CASE("test asks the gateway that runs") {
  Project project(shop());
  const auto gateway = project.start({"run", "--set", "listen=127.0.0.1:0", "--set", "admin.listen=127.0.0.1:0"});
  gateway->wait_for("export OPENAI_BASE_URL");
  CHECK(project.run({"test"}).starts_with("exit 0: "));
  CHECK(project.gateways() == 1);
  gateway->wait_for("/stock/status/404");  // its log: it was asked
  gateway->signal(SIGTERM);
  CHECK(gateway->wait().code == 0);
}

TEST_CASE("a service that cannot start is exit 3, with what it said") {
  Project project("apigw: 1\nservices: { bad: { run: 'echo what went wrong >&2; exit 7' } }\nroutes: { /bad: bad }\n",
                  "cases:\n  - { call: GET /bad, expect: { status: 200 } }\n");
  CHECK(project.run({"test"}) == "exit 3: ");
  CHECK_MESSAGE(project.err.contains("what went wrong"), project.err);
  CHECK_MESSAGE(project.err.contains("error: the gateway for the tests did not start: it ended with exit status 3"),
                project.err);
  CHECK(project.gateways() == 0);
}

TEST_CASE("a service that is never healthy ends the wait at --timeout") {
  Project project("apigw: 1\nservices: { idle: { run: 'exec sleep 60' } }\nroutes: { /idle: idle }\n",
                  "cases:\n  - { call: GET /idle, expect: { status: 200 } }\n");
  CHECK(project.run({"test", "--timeout", "1s"}) == "exit 3: ");
  CHECK_MESSAGE(project.err.contains("were not ready within 1000 ms"), project.err);
  CHECK(project.gateways() == 0);
  CHECK(nothing_lives(project.dir.path()));
}

TEST_CASE("a service that dies is an error and a wrong answer a failure, also in JUnit") {
  Project project(shop(),
                  "cases:\n"
                  "  - { name: dies, call: GET /orders/exit/3, expect: { status: 200 } }\n"
                  "  - { name: wrong, call: GET /stock/status/404, expect: { status: 200 } }\n"
                  "  - { name: expected, call: GET /stock/cut, expect: { status: [200, 502] } }\n"
                  "  - { name: hangs, call: GET /stock/hold, expect: { status: 200, max-latency: 300ms } }\n");
  const std::string ran = project.run({"test", "-o", "junit"});
  CHECK(ran.starts_with("exit 3: <?xml"));
  CHECK(ran.contains("tests=\"4\" failures=\"2\" errors=\""));
  CHECK_MESSAGE(ran.contains("<error message=\"502: the upstream "), ran);
  CHECK(ran.contains("<failure message=\"status: is 404, not 200\"/>"));
  CHECK(ran.contains("<failure message=\"max-latency: no answer within 300 ms\"/>"));
  CHECK(project.gateways() == 0);
  CHECK(nothing_lives(project.dir.path()));
}

TEST_CASE("an interrupted test stops the gateway that it started") {
  for (const auto& [number, code] : {std::pair(SIGINT, 130), {SIGTERM, 143}}) {
    Project project(shop(), "cases:\n  - { call: GET /stock/hold, expect: { status: 200 } }\n");
    const auto test = project.start({"test"});
    REQUIRE(eventually([&] { return project.gateways() == 1; }));
    test->signal(number);
    CHECK(test->wait().code == code);
    CHECK(project.gateways() == 0);
    CHECK(nothing_lives(project.dir.path()));
  }
}

TEST_CASE("a test that is killed takes its gateway and services along") {
  Project project(shop(), "cases:\n  - { call: GET /stock/hold, expect: { status: 200 } }\n");
  const auto test = project.start({"test"});
  REQUIRE(eventually([&] { return project.gateways() == 1; }));
  test->signal(SIGKILL);
  CHECK(test->wait().signal == SIGKILL);
  CHECK(nothing_lives(project.dir.path()));
  CHECK(project.gateways() == 0);
}
