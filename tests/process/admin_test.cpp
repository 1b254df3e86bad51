// The control plane of the real binary: who is let in, what it shows, and that it answers when nothing else does.
#include <doctest/doctest.h>

#include "process/gateway.h"
#include "support/skip.h"

using namespace support;

namespace {

struct Stage {
  FakeUpstream upstream;
  Gateway gateway;
  explicit Stage(std::string_view more = "", std::map<std::string, std::string> environment = {})
      : gateway(one_service(upstream.url(), more), std::move(environment)) {
    gateway.start();
    gateway.process->wait_for("export OPENAI_BASE_URL=");
  }
};

}  // namespace

TEST_CASE("the admin API lets in only its key, from this machine's own address, from no other site") {
  const Stage stage;
  const Gateway& gateway = stage.gateway;
  const std::string host = "host: 127.0.0.1:" + std::to_string(gateway.admin());
  struct Row {
    std::string_view name;
    std::vector<std::string> headers;
    int status;
  };
  for (const Row& row : {Row{"key", {host, gateway.bearer()}, 200},
                         {"nothing", {host}, 401},
                         {"the dev key", {host, "authorization: Bearer " + gateway.runtime("dev_key")}, 401},
                         {"a rebound name", {"host: evil.example", gateway.bearer()}, 421},
                         {"a page of another site", {host, gateway.bearer(), "origin: http://evil.example"}, 403}}) {
    CAPTURE(row.name);
    CHECK(request(gateway.admin(), "GET", "/admin/config", row.headers).status == row.status);
  }
}

TEST_CASE("/admin/config shows the plan with its lines and without its secrets") {
  const Stage stage("providers:\n  openai: {}\nmodels:\n  chat: openai/gpt-5-mini\n",
                    {{"OPENAI_API_KEY", "sk-planted-secret"}});
  const std::string config = stage.gateway.ask_admin("/admin/config").body;
  CHECK(config.find("sk-planted") == std::string::npos);
  CHECK(config.find(stage.gateway.runtime("admin_key")) == std::string::npos);
  CHECK(config.find(stage.gateway.runtime("dev_key")) == std::string::npos);
  CHECK(config.find("\"from\": \"env:OPENAI_API_KEY\"") != std::string::npos);
  CHECK(config.find("\"source\": \"apigw.yaml:5:3\"") != std::string::npos);
  CHECK(stage.gateway.ask_admin("/admin/routes").body.find("\"id\": \"/up/**\"") != std::string::npos);
}

TEST_CASE("the metrics of a gateway that was used please promtool") {
  const Stage stage;
  CHECK(stage.gateway.get("/up/a").status == 200);
  CHECK(stage.gateway.get("/nowhere").status == 404);
  const Reply metrics = stage.gateway.ask_admin("/metrics");
  CHECK(metrics.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body.find("route=\"/up/**\"") != std::string::npos);
  stage.gateway.dir.write("metrics", metrics.body);
  if (!apigw::test::has_program("promtool")) APIGW_SKIP("needs promtool (Debian package prometheus)");
  Process promtool({"/bin/sh", "-c", "promtool check metrics < metrics"}, {.directory = stage.gateway.dir.path()});
  const int code = promtool.wait().code;
  CAPTURE(promtool.out());
  CAPTURE(promtool.err());
  CHECK(code == 0);
}

TEST_CASE("the control plane answers while the data plane takes no more") {
  Stage stage("caps: { in_flight: 1 }\n");
  Connection held(stage.gateway.port);
  held.send("GET /up/hold HTTP/1.1\r\nhost: x\r\n\r\n");
  stage.upstream.process().wait_for("holding");
  CHECK(stage.gateway.get("/up/a").status == 503);
  CHECK(stage.gateway.ask_admin("/healthz").status == 200);
  const std::string state = stage.gateway.ask_admin("/admin/state").body;
  CHECK(state.find("\"in_flight\": 1") != std::string::npos);
  CHECK(state.find("\"address\": \"mock:\"") != std::string::npos);
  CHECK(request(stage.upstream.port(), "GET", "/release").status == 200);
  CHECK(held.read_until("held").ends_with("held"));
}

TEST_CASE("the admin API on a Unix socket needs the key all the same") {
  FakeUpstream upstream;
  Gateway gateway("");
  gateway.dir.write("apigw.yaml",
                    one_service(upstream.url(), "admin: { listen: 'unix:" + (gateway.dir / "a.sock") + "' }\n"));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const auto ask = [&](const std::string& key) {
    Connection connection(gateway.dir / "a.sock");
    connection.send("GET /admin/state HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + key + "\r\n\r\n");
    return parse_reply(connection.read_all()).status;
  };
  CHECK(ask(gateway.runtime("admin_key")) == 200);
  CHECK(ask("wrong") == 401);
  Process call({apigw_binary(), "call", "-v", "GET", "/up/a"},
               {.directory = gateway.dir.path(), .environment = {{"XDG_RUNTIME_DIR", gateway.dir.path()}}});
  CHECK(call.wait().code == 0);
  CHECK(call.err().find("\n* settle    200 done in ") != std::string::npos);
  gateway.stop();
  CHECK_FALSE(gateway.dir.has("a.sock"));
}
