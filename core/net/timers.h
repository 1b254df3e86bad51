// The deadlines of one worker: a timer wheel ticked by one timer of the io_context, which sleeps while nothing is
// armed.
//
// A Deadline is re-armed lazily: moving it later, as every request does, is one store; only when its old place in the
// wheel comes up is it put further back. It is met late by up to two ticks, never early.
#pragma once
#include <algorithm>
#include <chrono>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "base/timer_wheel.h"

namespace apigw::net {

class Timers {
 public:
  Timers(boost::asio::io_context& io, const Clock& clock);
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // As of the last tick: up to 50 ms old.
  [[nodiscard]] TimerWheel::TimePoint now() {
    freshen();
    return now_;
  }
  // What is left until `due`, at least nothing.
  [[nodiscard]] std::chrono::milliseconds until(TimerWheel::TimePoint due) {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(due - now()), std::chrono::milliseconds::zero());
  }
  // Nothing ticks any more: the io_context may run out of work.
  void stop();

 private:
  friend class Deadline;
  void arm(TimerWheel::Entry& entry, std::chrono::milliseconds delay);
  void freshen();
  void start_ticking();

  const Clock& clock_;
  TimerWheel::TimePoint now_;
  TimerWheel wheel_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  int armed_ = 0;
  bool ticking_ = false;
  bool stopped_ = false;
};

class Deadline final : private TimerWheel::Entry {
 public:
  // `call(owner)` runs from the loop when the time is up; it may destroy the deadline.
  Deadline(Timers& timers, void* owner, void (*call)(void* owner)) : timers_(timers), owner_(owner), call_(call) {}
  ~Deadline() override { leave(); }

  void set(std::chrono::milliseconds delay);
  void clear() { due_ = never; }
  [[nodiscard]] bool pending() const { return due_ != never; }

 private:
  static constexpr TimerWheel::TimePoint never = TimerWheel::TimePoint::max();
  void expired() override;
  void leave();
  void enter(std::chrono::milliseconds delay);

  Timers& timers_;
  void* owner_;
  void (*call_)(void*);
  TimerWheel::TimePoint due_ = never;
  TimerWheel::TimePoint slot_ = never;  // when its place in the wheel comes up
};

}  // namespace apigw::net
