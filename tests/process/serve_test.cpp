// `apigw serve` from outside: signals, exit codes, and what it must not do.
#include <doctest/doctest.h>

#include "process/gateway.h"
#include "support/kept_clients.h"
#include "support/skip.h"

using namespace support;

namespace {

// A call that the upstream holds until it is released.
Connection held_call(const Gateway& gateway, FakeUpstream& upstream) {
  Connection call(gateway.port);
  call.send("GET /up/hold HTTP/1.1\r\nhost: x\r\n\r\n");
  upstream.process().wait_for("holding");
  return call;
}

std::string listening_on(std::uint16_t port) {
  return "listen: 127.0.0.1:" + std::to_string(port) + "\n";
}

}  // namespace

TEST_CASE("SIGTERM lets a slow request finish, is not ready meanwhile, and exits with 0") {
  FakeUpstream upstream;
  const std::uint16_t health = free_port();
  Gateway gateway(
      one_service(upstream.url(), listening_on(free_port()) + "health: 127.0.0.1:" + std::to_string(health) + "\n"));
  gateway.start("serve");
  Connection call = held_call(gateway, upstream);
  CHECK(request(health, "GET", "/readyz").status == 200);
  gateway.process->signal(SIGTERM);
  gateway.process->wait_for("stopping: 1 in flight");
  CHECK(request(health, "GET", "/readyz").status == 503);
  CHECK(request(health, "GET", "/healthz").status == 200);
  CHECK(eventually([&] { return !listening(gateway.port); }));
  CHECK(request(upstream.port(), "GET", "/release").status == 200);
  const Reply reply = parse_reply(call.read_all());
  CHECK(reply.status == 200);
  CHECK(reply.body == "held");
  CHECK(gateway.process->wait().code == 0);
}

TEST_CASE("a second signal stops at once, and its exit code says which") {
  for (const auto& [number, code] : {std::pair{SIGTERM, 143}, {SIGINT, 130}}) {
    CAPTURE(number);
    FakeUpstream upstream;
    Gateway gateway(one_service(upstream.url(), listening_on(free_port())));
    gateway.start("serve");
    Connection call = held_call(gateway, upstream);
    gateway.process->signal(SIGTERM);
    gateway.process->wait_for("stopping: 1 in flight");
    gateway.process->signal(number);
    CHECK(gateway.process->wait().code == code);
    CHECK(call.read_all().find("200") == std::string::npos);
  }
}

TEST_CASE("a gateway that is stopped under load answers every request of a kept connection") {
  FakeUpstream upstream;
  for (const std::string command : {"serve", "run"}) {
    CAPTURE(command);
    for (int round = 0; round < 5; ++round) {
      Gateway gateway(one_service(upstream.url(), listening_on(free_port())));
      gateway.start(command);
      KeptClients clients(gateway.port, "/up/bytes/1", 16, "x");
      CHECK(eventually([&] { return clients.done > 300; }));
      clients.ending = true;
      CHECK(gateway.stop().code == 0);
      clients.finish();
      CHECK(clients.failed == 0);
    }
  }
}

TEST_CASE("a client that is idle has a second for its last request, and without clients the end is at once") {
  using namespace std::chrono_literals;
  FakeUpstream upstream;
  const auto stop = [](Gateway& gateway) {
    const auto began = std::chrono::steady_clock::now();
    CHECK(gateway.stop().code == 0);
    return std::chrono::steady_clock::now() - began;
  };
  Gateway quiet(one_service(upstream.url(), listening_on(free_port())));
  quiet.start("serve");
  CHECK(stop(quiet) < 500ms);
  Gateway kept(one_service(upstream.url(), listening_on(free_port())));
  kept.start("serve");
  Connection idle(kept.port), late(kept.port);
  for (Connection* connection : {&idle, &late}) {
    connection->send("GET /up/ HTTP/1.1\r\nhost: x\r\n\r\n");
    CHECK(connection->read_until("hello from ").starts_with("HTTP/1.1 200 "));
  }
  kept.process->signal(SIGTERM);
  CHECK(eventually([&] { return !listening(kept.port); }));
  late.send("GET /up/ HTTP/1.1\r\nhost: x\r\n\r\n");
  const std::string last = late.read_all();
  CHECK(last.contains("HTTP/1.1 200 "));
  CHECK(last.contains("connection: close\r\n"));
  idle.read_all();
  CHECK(kept.process->wait().code == 0);
  // A drain shorter than that second is kept all the same, and what was idle was not cut.
  Gateway hasty(one_service(upstream.url(), listening_on(free_port()) + "timeouts: { drain: 200ms }\n"));
  hasty.start("serve");
  Connection held(hasty.port);
  held.send("GET /up/ HTTP/1.1\r\nhost: x\r\n\r\n");
  held.read_until("hello from ");
  CHECK(stop(hasty) < 800ms);
}

