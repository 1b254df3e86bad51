// Lets one coroutine wait until another one of the same thread is done.
#pragma once
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/task.h"

namespace apigw::gateway {

class Signal {
 public:
  explicit Signal(boost::asio::io_context& io) : timer_(io.get_executor()) {}

  void raise() {
    raised_ = true;
    timer_.cancel();
  }
  void lower() { raised_ = false; }
  // Returns once raised, at once when it is.
  Task<void> wait() {
    while (!raised_) {
      timer_.expires_at(Timer::time_point::max());
      boost::system::error_code cancelled;
      auto token = boost::asio::redirect_error(boost::asio::use_awaitable_t<Executor>(), cancelled);
      co_await timer_.async_wait(token);
    }
  }

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Steady = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Steady, boost::asio::wait_traits<Steady>, Executor>;
  Timer timer_;
  bool raised_ = false;
};

}  // namespace apigw::gateway
