// Clients that keep their connections, against a server that is told to stop under their load: who answers on every
// connection that it kept leaves `failed` at 0.
#pragma once
#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "support/process.h"

namespace support {

// Clients on kept connections, each with one request after the other until the other side takes no connection.
class KeptClients {
 public:
  // `end`: with what every body ends, and what nothing before it in the body is.
  KeptClients(std::uint16_t port, std::string target, int clients, std::string end = "\n")
      : port_(port), target_(std::move(target)), end_(std::move(end)) {
    for (int i = 0; i < clients; ++i) threads_.emplace_back([this] { work(); });
  }
  ~KeptClients() { finish(); }
  void finish() {
    stop_ = true;
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::atomic<int> done{0}, failed{0};
  // Set before the signal. From then on a new connection may end unanswered without being a failure: the kernel may
  // take one for a listener in the moment in which it closes, and any client sends that request again.
  std::atomic<bool> ending{false};

 private:
  void work() {
    while (!stop_) {
      std::unique_ptr<Connection> connection;
      try {
        connection = std::make_unique<Connection>(port_);
      } catch (const std::runtime_error&) {
        return;  // not taken any more: nothing was lost
      }
      for (bool first = true; !stop_ && ask(*connection, first); first = false) {
      }
    }
  }
  // Whether the connection may be used again.
  bool ask(Connection& connection, bool first) {
    std::string reply;
    try {
      connection.send("GET " + target_ + " HTTP/1.1\r\nhost: x\r\n\r\n");
      reply = connection.read_until("\r\n\r\n");
      std::string head = reply;
      std::ranges::transform(head, head.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      if (!head.starts_with("http/1.1 200 ")) throw std::runtime_error(head);
      const std::size_t length = head.find("content-length: ");
      if (length == std::string::npos) throw std::runtime_error("no length");
      const std::size_t body = reply.find("\r\n\r\n") + 4, size = std::stoul(head.substr(length + 16));
      if (reply.size() < body + size) reply += connection.read_until(end_);
      ++done;
      return head.find("connection: close") == std::string::npos;
    } catch (const std::runtime_error& error) {
      if (first && reply.empty() && ending) return false;
      MESSAGE(std::string(error.what()));
      ++failed;
      return false;
    }
  }
  std::uint16_t port_;
  std::string target_, end_;
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace support
