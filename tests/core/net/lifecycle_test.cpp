// Listeners that come, stay, move and go; drains; everything at once under load.
#include "harness.h"

using namespace apigw;
using namespace apigw::test;

namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";

bool answers(std::uint16_t port) {
  Wire wire(port);
  return wire.connected() && wire.send(get) && wire.reply().starts_with("HTTP/1.1 200 ");
}

model::Listener any_port() {
  model::Listener listener;
  listener.host = "127.0.0.1";
  listener.port = 0;
  listener.port_given = true;
  return listener;
}

}  // namespace

TEST_CASE("an unchanged listener keeps its socket and its connections, one that is gone only its connections") {
  Rig rig(echo, [](model::Plan& plan) { plan.listeners.push_back(any_port()); });
  Wire kept = rig.connect(), of_gone(rig.ports[1].port);
  for (Wire* wire : {&kept, &of_gone}) {
    wire->send(get);
    CHECK(wire->reply().starts_with("HTTP/1.1 200 "));
  }
  model::Plan next = rig.plan;
  next.listeners.pop_back();
  const auto bound = rig.server().configure(next, false);
  REQUIRE(bound);
  CHECK(bound->front().port == rig.port());
  CHECK_FALSE(Wire(rig.ports[1].port).connected());
  for (Wire* wire : {&kept, &of_gone}) {
    wire->send(get);
    CHECK(wire->reply().starts_with("HTTP/1.1 200 "));
  }
}

TEST_CASE("a configuration that cannot be opened changes nothing") {
  Rig rig(echo);
  Rig other(echo);
  model::Plan next = rig.plan;
  next.listeners = {any_port(), any_port()};
  next.listeners[1].port = other.port();
  next.caps.body = 1;
  const auto bound = rig.server().configure(next, true);
  REQUIRE_FALSE(bound);
  CHECK(bound.error().kind == ErrorKind::io);
  CHECK(bound.error().what == "listen on 127.0.0.1:" + std::to_string(other.port()) + ": Address already in use");
  CHECK(rig.ask("POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello")
            .ends_with("[hello]"));
}

TEST_CASE("a listener's host changes on the same port, and connections of the old one stay") {
  Rig rig(echo);
  model::Plan next = rig.plan;
  next.listeners.front().port = rig.port();
  REQUIRE(rig.server().configure(next, false));
  for (const std::string_view host : {"0.0.0.0", "127.0.0.1", "0.0.0.0"}) {
    CAPTURE(host);
    Wire before = rig.connect();
    before.send(get);
    CHECK(before.reply().starts_with("HTTP/1.1 200 "));
    next.listeners.front().host = host;
    const auto bound = rig.server().configure(next, false);
    REQUIRE_MESSAGE(bound, bound.error().what);
    CHECK(bound->front().port == rig.port());
    CHECK(answers(rig.port()));
    before.send(get);
    CHECK(before.reply().starts_with("HTTP/1.1 200 "));
    Rig other(echo);
    model::Plan same = other.plan;
    same.listeners.front().port = rig.port();
    CHECK_FALSE(other.server().configure(same, false));
  }
}

TEST_CASE("a host that cannot change on its port leaves the old one serving") {
  Rig rig(echo);
  Rig other(echo);
  model::Plan next = rig.plan;
  next.listeners = {any_port(), any_port()};
  next.listeners[0].host = "0.0.0.0";
  next.listeners[0].port = rig.port();
  next.listeners[1].port = other.port();
  CHECK_FALSE(rig.server().configure(next, false));
  CHECK(answers(rig.port()));
}

TEST_CASE("a default port that is busy moves on, when it may") {
  Rig first(echo);
  Rig rig(echo);
  model::Plan next = rig.plan;
  next.listeners.front().port = first.port();
  next.listeners.front().port_given = false;
  CHECK_FALSE(rig.server().configure(next, false));
  const auto bound = rig.server().configure(next, true);
  REQUIRE(bound);
  CHECK(bound->front().moved);
  CHECK(bound->front().port != first.port());
  CHECK(answers(bound->front().port));
  const auto again = rig.server().configure(next, true);
  REQUIRE(again);
  CHECK(again->front().port == bound->front().port);
}

