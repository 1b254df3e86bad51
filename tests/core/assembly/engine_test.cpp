#include "assembly/engine.h"

#include <algorithm>
#include <thread>

#include <boost/asio.hpp>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/text.h"
#include "core/net/harness.h"
#include "support/plan_builder.h"

using namespace apigw;
using namespace std::chrono_literals;
using boost::asio::ip::tcp;

namespace {

// Answers each connection's requests with what it read, one thread a connection: a service that echoes.
class EchoService {
 public:
  EchoService() : acceptor_(io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)) {
    thread_ = std::thread([this] { accept(); });
  }
  ~EchoService() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket poke(io_);
    poke.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
    for (auto& thread : connections_) thread.join();
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept() {
    while (!stopping_) {
      tcp::socket socket(io_);
      acceptor_.accept(socket);
      if (!stopping_) connections_.emplace_back([socket = std::move(socket)]() mutable { echo(socket); });
    }
  }
  static void echo(tcp::socket& socket) {
    boost::system::error_code failed;
    std::string in;
    while (!failed) {
      const auto head_size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(in), "\r\n\r\n", failed);
      if (failed) return;
      const std::string head = text::lower(in.substr(0, head_size));
      const auto at = head.find("content-length: ");
      const auto length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
      while (in.size() < head_size + length && !failed) {
        boost::asio::read(socket, boost::asio::dynamic_buffer(in), boost::asio::transfer_at_least(1), failed);
      }
      const std::string reply =
          "HTTP/1.1 200 OK\r\nserver: secret-version\r\ncontent-length: " + std::to_string(head_size + length) +
          "\r\n\r\n" + in.substr(0, head_size + length);
      in.erase(0, head_size + length);
      boost::asio::write(socket, boost::asio::buffer(reply), failed);
    }
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> connections_;
  std::thread thread_;
};

std::uint16_t port_of(const assembly::Address& address) {
  return static_cast<std::uint16_t>(std::stoul(address.text.substr(address.text.rfind(':') + 1)));
}

// One request on a connection of its own, read until the server closes it.
std::string ask(std::uint16_t port, std::string request) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string out;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(out), end);
  return out;
}

std::string get(std::string_view path) {
  return fmt::format("GET {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", path);
}

std::string post(std::string_view path, std::string_view body) {
  return fmt::format("POST {} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}", path,
                     body.size(), body);
}

struct Running {
  SystemClock clock;
  std::mutex mutex;
  std::string lines;
  std::unique_ptr<assembly::Engine> engine;

  explicit Running(const test::PlanBuilder& plan) {
    assembly::EngineOptions options;
    options.workers = 2;
    options.log = [this](std::string_view batch) {
      const std::lock_guard lock(mutex);
      lines += batch;
    };
    auto started = assembly::Engine::start(plan.build(), std::move(options), clock);
    REQUIRE(started);
    engine = std::move(*started);
  }
  [[nodiscard]] std::uint16_t port() const { return port_of(engine->addresses()[0]); }
};

}  // namespace

