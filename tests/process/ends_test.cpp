// The binary at the ends of a pipe, on a full disk, and when it only has to talk about itself.
#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

Reply chat(std::uint16_t port, const std::string& model) {
  return request(port, "POST", "/v1/chat/completions", {"content-type: application/json"},
                 R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hello"}]})");
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
  // The leak sanitizer traces too, and only one may.
  const std::string no_leak_check = "export ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\"; ";
  for (const std::string flag : {"--help", "--version", "validate --help"}) {
    CAPTURE(flag);
    std::string err;
    CHECK(shell(no_leak_check + "strace -f -e trace=socket,connect,openat \"$1\" " + flag + " > /dev/null", &err)
              .code == 0);
    CHECK(err.find("socket(") == std::string::npos);
    CHECK(err.find("connect(") == std::string::npos);
    CHECK(err.find("apigw.yaml") == std::string::npos);
  }
}

TEST_CASE("mock answers as a provider until it is told to stop") {
  Process mock({apigw_binary(), "mock", "--listen", "127.0.0.1:0", "-q"});
  const std::uint16_t port = port_in(mock.wait_for("http://"));
  const Reply reply = chat(port, "any/name-7");
  CHECK(reply.status == 200);
  CHECK(reply.headers.at("x-apigw-mock") == "1");
  CHECK(reply.body.find(R"("model":"any/name-7")") != std::string::npos);
  const std::string listed = request(port, "GET", "/v1/models").body;
  CHECK(listed.find(R"("id":"chat")") < listed.find(R"("id":"embed")"));
  CHECK(listed.find(R"("id":"embed")") != std::string::npos);
  Process second({apigw_binary(), "mock", "--listen", "127.0.0.1:" + std::to_string(port)});
  CHECK(second.wait().code == 3);
  CHECK(second.err().find("give another address with --listen") != std::string::npos);
  mock.signal(SIGTERM);
  CHECK(mock.wait().code == 0);
}