TEST_CASE(
    "a drain answers what an idle connection still asks, ends the others, lets the exchange in hand finish and tells "
    "its client") {
  Flag begun, go_on;
  Rig rig(
      [&](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
        if (exchange.head().target.path == "/slow") {
          begun.set();
          const auto more = co_await exchange.read_body();
          CHECK(more.value_or("") == "x");
        }
        http::ResponseHead reply;
        (void)co_await exchange.reply(reply, "done");
      },
      {}, 1);
  Wire idle = rig.connect(), late = rig.connect(), busy = rig.connect();
  for (Wire* wire : {&idle, &late}) {
    wire->send(get);
    CHECK(wire->reply().ends_with("done"));
  }
  busy.send("POST /slow HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n");
  REQUIRE(begun.wait());
  bool whole = false;
  std::thread draining([&] { whole = rig.server().drain(10s); });
  while (Wire(rig.port()).connected()) std::this_thread::yield();
  late.send(get);
  const std::string last = late.all();
  CHECK(last.contains("connection: close\r\n"));
  CHECK(last.ends_with("done"));
  CHECK(idle.all().empty());
  CHECK(idle.ended());
  busy.send("x");
  const std::string reply = busy.all();
  CHECK(reply.contains("connection: close\r\n"));
  CHECK(reply.ends_with("done"));
  draining.join();
  CHECK(whole);
}

TEST_CASE("an idle connection does not make a short drain one that cut something") {
  Rig rig(echo);
  Wire fresh = rig.connect(), idle = rig.connect();
  idle.send(get);
  CHECK_FALSE(idle.reply().empty());
  CHECK(rig.server().drain(200ms));
  CHECK(idle.all().empty());
  CHECK(fresh.all().empty());
}

TEST_CASE("a drain that takes too long or is stopped cuts what is left") {
  for (const bool stopped : {false, true}) {
    CAPTURE(stopped);
    Flag begun;
    std::atomic<bool> failed = false;
    Rig rig([&](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
      begun.set();
      const auto more = co_await exchange.read_body();
      failed = !more && more.error().kind == ErrorKind::cancelled;
    });
    Wire wire = rig.connect();
    wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\n\r\n");
    REQUIRE(begun.wait());
    std::thread stopper;
    if (stopped) stopper = std::thread([&] { rig.server().stop_now(); });
    CHECK_FALSE(rig.server().drain(stopped ? 60s : 10ms));
    if (stopped) stopper.join();
    CHECK(wire.all().empty());
    while (rig.server().counters().connections != 0) std::this_thread::yield();
    CHECK(failed);
  }
}

TEST_CASE("what a new plan brings along runs once on every worker's own thread") {
  Rig rig(echo, {}, 3);
  std::vector<std::thread::id> threads(3);
  REQUIRE(rig.server().configure(rig.plan, false,
                                 [&](unsigned worker) { threads[worker] = std::this_thread::get_id(); }));
  CHECK(threads[0] != threads[1]);
  CHECK(threads[1] != threads[2]);
  CHECK(threads[0] != std::this_thread::get_id());
}

TEST_CASE("connections are spread evenly over the workers") {
  std::mutex mutex;
  std::map<std::thread::id, int> served;
  Rig rig([&](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
    {
      const std::lock_guard lock(mutex);
      ++served[std::this_thread::get_id()];
    }
    http::ResponseHead reply;
    (void)co_await exchange.reply(reply, "ok");
  });
  std::vector<Wire> wires;
  for (int i = 0; i < 40; ++i) wires.push_back(rig.connect());
  for (Wire& wire : wires) wire.send(get);
  for (Wire& wire : wires) CHECK(wire.reply().ends_with("ok"));
  REQUIRE(served.size() == 2);
  for (const auto& [thread, count] : served) CHECK(count == 20);
}

TEST_CASE("reloads under load lose no request") {
  Peer upstream([](Wire& wire, int) {
    while (!wire.until("\r\n\r\n").empty()) wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  Rig rig(forward_to(upstream.port()));
  std::atomic<bool> stop = false;
  std::atomic<int> served = 0, failed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      Wire kept = rig.connect();
      while (!stop) {
        Wire fresh = rig.connect();
        Wire& wire = i % 2 == 0 ? kept : fresh;
        if (!wire.send(get) || !wire.reply().ends_with("ok")) ++failed;
        ++served;
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    model::Plan next = rig.plan;
    if (i % 2 == 0) next.listeners.push_back(any_port());
    const auto bound = rig.server().configure(next, false);
    REQUIRE(bound);
    if (i % 2 == 0) CHECK(answers(bound->back().port));
    const int before = served;
    while (served < before + 20) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  CHECK(failed == 0);
}
