// Calls that fail, are answered or lose their client while it is still sending: the gateway answers, writes the
// outcome down, and lives on when the rest comes.
#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway.h"

using namespace support;

namespace {

constexpr std::string_view early = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nearly";
constexpr std::string_view head = "POST /up/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";

// A service that takes the connection and, after some bytes or none, does as it likes.
class RudeService {
 public:
  enum class Manner {
    resets,
    silent,   // never reads
    answers,  // before it has the body, and reads no further
  };
  explicit RudeService(Manner manner) : manner_(manner) {
    socklen_t size = sizeof address_;
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address_), size);
    ::listen(fd_, 8);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address_), &size);
    thread_ = std::thread([this] { serve(); });
  }
  ~RudeService() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    for (const int taken : taken_) ::close(taken);
    ::close(fd_);
  }
  RudeService(const RudeService&) = delete;
  RudeService& operator=(const RudeService&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  void serve() {
    for (int taken = ::accept(fd_, nullptr, nullptr); taken >= 0; taken = ::accept(fd_, nullptr, nullptr)) {
      char bytes[2000];
      bool keeps = manner_ == Manner::silent || ::recv(taken, bytes, sizeof bytes, 0) < 0;
      // So much that what is left over is less than the gateway gives a connection up for.
      for (std::size_t got = sizeof bytes; manner_ == Manner::answers && !keeps && got < 90'000;) {
        const ssize_t more = ::recv(taken, bytes, sizeof bytes, 0);
        keeps = more <= 0;
        got += static_cast<std::size_t>(std::max<ssize_t>(more, 0));
      }
      if (manner_ == Manner::answers) ::send(taken, early.data(), early.size(), MSG_NOSIGNAL);
      if (keeps || manner_ == Manner::answers) {
        taken_.push_back(taken);
        continue;
      }
      const linger now{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(taken, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      ::close(taken);
    }
  }
  const Manner manner_;
  const int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
  std::vector<int> taken_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a call that fails during its upload is answered, and the rest of the upload harms nothing") {
  struct Row {
    const char* name;
    RudeService::Manner manner;
    const char* more;  // of the config
    const char* status;
  };
  for (const Row& row :
       {Row{"the service resets", RudeService::Manner::resets, "", "502"},
        {"the route's time is over", RudeService::Manner::silent, "{ to: up, strip: /up, timeout: 1s }", "504"}}) {
    CAPTURE(row.name);
    RudeService service(row.manner);
    const std::string route = *row.more == '\0' ? "{ to: up, strip: /up }" : row.more;
    Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\nservices:\n  up: " + service.url() +
                    "\nroutes:\n  /up/**: " + route + "\n  /old: { redirect: /new }\n");
    gateway.start();
    for (int i = 0; i < 3; ++i) {
      Connection client(gateway.port);
      client.send(head);
      client.send(std::string(200, 'x'));
      CHECK(client.read_until("\r\n\r\n").find(row.status) != std::string::npos);
      for (int piece = 0; piece < 3; ++piece) static_cast<void>(client.try_send(std::string(200, 'x')));
      CHECK(gateway.get("/old").status == 308);
    }
    CHECK(gateway.process->running());
    CHECK(gateway.stop().code == 0);
  }
}

TEST_CASE("an upstream that stops taking the upload has as long as for its answer") {
  RudeService service(RudeService::Manner::silent);
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\ntimeouts: { first_byte: 1s }\nservices:\n  up: " + service.url() +
                  "\nroutes:\n  /up/**: { to: up, strip: /up, body: 1GiB }\n");
  gateway.start();
  Connection client(gateway.port);
  client.send("POST /up/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  // More than all the kernel's buffers on the way hold.
  std::thread sender([&] {
    const std::string piece(1 << 20, 'x');
    while (client.try_send(piece)) {
    }
  });
  CHECK(client.read_until("\r\n\r\n").find(" 504 ") != std::string::npos);
  static_cast<void>(gateway.process->wait_for("\"reason\":\"upstream_timeout\""));
  sender.join();
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("a client may pause its upload for longer than the upstream has for its answer") {
  FakeUpstream upstream;
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\ntimeouts: { first_byte: 1s }\nservices:\n  up: " + upstream.url() +
                  "\nroutes:\n  /up/**: { to: up, strip: /up }\n");
  gateway.start();
  Connection client(gateway.port);
  client.send("POST /up/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
  client.send(std::string(70'000, 'x'));
  // Two answers that never come, one after the other, are the clock.
  CHECK(gateway.get("/up/hold").status == 504);
  CHECK(gateway.get("/up/hold").status == 504);
  client.send(std::string(30'000, 'x'));
  CHECK(client.read_until("\r\n\r\n").find(" 200 ") != std::string::npos);
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("an early answer is the end of the exchange, whatever of the upload is still to come") {
  RudeService service(RudeService::Manner::answers);
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\nservices:\n  up: " + service.url() +
                  "\nroutes:\n  /up/**: { to: up, strip: /up }\n  /old: { redirect: /new }\n");
  gateway.start();
  Connection client(gateway.port);
  client.send(head);
  client.send(std::string(95'000, 'x'));
  CHECK(client.read_until("early").find(" 200 ") != std::string::npos);
  static_cast<void>(gateway.process->wait_for("\"path\":\"/up/x\""));  // before the rest is sent
  client.send(std::string(5'000, 'x') + "GET /old HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(client.read_until("\r\n\r\n").find(" 308 ") != std::string::npos);
  CHECK(gateway.stop().code == 0);
}

TEST_CASE("a client that closes its sending side behind its request has left") {
  FakeUpstream upstream;
  Gateway gateway(one_service(upstream.url()));
  gateway.start();
  Connection client(gateway.port);
  client.send("GET /up/hold HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.finish_sending();
  CHECK(client.read_all().empty());
  static_cast<void>(gateway.process->wait_for("\"end\":\"client_left\""));
  CHECK(gateway.stop().code == 0);
}