TEST_CASE("an engine serves a service, answers a missing path, logs both and drains whole") {
  EchoService service;
  test::PlanBuilder plan;
  plan.service("echo", service.port()).route("/echo/**", "echo").last_route([](model::Route& route) {
    std::get<model::ToService>(route.action).strip = "/echo";
  });
  Running running(plan);
  const std::string reply = ask(running.port(), post("/echo/a?x=1", "hello"));
  CHECK(reply.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(reply.contains("POST /a?x=1 HTTP/1.1\r\n"));
  CHECK(reply.contains("x-forwarded-for: 127.0.0.1"));
  CHECK(reply.ends_with("\r\n\r\nhello"));
  CHECK_FALSE(reply.contains("secret-version"));
  CHECK(ask(running.port(), get("/nowhere")).starts_with("HTTP/1.1 404 "));
  CHECK(running.engine->drain(5s));
  CHECK(running.lines.contains(R"("route":"/echo/**")"));
  CHECK(running.lines.contains(R"("status":404)"));
  CHECK(running.lines.find("x=1") == std::string::npos);
}

TEST_CASE("a client sees the head of a service that has no body to give yet") {
  test::Flag seen;
  test::Peer service([&seen](test::Wire& wire, int) {
    wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
    if (seen.wait()) wire.send("2\r\nhi\r\n0\r\n\r\n");
    wire.all();
  });
  test::PlanBuilder plan;
  plan.service("events", service.port()).route("/events", "events");
  Running running(plan);
  test::Wire client(running.port());
  client.send("GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const std::string head = client.until("\r\n\r\n");
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head.ends_with("\r\n\r\n"));
  seen.set();
  CHECK(client.until("0\r\n\r\n") == "2\r\nhi\r\n0\r\n\r\n");
  client.close();
  CHECK(running.engine->drain(5s));
}

TEST_CASE("an engine answers a model call from the mock, plain and streamed") {
  test::PlanBuilder plan;
  plan.openai_endpoints().mock().model("chat", {"mock/small"});
  Running running(plan);
  const std::string plain =
      ask(running.port(),
          post("/v1/chat/completions", R"({"model":"chat","messages":[{"role":"user","content":"hi"}]})"));
  CHECK(plain.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(plain.contains("x-apigw-mock: 1\r\n"));
  CHECK(plain.contains(R"("choices")"));
  const std::string streamed = ask(
      running.port(),
      post("/v1/chat/completions", R"({"model":"chat","stream":true,"messages":[{"role":"user","content":"hi"}]})"));
  CHECK(streamed.contains("content-type: text/event-stream\r\n"));
  CHECK(streamed.contains("data: [DONE]"));
  CHECK(ask(running.port(), get("/v1/models")).contains(R"("id":"chat")"));
  CHECK(running.engine->drain(5s));
  const auto view = running.engine->state().view();
  REQUIRE(view.models.size() == 1);
  CHECK(view.models[0].calls == 2);
  CHECK(view.models[0].output > 0);
}

TEST_CASE("an engine swaps to another plan, keeps its address, and refuses a plan whose listener cannot open") {
  EchoService service;
  test::PlanBuilder first;
  first.service("echo", service.port()).route("/old", "echo");
  Running running(first);
  const auto port = running.port();
  test::PlanBuilder second;
  second.service("echo", service.port()).route("/new", "echo");
  REQUIRE(running.engine->apply(second.build()));
  CHECK(running.port() == port);
  CHECK(ask(port, get("/old")).starts_with("HTTP/1.1 404 "));
  CHECK(ask(port, get("/new")).starts_with("HTTP/1.1 200 "));
  test::PlanBuilder broken;
  broken.with([](model::Plan& p) { p.listeners[0].host = "192.0.2.1"; });
  CHECK_FALSE(running.engine->apply(broken.build()));
  CHECK(ask(port, get("/new")).starts_with("HTTP/1.1 200 "));
}

TEST_CASE("a connection keeps to its own listener when a new plan has another order") {
  EchoService service;
  const model::Listener keyed{.host = "127.0.0.1", .port_given = true, .auth = model::Auth{.key = true}};
  const model::Listener open{.host = "127.0.0.2", .port_given = true, .auth = model::Auth{.none = true}};
  const auto plan_of = [&](std::vector<model::Listener> listeners) {
    test::PlanBuilder plan;
    plan.service("echo", service.port()).route("/echo", "echo").consumer("shop", "sk-shop");
    plan.with([&](model::Plan& made) {
      made.listeners = std::move(listeners);
      for (auto& listener : made.listeners) listener.port = 0;
    });
    return plan;
  };
  Running running(plan_of({keyed, open}));
  test::Wire client(running.port());
  const auto status = [&client] {
    client.send("GET /echo HTTP/1.1\r\nhost: localhost\r\n\r\n");
    return client.reply().substr(9, 3);
  };
  CHECK(status() == "401");
  REQUIRE(running.engine->apply(plan_of({open, keyed}).build()));
  CHECK(status() == "401");
  REQUIRE(running.engine->apply(plan_of({open}).build()));
  CHECK(status() == "401");
  REQUIRE(running.engine->apply(plan_of({open, keyed}).build()));
  CHECK(status() == "401");
}

TEST_CASE("an engine that stops in the middle of a stream settles it as cut and ends at once") {
  test::PlanBuilder plan;
  plan.openai_endpoints().mock().model("slow", {"mock/slow-60000"}).model("chat", {"mock/small"});
  Running running(plan);
  boost::asio::io_context io;
  tcp::socket streaming(io), waiting(io);
  for (auto* socket : {&streaming, &waiting}) {
    socket->connect({boost::asio::ip::address_v4::loopback(), running.port()});
    const std::string_view model = socket == &waiting ? "slow" : "chat";
    const std::string body = fmt::format(
        R"({{"model":"{}","stream":true,"messages":[{{"role":"user","content":"count to 900 please"}}]}})", model);
    boost::asio::write(*socket, boost::asio::buffer(post("/v1/chat/completions", body)));
  }
  std::string head;
  boost::asio::read_until(streaming, boost::asio::dynamic_buffer(head), "data: ");
  const auto began = std::chrono::steady_clock::now();
  running.engine->stop_now();
  running.engine.reset();
  CHECK(std::chrono::steady_clock::now() - began < 3s);
  CHECK(std::ranges::count(running.lines, '\n') == 2);
  CHECK_FALSE(running.lines.contains(R"("end":"done")"));
}