TEST_CASE("a drain that takes too long cuts, and says so by its exit code") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url(), listening_on(free_port()) + "timeouts: { drain: 200ms }\n"));
  gateway.start("serve");
  Connection call = held_call(gateway, upstream);
  CHECK(gateway.stop().code == 143);
}

TEST_CASE("SIGHUP reloads, a broken config changes nothing, and a save alone does not count") {
  FakeUpstream upstream;
  const std::string listen = listening_on(free_port());
  Gateway gateway(one_service(upstream.url(), listen));
  gateway.start("serve");
  gateway.dir.save("apigw.yaml", one_service(upstream.url(), "  GET /new: up\n" + listen));
  CHECK(gateway.get("/new").status == 404);
  gateway.process->signal(SIGHUP);
  CHECK(gateway.process->wait_for("reloaded ") == "reloaded apigw.yaml: routes: +1 ~0 -0 (+GET /new)");
  CHECK(gateway.get("/new").status == 200);
  gateway.dir.save("apigw.yaml", "apigw: 1\nlisten: [\n");
  gateway.process->signal(SIGHUP);
  gateway.process->wait_for("the running config stays");
  CHECK(gateway.get("/new").status == 200);
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("a config with more findings than are kept changes nothing of a running gateway") {
  FakeUpstream upstream;
  const std::string good = one_service(upstream.url(), listening_on(free_port()));
  Gateway gateway(good);
  gateway.start("serve");
  std::string bad = "apigw: 1\nroutes: { /x: nope }\nservices:\n";
  for (int i = 0; i < 1005; ++i)
    bad += "  s" + std::to_string(i) + ": { url: \"https://x:1\", outbound: { verify: false } }\n";
  gateway.dir.save("apigw.yaml", bad);
  gateway.process->signal(SIGHUP);
  gateway.process->wait_for("the running config stays");
  CHECK(gateway.get("/new").status == 404);
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("a request in flight ends on the old config while a reload takes its route away") {
  FakeUpstream upstream;
  const std::string listen = listening_on(free_port());
  Gateway gateway(one_service(upstream.url(), listen));
  gateway.start("serve");
  Connection call = held_call(gateway, upstream);
  gateway.dir.save("apigw.yaml",
                   "apigw: 1\nservices:\n  up: " + upstream.url() + "\nroutes:\n  GET /other: up\n" + listen);
  gateway.process->signal(SIGHUP);
  gateway.process->wait_for("reloaded ");
  CHECK(gateway.get("/up/a").status == 404);
  CHECK(request(upstream.port(), "GET", "/release").status == 200);
  CHECK(call.read_until("held").ends_with("held"));
}

TEST_CASE("a reload onto a busy port names the line and what to do") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url(), listening_on(free_port())));
  gateway.start("serve");
  const BusyPort taken;
  gateway.dir.save("apigw.yaml", one_service(upstream.url(), listening_on(taken.port())));
  gateway.process->signal(SIGHUP);
  gateway.process->wait_for("the running config stays");
  const std::string err = gateway.process->err();
  CHECK(err.find("apigw.yaml:6:9: error: listen on 127.0.0.1:" + std::to_string(taken.port())) != std::string::npos);
  CHECK(err.find(" help: find what holds the port with 'apigw doctor'") != std::string::npos);
  CHECK(gateway.get("/up/a").status == 200);
}

TEST_CASE("a config in a pipe is read once") {
  FakeUpstream upstream;
  Gateway gateway("");
  const std::string config = one_service(upstream.url(), listening_on(free_port()));
  gateway.dir.write("config.txt", config);
  Process process({"/bin/bash", "-c", "exec " + std::string(apigw_binary()) + " serve -c <(cat config.txt)"},
                  {.directory = gateway.dir.path()});
  const std::uint16_t port = port_in(process.wait_for("gateway "));
  CHECK(request(port, "GET", "/up/a").status == 200);
  process.signal(SIGHUP);
  process.wait_for("nothing to reload: the config did not come from a file");
  process.signal(SIGTERM);
  CHECK(process.wait().code == 0);
}

