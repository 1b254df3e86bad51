// A service that takes no connection: the route's time and a leaving client end the wait for it, not the connect's.
#include <chrono>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway.h"

using namespace support;

namespace {

// Listens, accepts nobody, and has its queue full: whoever connects now gets no answer.
class FullService {
 public:
  FullService() {
    socklen_t size = sizeof address_;
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ::bind(sockets_[0], reinterpret_cast<sockaddr*>(&address_), size);
    ::listen(sockets_[0], 0);
    ::getsockname(sockets_[0], reinterpret_cast<sockaddr*>(&address_), &size);
    for (int i = 0; i < 4; ++i) {
      sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      ::connect(sockets_.back(), reinterpret_cast<sockaddr*>(&address_), size);
    }
  }
  ~FullService() {
    for (const int each : sockets_) ::close(each);
  }
  FullService(const FullService&) = delete;
  FullService& operator=(const FullService&) = delete;
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  sockaddr_in address_{};
  std::vector<int> sockets_;
};

}  // namespace

TEST_CASE("a service that takes no connection is not waited for longer than the route's time or the client") {
  const FullService service;
  Gateway gateway("apigw: 1\nlisten: 127.0.0.1:0\ntimeouts: { connect: 30s }\nservices:\n  up: " + service.url() +
                  "\nroutes:\n  /short: { to: up, timeout: 1s }\n  /long: up\n");
  gateway.start();
  const auto began = std::chrono::steady_clock::now();
  CHECK(gateway.get("/short").status == 504);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(10));
  Connection client(gateway.port);
  client.send("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.close();
  CHECK_NOTHROW(gateway.process->wait_for("/long", std::chrono::seconds(10)));
  CHECK(gateway.stop().code == 0);
}
