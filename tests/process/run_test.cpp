// `apigw run` from outside: its screen, its files, its ports, and reloading on save.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include "process/gateway.h"
#include "support/skip.h"

using namespace support;

TEST_CASE("run shows its screen, answers, writes a private runtime file and takes it along") {
  FakeUpstream upstream({"0", "shop"});
  Gateway gateway(one_service(upstream.url(), "providers:\n  openai: {}\nmodels:\n  chat: mock/assistant\n"));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::string screen = gateway.process->out();
  for (const char* part : {"apigw.yaml", "admin      http://127.0.0.1:", "openai     off: OPENAI_API_KEY is not set",
                           "mock       ready, built in", "chat       mock/assistant", "up         http://127.0.0.1:",
                           "1 of yours, ", " for models", "\ncurl http://127.0.0.1:", "\napigw call "}) {
    CAPTURE(part);
    CHECK(screen.find(part) != std::string::npos);
  }
  CHECK(screen.find('\x1b') == std::string::npos);
  CHECK(gateway.get("/up/a").body == "hello from shop");
  struct stat is{};
  REQUIRE(stat((gateway.dir / gateway.runtime_file()).c_str(), &is) == 0);
  CHECK((is.st_mode & 0777) == 0600);
  CHECK(port_in(gateway.runtime("address")) == gateway.port);
  CHECK(gateway.runtime("config") == gateway.dir / "apigw.yaml");
  const auto chat = [&](const std::string& key) {
    return request(gateway.port, "POST", "/v1/chat/completions",
                   {"authorization: Bearer " + key, "content-type: application/json"},
                   R"({"model":"chat","messages":[{"role":"user","content":"Hello"}]})");
  };
  CHECK(chat(gateway.runtime("dev_key")).status == 200);
  CHECK(chat("agw_wrong").status == 401);
  const std::string file = gateway.runtime_file();
  CHECK(gateway.stop(SIGINT).code == 0);
  CHECK_FALSE(gateway.dir.has(file));
}

TEST_CASE("a save by rename reloads and names what changed") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url()));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  CHECK(gateway.get("/new").status == 404);
  gateway.dir.save("apigw.yaml", one_service(upstream.url(), "  GET /new: up\n"));
  const std::string line = gateway.process->wait_for("reloaded ");
  CHECK(line == "reloaded apigw.yaml: routes: +1 ~0 -0 (+GET /new)");
  CHECK(gateway.get("/new").status == 200);
}

TEST_CASE("a broken save is told with its line and changes nothing, and the next good one counts") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url()));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  gateway.dir.write("apigw.yaml", one_service(upstream.url(), "  GET /new: upp\n"));
  const std::string finding = gateway.process->wait_for("error[AGW");
  CHECK(finding.find("apigw.yaml:6:") == 0);
  gateway.process->wait_for("the running config stays");
  CHECK(gateway.get("/up/a").status == 200);
  CHECK(gateway.get("/new").status == 404);
  CHECK(gateway.ask_admin("/admin/state").body.find("\"refused\": 1") != std::string::npos);
  gateway.dir.write("apigw.yaml", one_service(upstream.url(), "  GET /newer: up\n"));
  gateway.process->wait_for("reloaded apigw.yaml");
  CHECK(gateway.get("/newer").status == 200);
}

TEST_CASE("a request that its operation does not allow never reaches the service, and a saved document counts") {
  FakeUpstream upstream;
  const auto document = [](std::string_view most) {
    return "openapi: 3.1.0\npaths:\n  /up/{n}:\n    get:\n      operationId: get\n      parameters:\n"
           "        - { name: n, in: path, required: true, schema: { type: integer, maximum: " +
           std::string(most) + " } }\n";
  };
  Gateway gateway("apigw: 1\nservices: { up: \"" + upstream.url() +
                  "\" }\nroutes:\n  GET /up/{n}: { to: up, rewrite: /echo, operation: api.yaml#get }\n");
  gateway.dir.write("api.yaml", document("5"));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  CHECK(gateway.get("/up/5").status == 200);
  const Reply refused = gateway.get("/up/6");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("path parameter 'n' must be at most 5") != std::string::npos);
  gateway.dir.save("api.yaml", document("6"));
  CHECK(gateway.process->wait_for("reloaded ") == "reloaded api.yaml: routes: +0 ~1 -0 (~GET /up/{n})");
  CHECK(gateway.get("/up/6").status == 200);
  gateway.dir.save("api.yaml", "openapi: 3.1.0\n");
  gateway.process->wait_for("error[AGW351]");
  CHECK(gateway.get("/up/7").status == 400);
}

