#include "service_log.h"

#include <doctest/doctest.h>

using namespace apigw;
using namespace apigw::cli;

TEST_CASE("a service's line carries its name, in its own colour on a terminal only") {
  CHECK(prefixed("orders", "hi \x1b[1mthere\x07", 8, 1, false) == "orders   | hi there\\x07\n");
  CHECK(prefixed("orders", "hi \x1b[1mthere", 6, 1, true) == "\x1b[33morders |\x1b[0m hi \x1b[1mthere\x1b[0m\n");
  CHECK(prefixed("a", "", 1, 6, true) == "\x1b[36ma |\x1b[0m \n");
}

TEST_CASE("an early death shows the last lines, the status and what to do") {
  const run::Launch launch{
      .name = "orders", .command = "python3 app.py", .directory = "services/orders", .port = 20500};
  const std::vector<std::string> tail = {"Traceback", "KeyError: 'X'"};
  const auto died = [&](run::ExitStatus status, const std::vector<std::string>& lines) {
    return sentence({.kind = run::Note::Kind::died_early, .service = "orders", .status = status}, &launch, lines);
  };
  CHECK(died({.code = 1}, tail) ==
        "error: service 'orders' ended with exit status 1 before it was healthy; its last lines:\n"
        "  | Traceback\n  | KeyError: 'X'\n"
        " help: try it by hand: cd services/orders && PORT=20500 python3 app.py\n");
  CHECK(died({.code = 127}, {}).find("the shell found no such command") != std::string::npos);
  CHECK(died({.code = 126}, {}).find("check 'dir:'") != std::string::npos);
  CHECK(died({.signal = 11}, {}).find("signal 11 (Segmentation fault)") != std::string::npos);
}

TEST_CASE("every other note is one sentence or none") {
  const run::Launch launch{.name = "orders", .port = 20500, .health_path = "/healthz"};
  const auto of = [&](run::Note note) {
    note.service = "orders";
    return sentence(note, &launch, {});
  };
  CHECK(of({.kind = run::Note::Kind::started}).empty());
  CHECK(of({.kind = run::Note::Kind::healthy}) == "service 'orders' is healthy on port 20500\n");
  CHECK(of({.kind = run::Note::Kind::exited, .status = {.signal = 9}, .pause = run::Milliseconds{1500}}) ==
        "warning: service 'orders' ended with signal 9 (Killed); it starts again in 1.5 s\n");
  CHECK(of({.kind = run::Note::Kind::late}).find("GET /healthz on port 20500") != std::string::npos);
  CHECK(of({.kind = run::Note::Kind::stopped}) == "service 'orders' stopped\n");
}
