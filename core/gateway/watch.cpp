#include "gateway/watch.h"

#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

namespace apigw::gateway {

namespace asio = boost::asio;

void Deadlines::arm(TimerWheel::Entry& entry, std::chrono::milliseconds delay) {
  advance();
  wheel_.arm(entry, delay);
  if (ticking_) return;
  ticking_ = true;
  asio::co_spawn(io_, tick(), asio::detached);
}

Task<void> Deadlines::tick() {
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      timer(io_.get_executor());
  while (waiting_ > 0) {
    timer.expires_after(TimerWheel::tick_length);
    boost::system::error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable_t<asio::io_context::executor_type>(), failed);
    co_await timer.async_wait(token);
    advance();
  }
  ticking_ = false;
}

Leash::Leash(http::Exchange& exchange, Deadlines& deadlines, std::optional<std::chrono::milliseconds> whole)
    : exchange_(exchange), deadlines_(deadlines), timed_(whole.has_value()) {
  exchange_.when_client_leaves([this] {
    left_ = true;
    pull();
  });
  if (exchange_.client_left()) {
    left_ = true;
    pull();
  }
  if (!timed_) return;
  deadlines_.enter();
  deadlines_.arm(*this, *whole);
}

Leash::~Leash() {
  exchange_.when_client_leaves(nullptr);
  if (timed_) deadlines_.leave();
}

void Leash::hold(UpstreamCall* call) {
  call_ = call;
  if (call_ && cut()) call_->abort();
}

void Leash::expired() {
  timed_out_ = true;
  pull();
}

void Leash::pull() {
  opening_.stop();
  if (call_) call_->abort();
}

}  // namespace apigw::gateway
