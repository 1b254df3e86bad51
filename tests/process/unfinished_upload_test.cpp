// Calls that fail while their client is still sending: the gateway answers, and lives on when the rest comes.
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

constexpr std::string_view head = "POST /up/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";

// A service that takes the connection and some bytes, and then resets it or keeps it without a word.
class RudeService {
 public:
  explicit RudeService(bool resets) : resets_(resets) {
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
      if (!resets_ || ::recv(taken, bytes, sizeof bytes, 0) < 0) {
        taken_.push_back(taken);
        continue;
      }
      const linger now{.l_onoff = 1, .l_linger = 0};
      ::setsockopt(taken, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      ::close(taken);
    }
  }
  const bool resets_;
  const int fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
  std::vector<int> taken_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a call that fails during its upload is answered, and the rest of the upload harms nothing") {
  struct Row {
    const char* name;
    bool resets;
    const char* more;  // of the config
    const char* status;
  };
  for (const Row& row : {Row{"the service resets", true, "", "502"},
                         {"the route's time is over", false, "{ to: up, strip: /up, timeout: 1s }", "504"}}) {
    CAPTURE(row.name);
    RudeService service(row.resets);
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
