// The binary at the ends of a pipe, on a full disk, and when it only has to talk about itself.
#include <csignal>

#include <doctest/doctest.h>

#include "support/process.h"
#include "support/skip.h"

using namespace support;

namespace {

Ended shell(const std::string& script, std::string* err = nullptr) {
  Process process({"/bin/bash", "-c", "set -o pipefail; " + script, "bash", apigw_binary()});
  const Ended ended = process.wait();
  if (err != nullptr) *err = process.err();
  return ended;
}

}  // namespace

TEST_CASE("a reader that leaves early is no error") {
  std::string err;
  CHECK(shell("\"$1\" schema | head -c 10", &err).code == 0);
  CHECK(err.empty());
}

TEST_CASE("a result that cannot be written is exit 3") {
  std::string err;
  CHECK(shell("\"$1\" --help > /dev/full", &err).code == 3);
  CHECK(err == "error: write to stdout: No space left on device\n");
}

TEST_CASE("help and version open no socket and read no config") {
  if (!apigw::test::has_program("strace")) APIGW_SKIP("needs strace");
  if (shell("strace -o /dev/null /bin/true").code != 0) APIGW_SKIP("needs permission to trace a process");
  for (const std::string flag : {"--help", "--version", "validate --help"}) {
    CAPTURE(flag);
    std::string err;
    CHECK(shell("strace -f -e trace=socket,connect,openat \"$1\" " + flag + " > /dev/null", &err).code == 0);
    CHECK(err.find("socket(") == std::string::npos);
    CHECK(err.find("connect(") == std::string::npos);
    CHECK(err.find("apigw.yaml") == std::string::npos);
  }
}

TEST_CASE("mock answers as a provider until it is told to stop") {
  Process mock({apigw_binary(), "mock", "--listen", "127.0.0.1:0", "-q"});
  const std::uint16_t port = port_in(mock.wait_for("http://"));
  const Reply reply = request(port, "POST", "/v1/chat/completions", {"content-type: application/json"},
                              R"({"model":"any-name","messages":[{"role":"user","content":"Hello"}]})");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("x-apigw-mock") == "1");
  Process second({apigw_binary(), "mock", "--listen", "127.0.0.1:" + std::to_string(port)});
  CHECK(second.wait().code == 3);
  CHECK(second.err().find("give another address with --listen") != std::string::npos);
  mock.signal(SIGTERM);
  CHECK(mock.wait().code == 0);
}
