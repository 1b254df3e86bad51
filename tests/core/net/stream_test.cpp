// Streams in both directions: back-pressure, clients that leave, replies that break, upstreams that misbehave.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "harness.h"
#include "net/resolver.h"
#include "net/waiter.h"

using namespace apigw;
using namespace apigw::test;

namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nhost: h\r\n\r\n";

}  // namespace

TEST_CASE("a client that leaves is noticed while the service waits, and its upstream call ends") {
  Flag waiting, gone;
  Peer upstream([&](Wire& wire, int) {
    wire.until("\r\n\r\n");
    waiting.set();
    while (wire.more()) {
    }
    if (wire.ended() || wire.was_reset()) gone.set();
  });
  Rig rig(forward_to(upstream.port()));
  for (const bool reset : {false, true}) {
    CAPTURE(reset);
    Wire wire = rig.connect();
    wire.send(get);
    REQUIRE(waiting.wait());
    const auto began = std::chrono::steady_clock::now();
    reset ? wire.reset() : wire.close();
    CHECK(gone.wait());
    CHECK(std::chrono::steady_clock::now() - began < 1s);
  }
}

TEST_CASE("a client that leaves in the middle of its upload ends the call") {
  Flag called, gone;
  Peer upstream([&](Wire& wire, int) {
    wire.until("some");
    called.set();
    while (wire.more()) {
    }
    gone.set();
  });
  Rig rig(forward_to(upstream.port()));
  Wire wire = rig.connect();
  wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\nsome");
  // One that leaves before its call has begun is never called for: see slow_connect_test.
  REQUIRE(called.wait());
  wire.close();
  CHECK(gone.wait());
}

TEST_CASE("a slow reader slows its writer down instead of filling memory") {
  std::atomic<std::uint64_t> written = 0;
  Flag stopped;
  Rig rig([&](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
    http::ResponseHead reply;
    (void)co_await exchange.start(reply);
    const std::string block(64 << 10, 'x');
    for (int i = 0; i < 4'000; ++i) {  // 256 MB
      const auto wrote = co_await exchange.write(block);
      if (!wrote) {
        CHECK(wrote.error().kind == ErrorKind::timeout);
        break;
      }
      written += block.size();
    }
    CHECK(exchange.client_left());
    stopped.set();
  });
  Wire wire = rig.connect();
  wire.send(get);
  REQUIRE(wire.more());
  // It takes no more: the writer comes to a halt at what the kernel holds, and is cut after client_write.
  bool halted = false;
  for (int i = 0; i < 100 && !halted; ++i) {
    rig.clock.leap(31s);
    halted = stopped.wait(100ms);
  }
  CHECK(halted);
  CHECK(written < 64u << 20);
}