TEST_CASE("a pipe among the prompts is told at the reload, which waits for nobody") {
  Gateway gateway("apigw: 1\nmodels: { chat: mock/x }\n");
  gateway.dir.write("prompts/a.prompt", "Say hi");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  REQUIRE(mkfifo((gateway.dir / "prompts/f.prompt").c_str(), 0600) == 0);
  gateway.process->wait_for("error[AGW220]: 'prompts/f.prompt' cannot be read");
  gateway.process->wait_for("the running config stays");
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("a fragment that joins an include is taken in, and a mistake in one is mended there") {
  FakeUpstream upstream;
  Gateway gateway("apigw: 1\ninclude: services/*/apigw.yaml\n");
  gateway.dir.write("services/one/apigw.yaml",
                    "services:\n  one: " + upstream.url() + "\nroutes:\n  GET /one: one\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  gateway.dir.write("services/two/apigw.yaml",
                    "services:\n  two: " + upstream.url() + "\nroutes:\n  GET /two: twoo\n");
  CHECK(gateway.process->wait_for("error[AGW").find("services/two/apigw.yaml:4:") == 0);
  gateway.process->wait_for("the running config stays");
  gateway.dir.save("services/two/apigw.yaml", "services:\n  two: " + upstream.url() + "\nroutes:\n  GET /two: two\n");
  CHECK(gateway.process->wait_for("reloaded ").find("(+GET /two)") != std::string::npos);
  CHECK(gateway.get("/two").status == 200);
}

TEST_CASE("a secret file that was written anew is read again") {
  Gateway gateway("");
  gateway.dir.write("key", "sk-one");
  gateway.dir.write("apigw.yaml", "apigw: 1\nproviders:\n  openai: { key: 'file:" + (gateway.dir / "key") +
                                      "' }\nmodels:\n  chat: openai/gpt-5-mini\n");
  Process chmod({"/bin/chmod", "600", gateway.dir / "key"});
  REQUIRE(chmod.wait().code == 0);
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  gateway.dir.write("key", "sk-two");
  CHECK(gateway.process->wait_for("reloaded ").find("providers: +0 ~1 -0 (~openai)") != std::string::npos);
}

TEST_CASE("the runtime file of a gateway that was killed goes when the next command looks for it") {
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::string file = gateway.dir / gateway.runtime_file();
  CHECK(gateway.stop(SIGKILL).signal == SIGKILL);
  CHECK(::access(file.c_str(), F_OK) == 0);
  Process call({apigw_binary(), "call", "/x"},
               {.directory = gateway.dir.path(), .environment = {{"XDG_RUNTIME_DIR", gateway.dir.path()}}});
  CHECK(call.wait().code == 3);
  CHECK(::access(file.c_str(), F_OK) != 0);
}

TEST_CASE("a reload moves the gateway to a listener that was added and tells the runtime file") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url()));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::uint16_t next = free_port();
  gateway.dir.save("apigw.yaml", one_service(upstream.url(), "listen: 127.0.0.1:" + std::to_string(next) + "\n"));
  CHECK(gateway.process->wait_for("reloaded ").find("listeners: +1 ~0 -1") != std::string::npos);
  CHECK(request(next, "GET", "/up/a").status == 200);
  CHECK(eventually([&] { return !listening(gateway.port); }));
  CHECK(port_in(gateway.runtime("address")) == next);
}

TEST_CASE("without a config the mock answers, and fails where its model says so") {
  Gateway gateway("");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  CHECK(gateway.process->out().find("no config file") != std::string::npos);
  const auto chat = [&](const std::string& model) {
    return request(gateway.port, "POST", "/v1/chat/completions",
                   {"authorization: Bearer " + gateway.runtime("dev_key"), "content-type: application/json"},
                   R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Hello"}]})");
  };
  CHECK(chat("mock/assistant").status == 200);
  CHECK(chat("mock/fail-429").status == 429);
  CHECK(chat("mock/fail-503").status == 503);
}

