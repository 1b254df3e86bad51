// Deadlines of one worker's exchanges, and what may end an upstream call from outside: the client that leaves, the
// exchange's own deadline.
//
// The wheel is ticked by a coroutine that runs only while something waits, so an idle gateway wakes for nothing.
// Knows the clock only as a parameter.
#pragma once
#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/timer_wheel.h"
#include "gateway/transport.h"
#include "http/exchange.h"

namespace apigw::gateway {

class Deadlines {
 public:
  Deadlines(boost::asio::io_context& io, const Clock& clock) : io_(io), clock_(clock), wheel_(clock.now()) {}
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  // Arms `entry`; the wheel is brought to the present first, since a delay counts from its last advance.
  void arm(TimerWheel::Entry& entry, std::chrono::milliseconds delay);
  void advance() { wheel_.advance(clock_.now()); }
  // Everybody who arms entries says so while he may.
  void enter() { ++waiting_; }
  void leave() { --waiting_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }

 private:
  Task<void> tick();

  boost::asio::io_context& io_;
  const Clock& clock_;
  TimerWheel wheel_;
  unsigned waiting_ = 0;
  bool ticking_ = false;
};

class Leash final : private TimerWheel::Entry {
 public:
  Leash(http::Exchange& exchange, Deadlines& deadlines, std::optional<std::chrono::milliseconds> whole);
  ~Leash() override;
  // The call to abort from now on; null: none. One that is held too late is aborted at once.
  void hold(UpstreamCall* call);
  // For the opens of this exchange: the leash ends them as it ends a call.
  [[nodiscard]] Opening& opening() { return opening_; }
  [[nodiscard]] bool client_left() const { return left_; }
  [[nodiscard]] bool timed_out() const { return timed_out_; }
  [[nodiscard]] bool cut() const { return left_ || timed_out_; }

 private:
  void expired() override;
  void pull();

  http::Exchange& exchange_;
  Deadlines& deadlines_;
  const bool timed_;
  Opening opening_;
  UpstreamCall* call_ = nullptr;
  bool left_ = false, timed_out_ = false;
};

}  // namespace apigw::gateway
