#include "net/timers.h"

#include <algorithm>

namespace apigw::net {

using std::chrono::milliseconds;

Timers::Timers(boost::asio::io_context& io, const Clock& clock)
    : clock_(clock), now_(clock.now()), wheel_(now_), timer_(io) {}

void Timers::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Timers::freshen() {
  if (ticking_) return;  // the last tick is recent enough
  now_ = std::max(now_, clock_.now());
  wheel_.advance(now_);
}

void Timers::arm(TimerWheel::Entry& entry, milliseconds delay) {
  wheel_.arm(entry, delay);
  ++armed_;
  start_ticking();
}

void Timers::start_ticking() {
  if (ticking_ || stopped_ || armed_ == 0) return;
  ticking_ = true;
  timer_.expires_after(TimerWheel::tick_length);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    now_ = std::max(now_, clock_.now());
    wheel_.advance(now_);
    ticking_ = false;
    start_ticking();
  });
}

void Deadline::set(milliseconds delay) {
  due_ = timers_.now() + delay + TimerWheel::tick_length;
  if (armed() && slot_ <= due_) return;
  leave();
  enter(delay);
}

void Deadline::enter(milliseconds delay) {
  slot_ = timers_.now() + delay;
  timers_.arm(*this, delay);
}

void Deadline::leave() {
  if (!armed()) return;
  disarm();
  --timers_.armed_;
}

void Deadline::expired() {
  --timers_.armed_;  // the wheel has let go of the entry already
  if (due_ == never) return;
  if (due_ > timers_.now()) {
    enter(std::max(std::chrono::ceil<milliseconds>(due_ - timers_.now()), milliseconds{1}));
    return;
  }
  due_ = never;
  call_(owner_);
}

}  // namespace apigw::net