TEST_CASE("call -v shows what each room decided") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url(), "models:\n  chat: [mock/fail-503, mock/assistant]\n"));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const auto call = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {apigw_binary(), "call", "-v"});
    Process process(more,
                    {.directory = gateway.dir.path(), .environment = {{"XDG_RUNTIME_DIR", gateway.dir.path()}}});
    process.wait();
    return process.err();
  };
  const std::string chat =
      call({"/v1/chat/completions", "-d", R"({"model":"chat","messages":[{"role":"user","content":"Hello"}]})"});
  for (const char* part :
       {"\n* match     POST /v1/chat/completions: chosen", "\n* admit     auth key", "\n* admit     consumer 'dev'\n",
        "\n* grant     model 'chat'\n", "\n* dispatch  mock/fail-503 at mock:, 503 after ",
        "\n* dispatch  mock/assistant at mock:, 200 after ", "\n* settle    200 done in ", ", tokens: input "}) {
    CAPTURE(part);
    CHECK(chat.find(part) != std::string::npos);
  }
  CHECK(chat.find(gateway.runtime("dev_key")) == std::string::npos);
  CHECK(chat.find(gateway.runtime("admin_key")) == std::string::npos);
  CHECK(call({"/up/a"}).find("\n* dispatch  up at " + upstream.url() + ", 200 after ") != std::string::npos);
  const std::string refused = call({"/up/a", "-H", "authorization: Bearer agw_wrong", "-X", "POST"});
  CHECK(refused.find("\n* settle    ") != std::string::npos);
  CHECK(refused.find("not known") == std::string::npos);
  CHECK(call({"/no"}).find("\n* settle    404 refused (") != std::string::npos);
}

TEST_CASE("a busy default port moves on and says so, a busy explicit one is exit 3") {
  Gateway first("apigw: 1\n"), second("apigw: 1\n");
  first.start();
  second.start();
  CHECK(first.port != second.port);
  CHECK(first.admin() != second.admin());
  const std::string screen = second.process->out();
  CHECK(screen.find("(the default port is busy)") != screen.rfind("(the default port is busy)"));
  const BusyPort taken;
  Gateway stays("apigw: 1\nlisten: 127.0.0.1:" + std::to_string(taken.port()) + "\n");
  CHECK(stays.launch().wait().code == 3);
  CHECK(stays.process->err().find(std::to_string(taken.port())) != std::string::npos);
}

TEST_CASE("a config that cannot be used is exit 2, and says where") {
  Gateway broken("apigw: 1\nroutez: {}\n");
  CHECK(broken.launch().wait().code == 2);
  CHECK(broken.process->err().find("apigw.yaml:2:1: error[AGW") != std::string::npos);
  Gateway missing("");
  CHECK(missing.launch("run", {"-c", "nowhere.yaml"}).wait().code == 2);
  CHECK(missing.process->err().find("nowhere.yaml") != std::string::npos);
}

TEST_CASE("a .env beside the config turns a provider on, and its value is never shown") {
  Gateway gateway("apigw: 1\nproviders:\n  openai: {}\nmodels:\n  chat: openai/gpt-5-mini\n");
  gateway.dir.write(".env", "OPENAI_API_KEY=sk-planted-secret\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  CHECK(gateway.process->out().find("openai     ready") != std::string::npos);
  CHECK(gateway.process->out().find("apigw.yaml, .env") != std::string::npos);
  CHECK(gateway.ask_admin("/admin/config").body.find("sk-planted") == std::string::npos);
  gateway.dir.save(".env", "# nothing\n");
  CHECK(gateway.process->wait_for("reloaded ").find("providers: +0 ~1 -0 (~openai)") != std::string::npos);
  gateway.stop();
  CHECK((gateway.process->out() + gateway.process->err()).find("sk-planted") == std::string::npos);
}

TEST_CASE("a .env that git tracks is refused") {
  Gateway gateway("apigw: 1\n");
  gateway.dir.write(".env", "A=sk-planted-secret\n");
  if (!apigw::test::has_program("git")) APIGW_SKIP("needs git");
  Process git({"/bin/sh", "-c", "git init -q . && git add -f .env"}, {.directory = gateway.dir.path()});
  REQUIRE(git.wait().code == 0);
  CHECK(gateway.launch().wait().code == 2);
  CHECK(gateway.process->err().find("tracked by git") != std::string::npos);
  CHECK(gateway.process->err().find("sk-planted") == std::string::npos);
}
