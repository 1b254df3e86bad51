#include "run/probe.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace apigw::run;

namespace {

// A listening socket that answers one connection with `answer`, or takes none when it is empty.
struct Listener {
  Fd fd{socket(AF_INET, SOCK_STREAM, 0)};
  std::uint16_t port = 0;
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(fd.get(), 8);
    socklen_t size = sizeof address;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
};

bool outcome(Probe& probe) {
  while (true) {
    if (const auto good = probe.advance(std::chrono::steady_clock::now())) return *good;
    pollfd ready{probe.fd(), probe.events(), 0};
    poll(&ready, 1, 100);
  }
}

}  // namespace

TEST_CASE("an accepted connection is health when no path is asked for") {
  Listener listener;
  Probe probe(listener.port, "", std::chrono::steady_clock::now());
  CHECK(outcome(probe));
}

TEST_CASE("a port that nobody listens on is no health") {
  std::uint16_t port = 0;
  {
    const Listener listener;
    port = listener.port;
  }
  Probe probe(port, "", std::chrono::steady_clock::now());
  CHECK_FALSE(outcome(probe));
}

TEST_CASE("the status of the health path decides") {
  struct Row {
    std::string_view answer;
    bool good;
  };
  for (const Row& row : {Row{"HTTP/1.1 200 OK\r\n\r\n", true},
                         {"HTTP/1.1 302 Found\r\n\r\n", true},
                         {"HTTP/1.0 204 \r\n\r\n", true},
                         {"HTTP/1.1 503 No\r\n\r\n", false},
                         {"HTTP/1.1 404 No\r\n\r\n", false},
                         {"SSH-2.0-OpenSSH_9\r\n", false},
                         {"", false}}) {
    CAPTURE(row.answer);
    const Listener listener;
    Probe probe(listener.port, "/healthz", std::chrono::steady_clock::now());
    while (!probe.advance(std::chrono::steady_clock::now()) && probe.events() != POLLIN) {
    }
    const Fd server(accept(listener.fd.get(), nullptr, nullptr));
    std::array<char, 512> request{};
    const ssize_t n = read(server.get(), request.data(), request.size());
    CHECK(std::string_view(request.data(), static_cast<std::size_t>(n))
              .starts_with("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:"));
    (void)!write(server.get(), row.answer.data(), row.answer.size());
    shutdown(server.get(), SHUT_WR);
    CHECK(outcome(probe) == row.good);
  }
}

TEST_CASE("a service that takes the connection and says nothing is no health once the probe's time is over") {
  const Listener listener;
  const TimePoint now = std::chrono::steady_clock::now();
  Probe probe(listener.port, "/", now);
  CHECK_FALSE(probe.advance(now + Probe::limit).value());
}

TEST_CASE("an answer is read to its end, and one that has none is judged soon") {
  for (const bool ends : {true, false}) {
    CAPTURE(ends);
    const Listener listener;
    const TimePoint now = std::chrono::steady_clock::now();
    Probe probe(listener.port, "/", now);
    while (!probe.advance(now) && probe.events() != POLLIN) {
    }
    const Fd server(accept(listener.fd.get(), nullptr, nullptr));
    constexpr std::string_view head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    REQUIRE(write(server.get(), head.data(), head.size()) == static_cast<ssize_t>(head.size()));
    pollfd ready{probe.fd(), probe.events(), 0};
    REQUIRE(poll(&ready, 1, 5'000) == 1);
    CHECK_FALSE(probe.advance(now).has_value());
    if (ends) {
      REQUIRE(write(server.get(), "ok", 2) == 2);
      shutdown(server.get(), SHUT_WR);
      CHECK(outcome(probe));
    } else {
      CHECK_FALSE(probe.advance(now + Probe::rest / 2).has_value());
      CHECK(probe.advance(now + Probe::rest).value());
    }
  }
}
