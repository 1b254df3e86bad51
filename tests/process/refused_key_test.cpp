// A provider that refuses the gateway's key: a neutral 502 for the client, the key's name in the terminal.
#include <doctest/doctest.h>

#include "process/gateway.h"

using namespace support;

TEST_CASE(
    "a refused key is a 502 that names no key, and one line in the terminal that names its variable and its end") {
  FakeUpstream upstream;
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\nproviders:\n  near: { url: " + upstream.url() +
                  "/status/401, key: env:NEAR_KEY }\nmodels:\n  chat: near/x\n");
  gateway.dir.write(".env", "NEAR_KEY=sk-0123456789k3Qz\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const auto chat = [&] {
    return request(gateway.port, "POST", "/v1/chat/completions",
                   {"authorization: Bearer " + gateway.runtime("dev_key"), "content-type: application/json"},
                   R"({"model":"chat","messages":[{"role":"user","content":"Hello"}]})");
  };
  const Reply reply = chat();
  CHECK(reply.status == 502);
  for (const char* hidden : {"NEAR_KEY", "k3Qz", "sk-0", "127.0.0.1"})
    CHECK(reply.body.find(hidden) == std::string::npos);
  CHECK(gateway.process->wait_for("refused") == "near refused NEAR_KEY (…k3Qz, from .env)");
  CHECK(chat().status == 502);
  CHECK(gateway.stop(SIGTERM).code == 0);
  const std::string printed = gateway.process->out() + gateway.process->err();
  CHECK(printed.find("near refused") == printed.rfind("near refused"));
  CHECK(printed.find("sk-0123456789") == std::string::npos);
}

TEST_CASE("a command whose own gateway had its key refused names the key too, once") {
  FakeUpstream upstream;
  TempDir dir;
  dir.write("apigw.yaml", "apigw: 1\nproviders:\n  near: { url: " + upstream.url() +
                              "/status/401, key: env:NEAR_KEY }\nmodels:\n  chat: near/x\n");
  dir.write(".env", "NEAR_KEY=sk-0123456789k3Qz\n");
  dir.write("prompts/mood.prompt", "---\nmodel: chat\n---\nSay hello\n");
  dir.write("prompts/mood.test.yaml",
            "cases:\n  - { name: a, expect: { contains: a } }\n  - { name: b, expect: { contains: b } }\n");
  for (std::vector<std::string> command :
       {std::vector<std::string>{"chat", "chat", "Hello"}, {"prompt", "run", "mood"}, {"prompt", "test", "--live"}}) {
    CAPTURE(command.front() + " " + command[1]);
    command.insert(command.begin(), apigw_binary());
    Process process(command, {.directory = dir.path(), .environment = {{"XDG_RUNTIME_DIR", dir.path()}}});
    CHECK(process.wait().code == 4);
    const std::string told = "near refused NEAR_KEY (…k3Qz, from .env)\n help: make a new key there and set it; ";
    CHECK(process.err().starts_with(told));
    CHECK(process.err().find("near refused") == process.err().rfind("near refused"));
    CHECK((process.out() + process.err()).find("sk-0123456789") == std::string::npos);
  }
}
