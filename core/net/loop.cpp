#include "net/loop.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace apigw::net {

std::string_view Loop::date_field() {
  const std::time_t second = std::chrono::system_clock::to_time_t(clock.wall());
  if (second == date_second_ && !date_.empty()) return date_;
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm t{};
  ::gmtime_r(&second, &t);
  date_ = fmt::format("date: {}, {:02} {} {} {:02}:{:02}:{:02} GMT\r\n", days[t.tm_wday], t.tm_mday, months[t.tm_mon],
                      t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec);
  date_second_ = second;
  return date_;
}

}  // namespace apigw::net