TEST_CASE(
    "a model with a slash is found by its plain path and as SDKs write it, and every refusal below /v1/ is in "
    "OpenAI's shape") {
  Process mock({apigw_binary(), "mock", "--listen", "127.0.0.1:0", "-q"});
  const std::uint16_t port = port_in(mock.wait_for("http://"));
  for (const char* path : {"/v1/models/any/name-7", "/v1/models/any%2Fname-7"})
    CHECK(request(port, "GET", path).body.find(R"("id":"any/name-7")") != std::string::npos);
  const std::string long_value(40'000, 'a');
  struct Row {
    const char* name;
    std::string target, header;
    int status;
    const char* part;
  };
  for (const Row& row :
       {Row{"an encoded slash", "/v1/chat%2Fcompletions", "a: b", 400, "encoded slash"},
        {"an encoded way out of the names of models", "/v1/models/..%2F..%2Fx", "a: b", 400, "dot segment"},
        {"a dot segment", "/v1/models/../x", "a: b", 400, "dot segment"},
        {"a head too large", "/v1/models", "a: " + long_value, 431, R"("code":")"},
        {"a framing fault", "/v1/chat/completions", "transfer-encoding: xchunked", 400, "transfer encoding"}}) {
    CAPTURE(row.name);
    const Reply reply = request(port, "GET", row.target, {row.header});
    CHECK(reply.status == row.status);
    CHECK(reply.headers.at("content-type") == "application/json");
    CHECK(reply.body.starts_with(R"({"error":{"message":")"));
    CHECK(reply.body.find(row.part) != std::string::npos);
  }
  CHECK(request(port, "GET", "/elsewhere/a%2Fb").headers.at("content-type") == "application/problem+json");
  CHECK(request(port, "GET", "/elsewhere/a%2Fb").body.find("encoded slash") != std::string::npos);
}

TEST_CASE("mock off loopback says that it is open") {
  for (const auto& [host, warned] : {std::pair{"0.0.0.0:0", true}, {"127.0.0.1:0", false}}) {
    CAPTURE(host);
    Process mock({apigw_binary(), "mock", "--listen", host, "-q"});
    static_cast<void>(mock.wait_for("http://"));
    mock.signal(SIGTERM);
    CHECK(mock.wait().code == 0);
    CHECK((mock.err().find("takes calls from other machines, and no key is asked for") != std::string::npos) ==
          warned);
  }
}

TEST_CASE("mock's faults reach a client by the model's name") {
  Process mock({apigw_binary(), "mock", "--listen", "127.0.0.1:0", "-q"});
  const std::uint16_t port = port_in(mock.wait_for("http://"));
  struct Row {
    const char* model;
    int status;
    const char* part;
  };
  for (const Row& row : {Row{"fail-429", 429, "rate_limit_exceeded"},
                         {"fail-503", 503, "server_error"},
                         {"fail-401", 502, "upstream_auth"},
                         {"fail-reset", 502, "error"},
                         {"fail-cut", 502, "error"},
                         {"fail-noise", 502, "upstream_protocol"},
                         {"fail-empty", 502, "upstream_protocol"},
                         {"slow-1", 200, R"("model":"slow-1")"}}) {
    CAPTURE(row.model);
    const Reply reply = chat(port, row.model);
    CHECK(reply.status == row.status);
    CHECK(reply.body.find(row.part) != std::string::npos);
  }
  CHECK(chat(port, "fail-429").headers.at("retry-after") == "1");
}

TEST_CASE("a pipe that nobody writes to ends with --timeout, and the error says so") {
  const TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\nmodels: { chat: mock/chat }\n");
  dir.write("prompts/mood.prompt", "---\ninput:\n  schema: { text: string }\n---\n{{text}}\n");
  const std::string in = "cd " + dir.path() + "; export XDG_RUNTIME_DIR=" + dir.path() + "; mkfifo ff 2>/dev/null; ";
  const std::string named = "error: read 'ff': it did not end within the 300 ms of --timeout\n";
  const std::string piped = "error: read stdin: it did not end within the 300 ms of --timeout\n";
  struct Row {
    std::string arguments, told;
  };
  for (const Row& row : {Row{"validate ff", named},
                         {"-c ff models", named},
                         {"-c ff doctor", named},
                         {"-c ff chat hi", named},
                         {"-c ff run", named},
                         {"-c ff serve", named},
                         {"translate --from openai --to anthropic ff", named},
                         {"validate -", piped},
                         {"-c - run", piped},
                         {"key hash", piped},
                         {"chat", piped + " help: give the message as an argument: apigw chat 'What is an API?'\n"},
                         {"prompt run mood", piped + " help: give the variables as flags: --var NAME=VALUE\n"}}) {
    CAPTURE(row.arguments);
    std::string err;
    CHECK(shell(in + "exec 3<> <(:); exec \"$1\" --timeout 300ms " + row.arguments + " <&3", &err).code == 3);
    CHECK(err.starts_with(row.told));
  }
  std::string err;
  CHECK(shell(in + "exec \"$1\" validate <(sleep 0.2; cat apigw.yaml)", &err).code == 0);  // one that has a writer
  CHECK(err == "no findings in 1 file\n");
}

TEST_CASE("a start that waits for a pipe ends with the signal") {
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "ff").c_str(), 0600) == 0);
  for (const auto& [number, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    for (const std::string command : {"run", "serve"}) {
      CAPTURE(command);
      Process start({apigw_binary(), command, "-c", dir / "ff"}, {.directory = dir.path()});
      const int writer = ::open((dir / "ff").c_str(), O_WRONLY | O_CLOEXEC);  // returns once the reader has it open
      REQUIRE(writer >= 0);
      start.signal(number);
      CHECK(start.wait().code == code);
      CHECK(start.err().empty());
      ::close(writer);
    }
  }
}
