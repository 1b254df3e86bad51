#include "dialects/retry_advice.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"

namespace apigw::dialects {

namespace {

using std::chrono::milliseconds;
using Time = std::chrono::sys_time<milliseconds>;

constexpr milliseconds most = std::chrono::hours(24);

milliseconds bounded(double value) {
  if (!(value > 0)) return milliseconds(0);
  return milliseconds(static_cast<std::int64_t>(std::min(value, static_cast<double>(most.count()))));
}

// A number without sign or exponent, a fraction allowed: "1", "0.25".
std::optional<double> decimal(std::string_view s) {
  if (s.empty() || s.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::optional<unsigned> digits(std::string_view s, std::size_t at, std::size_t count) {
  if (at + count > s.size()) return std::nullopt;
  const auto number = text::parse_number(s.substr(at, count));
  return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

struct Clock {
  std::optional<unsigned> hour, minute, second;
};

std::optional<Time> moment(std::optional<unsigned> year, std::optional<unsigned> month, std::optional<unsigned> day,
                           const Clock& clock) {
  if (!year || !month || !day || !clock.hour || !clock.minute || !clock.second) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                                         std::chrono::day(*day));
  if (!date.ok() || *clock.hour > 23 || *clock.minute > 59 || *clock.second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*clock.hour) + std::chrono::minutes(*clock.minute) +
         std::chrono::seconds(*clock.second);
}

// "Sun, 06 Nov 1994 08:49:37 GMT", the one form that servers write today.
std::optional<Time> http_date(std::string_view s) {
  constexpr auto months = std::to_array<std::string_view>(
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  if (s.size() != 29 || !s.ends_with(" GMT")) return std::nullopt;
  const auto name = std::ranges::find(months, s.substr(8, 3));
  if (name == months.end()) return std::nullopt;
  return moment(digits(s, 12, 4), static_cast<unsigned>(name - months.begin()) + 1, digits(s, 5, 2),
                {digits(s, 17, 2), digits(s, 20, 2), digits(s, 23, 2)});
}

// RFC 3339 in UTC: "2026-01-02T03:04:05Z", a fraction is dropped.
std::optional<Time> utc_time(std::string_view s) {
  if (s.size() < 20 || !s.ends_with("Z") || (s[10] != 'T' && s[10] != 't')) return std::nullopt;
  return moment(digits(s, 0, 4), digits(s, 5, 2), digits(s, 8, 2),
                {digits(s, 11, 2), digits(s, 14, 2), digits(s, 17, 2)});
}

std::optional<milliseconds> until(std::optional<Time> then, std::optional<Time> now) {
  if (!then || !now) return std::nullopt;
  return std::clamp(*then - *now, milliseconds(0), most);
}

std::optional<Time> date_of(const http::Headers& headers) {
  const auto date = headers.find("date");
  return date ? http_date(*date) : std::nullopt;
}

struct Limit {
  std::string_view remaining, reset;
};
constexpr auto limits = std::to_array<Limit>({
    {"x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"},
    {"x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"},
    {"anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"},
    {"anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"},
    {"anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"},
    {"anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"},
});

// The longest wait of the limits that nothing is left of.
std::optional<milliseconds> until_refilled(const http::Headers& headers) {
  std::optional<milliseconds> longest;
  for (const Limit& limit : limits) {
    if (headers.find(limit.remaining).value_or("") != "0") continue;
    const auto reset = headers.find(limit.reset);
    if (!reset) continue;
    auto wait = read_duration(*reset);
    if (!wait) wait = until(utc_time(*reset), date_of(headers));
    if (wait && (!longest || *wait > *longest)) longest = wait;
  }
  return longest;
}

}  // namespace

std::optional<milliseconds> read_duration(std::string_view s) {
  double sum = 0;
  if (s.empty()) return std::nullopt;
  while (!s.empty()) {
    const auto unit = std::min(s.find_first_not_of("0123456789."), s.size());
    const auto count = decimal(s.substr(0, unit));
    s.remove_prefix(unit);
    const auto word = s.substr(0, std::min(s.find_first_of("0123456789."), s.size()));
    s.remove_prefix(word.size());
    if (!count) return std::nullopt;
    if (word == "ms")
      sum += *count;
    else if (word == "s" || word.empty())
      sum += *count * 1000;
    else if (word == "m")
      sum += *count * 60'000;
    else if (word == "h")
      sum += *count * 3'600'000;
    else
      return std::nullopt;
  }
  return bounded(sum);
}

std::optional<milliseconds> retry_advice(const http::Headers& headers) {
  if (const auto ms = headers.find("retry-after-ms")) {
    if (const auto count = decimal(*ms)) return bounded(*count);
  }
  if (const auto after = headers.find("retry-after")) {
    if (const auto seconds = decimal(*after)) return bounded(*seconds * 1000);
    if (const auto wait = until(http_date(*after), date_of(headers))) return wait;
  }
  return until_refilled(headers);
}

}  // namespace apigw::dialects
