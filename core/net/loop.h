// What the sockets of one worker share: its io_context, readiness, deadlines, buffers and the date of this second.
#pragma once
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "base/clock.h"
#include "net/blocks.h"
#include "net/poller.h"
#include "net/timers.h"

namespace apigw::net {

struct Loop {
  explicit Loop(const Clock& the_clock) : clock(the_clock), timers(io, the_clock), poller(io) {}

  // "date: Tue, 24 Nov 2026 22:54:05 GMT\r\n", made once a second.
  [[nodiscard]] std::string_view date_field();

  const Clock& clock;
  boost::asio::io_context io{1};
  Timers timers;
  Poller poller;
  Blocks blocks;

 private:
  std::string date_;
  std::time_t date_second_ = 0;
};

}  // namespace apigw::net
