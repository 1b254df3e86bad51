#include "base/decimal.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace apigw::decimal {
namespace {

constexpr int most_exponent = 100;  // beyond it a number is 0 or too large, whatever its digits are

bool digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits at the front of `s`.
std::string_view digits(std::string_view& s) {
  std::size_t n = 0;
  while (n < s.size() && digit(s[n])) ++n;
  const std::string_view taken = s.substr(0, n);
  s.remove_prefix(n);
  return taken;
}

// Of the exponent that is all of `s`; what is far out stays at the bound.
std::optional<int> exponent(std::string_view s) {
  const bool negative = s.starts_with('-');
  if (negative || s.starts_with('+')) s.remove_prefix(1);
  const std::string_view taken = digits(s);
  if (taken.empty() || !s.empty()) return std::nullopt;
  const auto size = text::parse_number(taken);
  const int value = !size || *size > most_exponent ? most_exponent : static_cast<int>(*size);
  return negative ? -value : value;
}

}  // namespace

std::optional<std::uint64_t> parse(std::string_view s, unsigned places) {
  const std::string_view whole = digits(s);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  std::string_view fraction;
  if (s.starts_with('.')) {
    s.remove_prefix(1);
    fraction = digits(s);
    if (fraction.empty()) return std::nullopt;
  }
  int shift = static_cast<int>(places);
  if (!s.empty()) {
    if (s.front() != 'e' && s.front() != 'E') return std::nullopt;
    const auto more = exponent(s.substr(1));
    if (!more) return std::nullopt;
    shift += *more;
  }
  // The digits that are whole units, then whether any below them counts.
  const auto total = static_cast<int>(whole.size() + fraction.size());
  const int kept = static_cast<int>(whole.size()) + shift;
  std::uint64_t value = 0;
  bool rest = false;
  for (int i = 0; i < total || (i < kept && value != 0); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const char c = i >= total ? '0' : at < whole.size() ? whole[at] : fraction[at - whole.size()];
    if (i >= kept) {
      rest = rest || c != '0';
    } else if (__builtin_mul_overflow(value, std::uint64_t{10}, &value) ||
               __builtin_add_overflow(value, static_cast<std::uint64_t>(c - '0'), &value)) {
      return std::nullopt;
    }
  }
  if (rest && __builtin_add_overflow(value, std::uint64_t{1}, &value)) return std::nullopt;
  return value;
}

void append(std::uint64_t value, unsigned places, std::string& out) {
  std::array<char, 20> written;
  const auto end = std::to_chars(written.data(), written.data() + written.size(), value).ptr;
  std::string_view s(written.data(), static_cast<std::size_t>(end - written.data()));
  const std::size_t whole = s.size() > places ? s.size() - places : 0;
  out.append(whole == 0 ? "0" : s.substr(0, whole));
  std::string_view fraction = s.substr(whole);
  const std::size_t zeros = places - fraction.size();
  const std::size_t last = fraction.find_last_not_of('0');
  if (last == fraction.npos) return;
  out += '.';
  out.append(zeros, '0');
  out.append(fraction.substr(0, last + 1));
}

std::string text(std::uint64_t value, unsigned places) {
  std::string out;
  append(value, places, out);
  return out;
}

}  // namespace apigw::decimal
