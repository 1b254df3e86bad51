// One health probe of a service on 127.0.0.1, without blocking: a TCP connect, or GET of a path with a 2xx or 3xx.
//
// Drive it from a poll loop: `fd` wants `events`; call advance() when it is ready and once the deadline has passed.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "run/child.h"

namespace apigw::run {

class Probe {
 public:
  static constexpr Milliseconds limit{2'000};
  static constexpr Milliseconds rest{
      200};  // for what follows the status, where the service keeps the connection open
  Probe(std::uint16_t port, const std::string& path, TimePoint now);
  [[nodiscard]] int fd() const { return socket_.get(); }
  [[nodiscard]] short events() const;  // POLLIN or POLLOUT
  [[nodiscard]] TimePoint deadline() const { return deadline_; }
  // Healthy or not, once the answer has ended.
  [[nodiscard]] std::optional<bool> advance(TimePoint now);

 private:
  [[nodiscard]] std::optional<bool> send_request();
  [[nodiscard]] std::optional<bool> read_answer(TimePoint now);
  Fd socket_;
  std::string request_;  // empty: connecting is enough
  std::string answer_;
  enum class Stage { connecting, sending, reading, refused } stage_ = Stage::connecting;
  bool healthy_ = false;  // as far as it is known
  TimePoint deadline_;
};

}  // namespace apigw::run
