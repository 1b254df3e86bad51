// The services that `apigw run` starts: order, environment, logs, failures, reloads, and that none is left behind.
#include <doctest/doctest.h>

#include "process/gateway.h"

using namespace support;

namespace {

// Two services, orders calling stock; `more` is added to orders.
std::string shop(std::string_view more = "", std::string_view routes = "") {
  return "apigw: 1\nservices:\n  orders:\n    run: " + fake_service("orders") + "\n    calls: [stock]\n" +
         std::string(more) + "  stock:\n    run: " + fake_service("stock") +
         "\nroutes:\n  /orders/**: { to: orders, strip: /orders }\n  /stock/**: { to: stock, strip: /stock }\n" +
         std::string(routes);
}

std::uint16_t port_of(const Gateway& gateway, std::string_view service) {
  const std::string state = gateway.ask_admin("/admin/state").body;
  const std::size_t services = state.rfind("\"services\"");
  const std::size_t name = state.find("\"name\": \"" + std::string(service) + "\"", services);
  return static_cast<std::uint16_t>(std::stoi(state.substr(state.find("\"port\": ", name) + 8)));
}

}  // namespace

TEST_CASE("services start after those that they call, know them, and their lines carry their names") {
  Gateway gateway(shop("    env: { LEVEL: debug }\n"), {{"FROM_OUTSIDE", "yes"}});
  gateway.dir.write(".env", "FROM_FILE=yes\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::string out = gateway.process->out();
  CHECK(out.find("stock  | http://127.0.0.1:") < out.find("orders | http://127.0.0.1:"));
  CHECK(out.find("orders     port ") != std::string::npos);
  const auto variable = [&](std::string name) { return gateway.get("/orders/env/" + name).body; };
  CHECK(variable("PORT") == std::to_string(port_of(gateway, "orders")));
  CHECK(variable("STOCK_URL") == "http://127.0.0.1:" + std::to_string(port_of(gateway, "stock")));
  CHECK(variable("APIGW_URL") == "http://127.0.0.1:" + std::to_string(gateway.port));
  CHECK(variable("LEVEL") == "debug");
  CHECK(variable("FROM_FILE") == "yes");
  CHECK(variable("FROM_OUTSIDE") == "yes");
  CHECK(gateway.get("/orders/log/a-word").status == 200);
  CHECK(gateway.process->wait_for("| a-word") == "orders | a-word");
}

TEST_CASE("a service that ends before it is healthy ends run with its last lines and its status") {
  Gateway gateway("apigw: 1\nservices:\n  bad: { run: 'seq 1 30; echo why >&2; exit 7' }\nroutes:\n  /bad/**: bad\n");
  CHECK(gateway.launch().wait().code == 3);
  const std::string err = gateway.process->err();
  CHECK(err.find("service 'bad' ended with exit status 7 before it was healthy") != std::string::npos);
  CHECK(err.find("  | 11\n") == std::string::npos);
  CHECK(err.find("  | 12\n") != std::string::npos);
  CHECK(err.find("  | why\n help: ") != std::string::npos);
}

TEST_CASE("a busy fixed port is exit 3 and named") {
  const BusyPort busy;
  Gateway gateway("apigw: 1\nservices:\n  up: { run: ./up, port: " + std::to_string(busy.port()) +
                  " }\nroutes:\n  /up/**: up\n");
  CHECK(gateway.launch().wait().code == 3);
  CHECK(gateway.process->err().find("port " + std::to_string(busy.port()) + " of service 'up' is busy") !=
        std::string::npos);
}

TEST_CASE("a service that crashes starts again on its port") {
  Gateway gateway(shop());
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::uint16_t port = port_of(gateway, "stock");
  (void)gateway.get("/stock/exit/9");
  gateway.process->wait_for("service 'stock' ended with exit status 9; it starts again");
  gateway.process->wait_for("service 'stock' is healthy on port " + std::to_string(port));
  CHECK(gateway.get("/stock/a").body == "hello from stock");
  CHECK(gateway.ask_admin("/admin/state").body.find("\"restarts\": 1") != std::string::npos);
}

TEST_CASE("a reload restarts the changed service, stops the removed one and leaves the rest running") {
  Gateway gateway(shop());
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::uint16_t stock = port_of(gateway, "stock");
  gateway.dir.save("apigw.yaml", shop("    env: { LEVEL: changed }\n"));
  CHECK(gateway.process->wait_for("reloaded ") == "reloaded apigw.yaml: services: +0 ~1 -0 (~orders)");
  gateway.process->wait_for("service 'orders' is healthy");
  CHECK(gateway.get("/orders/env/LEVEL").body == "changed");
  const std::string out = gateway.process->out();
  CHECK(out.find("stock  | http://") == out.rfind("stock  | http://"));
  CHECK(port_of(gateway, "stock") == stock);
  gateway.dir.save("apigw.yaml", "apigw: 1\nservices:\n  orders: { run: '" + fake_service("orders") +
                                     "' }\nroutes:\n  /orders/**: { to: orders, strip: /orders }\n");
  gateway.process->wait_for("service 'stock' stopped");
  CHECK_FALSE(listening(stock));
}

TEST_CASE("stopping run stops its services, and killing it leaves none behind") {
  for (const int number : {SIGTERM, SIGKILL}) {
    CAPTURE(number);
    Gateway gateway(shop());
    gateway.start();
    gateway.process->wait_for("export OPENAI_BASE_URL=");
    const std::uint16_t orders = port_of(gateway, "orders"), stock = port_of(gateway, "stock");
    const Ended ended = gateway.stop(number);
    CHECK((number == SIGKILL ? ended.signal == SIGKILL : ended.code == 0));
    CHECK(eventually([&] { return !listening(orders) && !listening(stock); }));
  }
}

TEST_CASE("what a service started itself is ended with it, also when run is killed") {
  const std::string command = "sh -c '" + fake_service("inner") + " & wait'";
  Gateway gateway("apigw: 1\nservices:\n  up:\n    run: \"" + command +
                  "\"\nroutes:\n  /up/**: { to: up, strip: /up }\n");
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  const std::uint16_t port = port_of(gateway, "up");
  CHECK(listening(port));
  gateway.stop(SIGKILL);
  CHECK(eventually([&] { return !listening(port); }));
}

TEST_CASE("a reload that changes the gateway's address says why services start again") {
  const std::uint16_t before = free_port(), after = free_port();
  const auto listen = [](std::uint16_t port) { return "listen: 127.0.0.1:" + std::to_string(port) + "\n"; };
  Gateway gateway(shop("", listen(before)));
  gateway.start();
  gateway.process->wait_for("export OPENAI_BASE_URL=");
  gateway.dir.save("apigw.yaml", shop("", listen(after)));
  gateway.process->wait_for("services start again: their APIGW_URL is http://127.0.0.1:" + std::to_string(after));
  gateway.process->wait_for("service 'orders' is healthy on port ");
  const Reply told = request(after, "GET", "/orders/env/APIGW_URL");
  CHECK(told.body == "http://127.0.0.1:" + std::to_string(after));
}