TEST_CASE("a certificate that was replaced serves the next handshake, and a broken one changes nothing") {
  if (!apigw::test::has_program("openssl")) APIGW_SKIP("needs openssl");
  FakeUpstream upstream;
  const std::uint16_t port = free_port();
  Gateway gateway("apigw: 1\nlisten:\n  - { address: 127.0.0.1:" + std::to_string(port) +
                  ", tls: { cert: cert.pem, key: key.pem } }\nservices:\n  up: " + upstream.url() +
                  "\nroutes:\n  /up/**: up\n");
  const auto shell = [&](const std::string& line) {
    Process process({"/bin/sh", "-c", line}, {.directory = gateway.dir.path()});
    REQUIRE(process.wait().code == 0);
    return process.out();
  };
  const auto certificate = [&](const std::string& name) {
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
          " -keyout key.new -out cert.new 2>/dev/null && chmod 600 key.new && mv key.new key.pem && mv cert.new "
          "cert.pem");
  };
  const auto served = [&] {
    return shell("openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
                 " </dev/null 2>/dev/null | openssl x509 -noout -subject");
  };
  certificate("first");
  gateway.start("serve");
  CHECK(served().find("first") != std::string::npos);
  certificate("second");
  // Not at the first word of a reload: one may still be about the first, which was written a moment before the start.
  CHECK(eventually([&] { return served().find("second") != std::string::npos; }));
  gateway.process->wait_for("certificates");
  gateway.dir.save("cert.pem", "no certificate");
  gateway.process->wait_for("the running certificate stays");
  CHECK(served().find("second") != std::string::npos);
}

TEST_CASE("serve needs a config and every secret, reads no .env, mints no key and writes no file") {
  Gateway none("");
  CHECK(none.launch("serve").wait().code == 2);
  const std::string config =
      "apigw: 1\nproviders:\n  openai: {}\nmodels:\n  chat: openai/gpt-5-mini\n" + listening_on(free_port());
  Gateway without(config);
  without.dir.write(".env", "OPENAI_API_KEY=sk-from-file\n");
  CHECK(without.launch("serve").wait().code == 4);
  CHECK(without.process->err().find("OPENAI_API_KEY") != std::string::npos);
  Gateway broken(config + "routes: { GET /a: nobody }\n");
  CHECK(broken.launch("serve").wait().code == 2);
  Gateway with(config, {{"OPENAI_API_KEY", "sk-from-outside"}});
  with.start("serve");
  CHECK_FALSE(with.dir.has("apigw"));
  CHECK(with.process->err().find("admin") == std::string::npos);
  with.stop();
  CHECK((with.process->out() + with.process->err()).find("agw_") == std::string::npos);
}

TEST_CASE("the access log is one JSON object a line on stdout") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url(), listening_on(free_port())));
  gateway.start("serve");
  CHECK(gateway.get("/up/a?key=secret").status == 200);
  const std::string line = gateway.process->wait_for("\"path\":\"/up/a\"");
  CHECK(line.starts_with("{\"time\":"));
  CHECK(line.ends_with("}"));
  CHECK(line.find("secret") == std::string::npos);
}

TEST_CASE("the access log has a line for a request that was refused before it was read whole") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url(), listening_on(free_port())));
  gateway.start("serve");
  struct Row {
    std::string_view sent, logged;
  };
  for (const Row& row : {
           Row{"GET /up/a?key=secret HTTP/1.1\r\n\r\n", R"("method":"GET","path":"/up/a","status":400)"},
           Row{"GET /up/long HTTP/1.1\r\nHost: h\r\nx: {long}\r\n\r\n", R"("path":"/up/long","status":431)"},
           Row{"GET http://ada:secret@h/ HTTP/1.1\r\nHost: h\r\n\r\n", R"("method":"GET","status":400)"},
           Row{"secret\r\n\r\n", R"("client":"127.0.0.1","status":400)"},
       }) {
    CAPTURE(row.sent);
    std::string bytes(row.sent);
    if (const auto at = bytes.find("{long}"); at != std::string::npos)
      bytes.replace(at, 6, std::string(100'000, 'x'));
    Connection connection(gateway.port);
    (void)connection.try_send(bytes);
    const std::string reply = connection.read_all();
    const std::string line = gateway.process->wait_for(row.logged);
    CHECK(line.find(R"("end":"refused","reason":)") != std::string::npos);
    const auto id = line.find(R"("request_id":")");
    REQUIRE(id != std::string::npos);
    CHECK(reply.find("x-request-id: " + line.substr(id + 14, line.find('"', id + 14) - id - 14)) !=
          std::string::npos);
  }
  CHECK(gateway.process->out().find("secret") == std::string::npos);
}
