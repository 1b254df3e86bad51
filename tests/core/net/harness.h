// A Server with a service written in the test, a client made of a plain socket, and an upstream that does what the
// test says.
#pragma once
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server.h"

namespace apigw::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

// Real time for what needs it, with a lead that a test adds so that nobody waits for a timeout.
class LeapClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::now() + milliseconds(lead_.load());
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::now();
  }
  void leap(milliseconds by) { lead_ += by.count(); }

 private:
  std::atomic<std::int64_t> lead_ = 0;
};

// A blocking connection to 127.0.0.1 whose every wait ends after `patience`.
class Wire {
 public:
  static constexpr milliseconds patience{10'000};

  explicit Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  struct Taken {
    int fd;
  };
  explicit Wire(Taken taken) : fd_(taken.fd), connected_(true) {}
  Wire(Wire&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), rest_(std::move(other.rest_)) {}
  ~Wire() { close(); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int number() const { return fd_; }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // More bytes into rest(); false at the end, on a reset or when patience is over.
  bool more(milliseconds limit = patience) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(limit.count())) != 1) {
      timed_out_ = true;
      return false;
    }
    char bytes[65536];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n < 0) reset_ = true;
    if (n == 0) ended_ = true;
    if (n <= 0) return false;
    rest_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }
  // Up to and with `mark`, or all there is.
  std::string until(std::string_view mark) {
    while (rest_.find(mark) == std::string::npos && more()) {
    }
    const auto at = rest_.find(mark);
    const std::size_t size = at == std::string::npos ? rest_.size() : at + mark.size();
    std::string out = rest_.substr(0, size);
    rest_.erase(0, size);
    return out;
  }
  std::string take(std::size_t size) {
    while (rest_.size() < size && more()) {
    }
    std::string out = rest_.substr(0, size);
    rest_.erase(0, out.size());
    return out;
  }
  std::string all() {
    while (more()) {
    }
    return std::exchange(rest_, {});
  }
  // One reply with a content-length (or none).
  std::string reply() {
    std::string head = until("\r\n\r\n");
    const auto at = head.find("content-length: ");
    if (at == std::string::npos) return head;
    return head + take(std::stoul(head.substr(at + 16)));
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] bool was_reset() const { return reset_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }

 private:
  int fd_ = -1;
  bool connected_ = false, reset_ = false, ended_ = false, timed_out_ = false;
  std::string rest_;
};

