// The tools of the process tests themselves, since every other process test stands on them.
#include <csignal>

#include <doctest/doctest.h>

#include "support/process.h"

using namespace support;

TEST_CASE("a process shows its output, its exit status and the signal that ended it") {
  Process talks({"/bin/sh", "-c", "echo to out; echo to err >&2; cat; exit 7"}, {.input = "from in\n"});
  CHECK(talks.wait_for("to out") == "to out");
  CHECK(talks.wait().code == 7);
  CHECK(talks.out() == "to out\nfrom in\n");
  CHECK(talks.err() == "to err\n");
  Process sleeps({"/bin/sleep", "60"});
  sleeps.signal(SIGTERM);
  CHECK(sleeps.wait().signal == SIGTERM);
}

TEST_CASE("the fake upstream echoes, holds, streams and cuts") {
  FakeUpstream upstream({"0", "orders"});
  CHECK(request(upstream.port(), "GET", "/").body == "hello from orders");
  const Reply echo = request(upstream.port(), "POST", "/echo", {"x-a: b"}, "body");
  CHECK(echo.body.find("x-a: b") != std::string::npos);
  CHECK(echo.body.ends_with("\r\n\r\nbody"));
  CHECK(request(upstream.port(), "GET", "/status/503").status == 503);
  const Reply cut = request(upstream.port(), "GET", "/cut");
  CHECK(cut.status == 200);
  CHECK_FALSE(cut.whole);
  Connection held(upstream.port());
  held.send("GET /stream/2 HTTP/1.1\r\nhost: x\r\n\r\n");
  held.read_until("\r\n\r\n");
  CHECK(request(upstream.port(), "GET", "/release").status == 200);
  CHECK(held.read_until("\n\r\n") == "8\r\npiece 0\n\r\n");
  CHECK(request(upstream.port(), "GET", "/release").status == 200);
  CHECK(held.read_until("0\r\n\r\n") == "8\r\npiece 1\n\r\n0\r\n\r\n");
}

#ifdef APIGW_PLANTED_BUG
// Without it a suite could be clean because nobody looks: flags that are lost, options that do not reach a child.
TEST_CASE("a sanitizer build finds a planted bug in a process that a test starts") {
  struct Row {
    std::string_view sanitizer, bug, report;
  };
  const std::string_view built = APIGW_SANITIZE;
  int planted = 0;
  for (const auto& [sanitizer, bug, report] :
       {Row{"address", "heap", "heap-buffer-overflow"}, Row{"undefined", "undefined", "signed integer overflow"},
        Row{"thread", "race", "data race"}}) {
    if (built.find(sanitizer) == std::string_view::npos) continue;
    CAPTURE(bug);
    Process process({APIGW_PLANTED_BUG, std::string(bug)}, {.buggy = true});
    CHECK(process.wait().code != 0);
    CHECK(process.report().find(report) != std::string::npos);
    ++planted;
  }
  CHECK(planted > 0);
  Process sound({APIGW_PLANTED_BUG, "none"});
  CHECK(sound.wait().code == 0);
  CHECK(sound.report().empty());
}
#endif
