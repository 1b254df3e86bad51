// The place where one coroutine sleeps until somebody on the same thread wakes it.
//
// Costs no operation of the io_context: the suspended coroutine is kept here as a value. At most one waits at a time.
#pragma once
#include <cassert>
#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/task.h"

namespace apigw::net {

using Executor = boost::asio::io_context::executor_type;
using Awaitable = boost::asio::use_awaitable_t<Executor>;

class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  [[nodiscard]] Task<void> wait() {
    assert(!handler_);
    return boost::asio::async_initiate<const Awaitable, void()>(
        [this](Handler handler) { handler_.emplace(std::move(handler)); }, Awaitable{});
  }
  [[nodiscard]] bool waiting() const { return handler_.has_value(); }

  // Runs the coroutine now, inside this call, until it suspends again; it may destroy the waiter. Only from a handler
  // of the loop, never from another coroutine.
  void wake() {
    if (!handler_) return;
    Handler handler = std::move(*handler_);
    handler_.reset();
    std::move(handler)();
  }
  // Runs it soon, from the loop: safe from anywhere on the thread.
  void wake_later(boost::asio::io_context& io) {
    if (!handler_) return;
    boost::asio::post(io, std::move(*handler_));
    handler_.reset();
  }

 private:
  using Handler = boost::asio::async_result<Awaitable, void()>::handler_type;
  std::optional<Handler> handler_;
};

}  // namespace apigw::net