// Accepts on a port of its own and runs `script` for each connection, each on a thread.
class Peer {
 public:
  using Script = std::function<void(Wire&, int connection)>;
  explicit Peer(Script script, bool everywhere = false)
      : script_(std::move(script)), fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(fd_, 1024) == 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~Peer() {
    ::shutdown(fd_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(fd_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int connections() const { return count_; }

 private:
  void accept() {
    for (;;) {
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const int index = count_++;
      threads_.emplace_back([this, fd, index] {
        Wire wire(Wire::Taken{fd});
        script_(wire, index);
      });
    }
  }

  Script script_;
  int fd_;
  std::uint16_t port_ = 0;
  std::atomic<int> count_ = 0;
  std::thread acceptor_;
  std::vector<std::thread> threads_;
};

// Sets a flag on one thread, waits for it on another, without sleeping.
class Flag {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool wait(milliseconds limit = 10s) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

using ServeOne = std::function<Task<void>(http::Exchange&, gateway::Transport&)>;

class Rig {
 public:
  explicit Rig(ServeOne serve, const std::function<void(model::Plan&)>& edit = {}, unsigned workers = 2,
               std::map<std::string, std::string> environment = {}, net::LookUp look_up = net::look_up)
      : server_({.workers = workers,
                 .clock = clock,
                 .environment = std::move(environment),
                 .service =
                     [serve](net::Worker worker) {
                       return net::Serve([serve, &transport = worker.transport](http::Exchange& exchange) {
                         return serve(exchange, transport);
                       });
                     },
                 .look_up = std::move(look_up)}) {
    plan.listeners.push_back({.host = "127.0.0.1", .port = 0, .port_given = true});
    if (edit) edit(plan);
    auto bound = server_.configure(plan, false);
    REQUIRE_MESSAGE(bound, bound.error().what);
    ports = *bound;
    server_.start();
  }
  [[nodiscard]] std::uint16_t port() const { return ports.front().port; }
  [[nodiscard]] Wire connect() const { return Wire(port()); }
  // One request on a connection of its own; everything that came back.
  [[nodiscard]] std::string ask(std::string_view bytes) const {
    Wire wire = connect();
    wire.send(bytes);
    return wire.all();
  }
  net::Server& server() { return server_; }

  LeapClock clock;
  model::Plan plan;
  std::vector<net::Bound> ports;

 private:
  net::Server server_;
};

// The request as text: method, path and body.
inline Task<void> echo(http::Exchange& exchange, gateway::Transport&) {
  std::string body;
  for (;;) {
    const auto piece = co_await exchange.read_body();
    if (!piece) {
      const int status = piece.error().kind == ErrorKind::too_large ? 413
                         : piece.error().kind == ErrorKind::timeout ? 408
                                                                    : 400;
      http::ResponseHead bad;
      bad.status = status;
      (void)co_await exchange.reply(bad, piece.error().what);
      co_return;
    }
    if (piece->empty()) break;
    body += *piece;
  }
  http::ResponseHead head;
  head.headers.add("content-type", "text/plain");
  const std::string text = exchange.head().method + " " + exchange.head().target.text() + " [" + body + "]";
  (void)co_await exchange.reply(head, text);
}

// Passes request and reply on, both streamed.
ServeOne forward_to(std::uint16_t port, model::Timeouts timeouts = {});
inline ServeOne forward(gateway::Destination destination, model::Timeouts timeouts = {}) {
  return [destination, timeouts](http::Exchange& exchange, gateway::Transport& transport) -> Task<void> {
    gateway::Opening opening;
    exchange.when_client_leaves([&opening] { opening.stop(); });
    auto opened = co_await transport.open(destination, timeouts, false, opening);
    exchange.when_client_leaves(nullptr);
    http::ResponseHead failed;
    failed.status = 502;
    if (!opened) {
      const std::string why = std::string(word(opened.error().kind)) + ": " + opened.error().what;
      (void)co_await exchange.reply(failed, why);
      co_return;
    }
    gateway::UpstreamCall& call = **opened;
    exchange.when_client_leaves([&call] { call.abort(); });
    gateway::UpstreamRequest request;
    request.method = exchange.head().method;
    request.target = exchange.head().target.text();
    request.authority = destination.origin.authority();
    request.has_body = exchange.head().has_body;
    request.content_length = exchange.head().content_length;
    auto piece = co_await exchange.read_body();
    if (!piece) co_return;
    auto sent = co_await call.send(request, *piece, exchange.body_done());
    while (sent && !exchange.body_done()) {
      piece = co_await exchange.read_body();
      if (!piece) co_return;
      sent = co_await call.send_more(*piece, exchange.body_done());
    }
    const auto head = co_await call.read_head();
    if (!head) {
      const std::string why = std::string(word(head.error().kind)) + ": " + head.error().what;
      (void)co_await exchange.reply(failed, why);
      exchange.when_client_leaves(nullptr);
      co_return;
    }
    http::ResponseHead out;
    out.status = (*head)->status;
    out.content_length = (*head)->content_length;
    for (const auto [name, value] : (*head)->headers) {
      if (name != "content-length" && name != "transfer-encoding" && name != "connection" && name != "date")
        out.headers.add(name, value);
    }
    (void)co_await exchange.start(out);
    for (;;) {
      const auto part = co_await call.read_body();
      if (!part) {
        exchange.abort();
        break;
      }
      if (part->empty()) {
        (void)co_await exchange.finish();
        break;
      }
      const auto wrote = co_await exchange.write(*part);
      if (!wrote) break;
    }
    exchange.when_client_leaves(nullptr);
  };
}
inline ServeOne forward_to(std::uint16_t port, model::Timeouts timeouts) {
  gateway::Destination destination;
  destination.origin = {.tls = false, .host = "127.0.0.1", .port = port};
  return forward(destination, timeouts);
}

}  // namespace apigw::test