TEST_CASE("a large body passes in both directions") {
  Peer upstream([](Wire& wire, int) {
    const std::string head = wire.until("\r\n\r\n");
    const std::size_t size = std::stoul(head.substr(head.find("content-length: ") + 16));
    const std::string body = wire.take(size);
    wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    char line[32];
    std::snprintf(line, sizeof line, "%zx\r\n", body.size());
    wire.send(line + body + "\r\n0\r\n\r\n");
  });
  Rig rig(forward_to(upstream.port()), [](model::Plan& plan) { plan.caps.body = 64 << 20; });
  std::string body(20 << 20, 'a');
  for (std::size_t i = 0; i < body.size(); i += 4'093) body[i] = static_cast<char>('b' + i % 7);
  Wire wire = rig.connect();
  std::thread sender([&] {
    wire.send("POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  });
  const std::string reply = wire.all();
  sender.join();
  std::string back;
  for (std::size_t at = reply.find("\r\n\r\n") + 4;;) {
    const std::size_t size = std::stoul(reply.substr(at, 16), nullptr, 16);
    if (size == 0) break;
    at = reply.find("\r\n", at) + 2;
    back += reply.substr(at, size);
    at += size + 2;
  }
  CHECK(back.size() == body.size());
  CHECK(back == body);
}

TEST_CASE("replies of upstreams end where they say, and a cut one ends as a broken stream") {
  struct Row {
    const char* name;
    const char* reply;
    const char* expected;  // end of what the client sees
    bool broken;
  };
  const Row rows[] = {
      {"a length", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", "\r\n\r\nhello", false},
      {"no body", "HTTP/1.1 204 No Content\r\n\r\n", "\r\n\r\n", false},
      {"chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       "5\r\nhello\r\n0\r\n\r\n", false},
      {"the connection's end", "HTTP/1.1 200 OK\r\n\r\nhello", "5\r\nhello\r\n0\r\n\r\n", false},
      {"an early hint first",
       "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "\r\n\r\nok",
       false},
      {"a cut length", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello", "hello", true},
      {"cut chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "hello\r\n", true},
      {"a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", "hello\r\n",
       true},
      {"nothing", "", "closed: ", false},
      {"half a head", "HTTP/1.1 200 OK\r\ncontent-le", "closed: ", false},
      {"no HTTP", "SSH-2.0-OpenSSH\r\n\r\n", "protocol: ", false},
      {"length and chunks", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
       "protocol: ", false},
      {"two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello", "protocol: ", false},
      {"a switch of protocols", "HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n", "protocol: ", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    Peer upstream([&](Wire& wire, int) {
      wire.until("\r\n\r\n");
      wire.send(row.reply);
      wire.half_close();
      wire.all();
    });
    Rig rig(forward_to(upstream.port()), {}, 1);
    Wire wire = rig.connect();
    wire.send("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    const std::string reply = wire.all();
    const std::string_view expected = row.expected;
    if (expected.ends_with(": ")) {
      CHECK(reply.starts_with("HTTP/1.1 502 "));
      CHECK(reply.contains("\r\n\r\n" + std::string(expected)));
    } else {
      CHECK(reply.starts_with("HTTP/1.1 20"));
      if (!row.broken) CHECK(reply.ends_with(expected));
    }
    CHECK(wire.was_reset() == row.broken);
  }
}

TEST_CASE("an upstream may answer before it has the whole request") {
  Peer upstream([](Wire& wire, int) {
    wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nno!");
    wire.half_close();
    wire.all();
  });
  Flag answered;
  Rig rig([&](http::Exchange& exchange, gateway::Transport& transport) -> Task<void> {
    gateway::Destination to;
    to.origin = {false, "127.0.0.1", upstream.port()};
    const model::Timeouts timeouts;
    gateway::Opening opening;
    auto opened = co_await transport.open(to, timeouts, false, opening);
    REQUIRE(opened);
    gateway::UpstreamRequest request;
    request.method = "POST";
    request.target = "/";
    request.authority = "up";
    request.has_body = true;
    const std::string_view piece = "part";
    (void)co_await (*opened)->send(request, piece, false);
    const auto head = co_await (*opened)->read_head();
    REQUIRE(head);
    CHECK((*head)->status == 413);
    const auto body = co_await (*opened)->read_body();
    CHECK(body.value_or("") == "no!");
    http::ResponseHead reply;
    (void)co_await exchange.reply(reply, "");
  });
  Wire wire = rig.connect();
  wire.send(get);
  CHECK(wire.reply().starts_with("HTTP/1.1 200 "));
  while (rig.server().counters().upstream_connections != 0) std::this_thread::yield();  // never back into the pool
}

TEST_CASE("a reply that does not wait for the request's body ends whoever reads it") {
  Flag ended;
  Rig rig([&](http::Exchange& exchange, gateway::Transport&) -> Task<void> {
    const auto executor = co_await boost::asio::this_coro::executor;
    net::Waiter reader_ended;
    auto read = [&]() -> Task<void> {
      auto piece = co_await exchange.read_body();
      CHECK(piece.value_or("") == "half");
      piece = co_await exchange.read_body();
      CHECK((!piece && piece.error().kind == ErrorKind::cancelled));
      ended.set();
      reader_ended.wake_later(boost::asio::query(executor, boost::asio::execution::context));
    };
    boost::asio::co_spawn(executor, read(), boost::asio::detached);
    http::ResponseHead reply;
    reply.status = 413;
    (void)co_await exchange.reply(reply, "no");
    co_await reader_ended.wait();
  });
  Wire wire = rig.connect();
  wire.send("POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\nhalf");
  const std::string reply = wire.all();  // the other half is never sent
  CHECK(reply.starts_with("HTTP/1.1 413 "));
  CHECK(reply.contains("connection: close\r\n"));
  CHECK(wire.ended());
  CHECK(ended.wait());
}

TEST_CASE("waiting for an upstream has limits: connect, first byte, between bytes") {
  Flag asked, half;
  Peer upstream([&](Wire& wire, int connection) {
    wire.until("\r\n\r\n");
    if (connection == 1) wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    connection == 1 ? half.set() : asked.set();
    wire.all();
  });
  Rig rig(forward_to(upstream.port()), {}, 1);
  Wire first = rig.connect();
  first.send(get);
  REQUIRE(asked.wait());
  rig.clock.leap(31s);
  CHECK(first.reply().contains("\r\n\r\ntimeout: "));
  Wire second = rig.connect();
  second.send(get);
  REQUIRE(half.wait());
  second.until("hello");
  rig.clock.leap(61s);
  second.all();
  CHECK(second.was_reset());
}

TEST_CASE("a pooled connection that its upstream closed is not used again") {
  Flag closed;
  Peer upstream([&](Wire& wire, int connection) {
    wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n" + std::to_string(connection));
    wire.close();
    closed.set();
  });
  Rig rig(forward_to(upstream.port()), {}, 1);
  Wire wire = rig.connect();
  for (int i = 0; i < 10; ++i) {
    wire.send(get);
    CHECK(wire.reply().ends_with("\r\n\r\n" + std::to_string(i)));
    REQUIRE(closed.wait());
    while (rig.server().counters().upstream_connections != 0) std::this_thread::yield();
  }
}

TEST_CASE("an idle pooled connection is closed when it says something unasked, and after its time") {
  Flag spoken;
  Peer upstream([&](Wire& wire, int connection) {
    wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    if (connection == 0) wire.send("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    wire.all();
  });
  Rig rig(forward_to(upstream.port()), {}, 1);
  Wire wire = rig.connect();
  for (int i = 0; i < 2; ++i) {
    wire.send(get);
    CHECK(wire.reply().ends_with("\r\n\r\nok"));
    if (i == 0) {
      while (rig.server().counters().upstream_connections != 0) std::this_thread::yield();
    }
  }
  CHECK(rig.server().counters().upstream_connections == 1);
  rig.clock.leap(51s);
  while (rig.server().counters().upstream_connections != 0) std::this_thread::yield();
  CHECK(upstream.connections() == 2);
}

TEST_CASE("the cap on connections to an origin holds over all workers") {
  std::atomic<int> open = 0;
  Flag all_asked, answer;
  Peer upstream([&](Wire& wire, int) {
    wire.until("\r\n\r\n");
    if (++open == 3) all_asked.set();
    (void)answer.wait();
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    wire.all();
  });
  gateway::Destination to;
  to.origin = {false, "127.0.0.1", upstream.port()};
  to.connections = 3;
  Rig rig(forward(to), {}, 2);
  std::vector<Wire> wires;
  for (int i = 0; i < 3; ++i) {
    wires.push_back(rig.connect());
    wires.back().send(get);
  }
  REQUIRE(all_asked.wait());
  CHECK(rig.ask("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").contains("\r\n\r\nunavailable: "));
  answer.set();
  for (Wire& wire : wires) CHECK(wire.reply().ends_with("ok"));
}

TEST_CASE("a connection that lies idle on another worker does not use the cap up") {
  Peer upstream([](Wire& wire, int) {
    while (wire.until("\r\n\r\n").ends_with("\r\n\r\n")) wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  });
  gateway::Destination to;
  to.origin = {false, "127.0.0.1", upstream.port()};
  to.connections = 1;
  Rig rig(forward(to), {}, 2);
  std::vector<Wire> wires;
  for (int i = 0; i < 6; ++i) wires.push_back(rig.connect());
  for (int round = 0; round < 3; ++round) {
    for (Wire& wire : wires) {
      wire.send(get);
      CHECK(wire.reply().starts_with("HTTP/1.1 200 "));
      CHECK(rig.server().counters().upstream_connections <= 1);
    }
  }
  CHECK(upstream.connections() > 1);
}

TEST_CASE("an upstream that cannot be reached is named with the reason") {
  std::uint16_t closed_port = 0;
  {
    Peer nobody([](Wire&, int) {});
    closed_port = nobody.port();
  }
  Rig rig(forward_to(closed_port));
  const std::string reply = rig.ask("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
  CHECK(reply.contains("connect: connect to 127.0.0.1:" + std::to_string(closed_port) + ": Connection refused"));
}

TEST_CASE("localhost is known without the system's help") {
  for (const char* const name : {"localhost", "shop.localhost"}) {
    std::vector<std::string> texts;
    for (const net::SocketAddress& address : net::loopback_addresses(name)) texts.push_back(address.text());
    CHECK(texts == std::vector<std::string>{"127.0.0.1", "::1"});
  }
  for (const char* const name : {"localhost.example", "notlocalhost", ""})
    CHECK(net::loopback_addresses(name).empty());
}

TEST_CASE("names are looked up in the background") {
  Peer upstream([](Wire& wire, int) {
    wire.until("\r\n\r\n");
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    wire.all();
  });
  gateway::Destination to;
  to.origin = {false, "localhost", upstream.port()};
  Rig rig(forward(to));
  CHECK(rig.ask("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n").ends_with("ok"));
  to.origin.host = "no-such-host.invalid";
  Rig lost(forward(to));
  CHECK(lost.ask("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
            .contains("connect: look up no-such-host.invalid: "));
}

namespace {

// A name with the given addresses; an empty list: not known.
net::LookUp named(std::vector<std::string> hosts) {
  return [hosts](const std::string&) {
    net::Answer answer;
    for (const std::string& host : hosts) {
      net::SocketAddress address;
      if (net::parse_address(host, 0, address)) answer.addresses.push_back(address);
    }
    answer.error = "not known";
    return answer;
  };
}

// Answers each request with the address that it came to.
void tell_address(Wire& wire, int) {
  while (!wire.until("\r\n\r\n").empty()) {
    net::SocketAddress own;
    own.size = sizeof own.bytes;
    ::getsockname(wire.number(), reinterpret_cast<sockaddr*>(&own.bytes), &own.size);
    wire.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n" + own.text());
  }
}

gateway::Destination spread_over(std::uint16_t port) {
  gateway::Destination to;
  to.origin = {false, "reviews.internal", port};
  to.spread = true;
  return to;
}

}  // namespace

TEST_CASE("calls take turns over the addresses of a name, on connections that stay") {
  Peer upstream(tell_address, true);
  Rig rig(forward(spread_over(upstream.port())), {}, 1, {}, named({"127.0.0.1", "127.0.0.2", "127.0.0.3"}));
  Wire wire = rig.connect();
  std::map<std::string, int> calls;
  for (int i = 0; i < 9; ++i) {
    wire.send(get);
    const std::string reply = wire.reply();
    ++calls[reply.substr(reply.find("\r\n\r\n") + 4)];
  }
  CHECK(calls == std::map<std::string, int>{{"127.0.0.1", 3}, {"127.0.0.2", 3}, {"127.0.0.3", 3}});
  CHECK(upstream.connections() == 3);
}

TEST_CASE("an address that takes no connection is passed over") {
  Peer upstream(tell_address);  // on 127.0.0.1 only
  Rig rig(forward(spread_over(upstream.port())), {}, 1, {}, named({"127.0.0.2", "127.0.0.1"}));
  Wire wire = rig.connect();
  for (int i = 0; i < 6; ++i) {
    wire.send(get);
    CHECK(wire.reply().ends_with("\r\n\r\n127.0.0.1"));
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("a name that cannot be looked up is told, and what is connected serves on") {
  Peer upstream(tell_address);
  std::atomic<bool> known = true;
  const auto look_up = [&known](const std::string& host) {
    return named(known ? std::vector<std::string>{"127.0.0.1"} : std::vector<std::string>{})(host);
  };
  Rig rig(forward(spread_over(upstream.port())), {}, 1, {}, look_up);
  Wire first = rig.connect();
  first.send(get);
  CHECK(first.reply().ends_with("127.0.0.1"));
  known = false;
  rig.clock.leap(6s);  // what was found is forgotten
  first.send(get);
  CHECK(first.reply().ends_with("127.0.0.1"));
  CHECK(upstream.connections() == 1);
  rig.clock.leap(51s);  // so is the connection
  while (rig.server().counters().upstream_connections != 0) std::this_thread::yield();
  CHECK(rig.ask("GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
            .contains("look up reviews.internal: not known"));
}
