#include "schema/decimal.h"

#include <algorithm>
#include <limits>

namespace apigw::schema {

namespace {

constexpr std::int64_t far = 100'000'000'000'000'000;  // ten times that still fits
__extension__ using Wide = unsigned __int128;

// The number behind an `e`; a sign may lead.
std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), far);
  return negative ? -value : value;
}

// The value of a number of at most 18 digits and nothing else.
std::optional<std::int64_t> small(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  if (number.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

Wide power_of_ten(std::int64_t exponent, std::uint64_t modulus) {
  Wide result = 1 % modulus, base = 10 % modulus;
  for (; exponent > 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

}  // namespace

Decimal decimal(std::string_view number) {
  Decimal result;
  result.negative = number.starts_with('-');
  if (result.negative) number.remove_prefix(1);
  if (const auto e = number.find_first_of("eE"); e != std::string_view::npos) {
    result.exponent = read_exponent(number.substr(e + 1));
    number = number.substr(0, e);
  }
  if (const auto dot = number.find('.'); dot != std::string_view::npos) {
    result.exponent -= static_cast<std::int64_t>(number.size() - dot - 1);
    result.digits = number.substr(0, dot);
    number.remove_prefix(dot + 1);
  }
  result.digits += number;
  result.digits.erase(0, std::min(result.digits.find_first_not_of('0'), result.digits.size()));
  if (result.digits.empty()) return {};
  const std::size_t kept = result.digits.find_last_not_of('0') + 1;
  result.exponent = std::clamp(result.exponent + static_cast<std::int64_t>(result.digits.size() - kept), -far, far);
  result.digits.resize(kept);
  return result;
}

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& d) { return d.zero() ? 0 : d.negative ? -1 : 1; };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  const auto size = [](const Decimal& d) { return d.exponent + static_cast<std::int64_t>(d.digits.size()); };
  std::strong_ordering magnitude = size(a) <=> size(b);
  if (magnitude == std::strong_ordering::equal) magnitude = a.digits.compare(b.digits) <=> 0;
  return a.negative ? 0 <=> magnitude : magnitude;
}

bool same_number(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto x = small(a), y = small(b);
  return x && y ? *x == *y : decimal(a) == decimal(b);
}

bool whole_number(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos || decimal(number).whole();
}

std::optional<std::uint64_t> count_of(const Decimal& number) {
  if (number.negative || !number.whole()) return std::nullopt;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  if (number.zero()) return 0;
  if (number.exponent + static_cast<std::int64_t>(number.digits.size()) > 19) return most;
  std::uint64_t value = 0;
  for (const char c : number.digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  for (std::int64_t i = 0; i < number.exponent; ++i) value *= 10;
  return value;
}

std::optional<Divisor> divisor(const Decimal& number) {
  if (number.zero() || number.negative || number.digits.size() > 18) return std::nullopt;
  Divisor result{.digits = 0, .exponent = number.exponent};
  for (const char c : number.digits) result.digits = result.digits * 10 + static_cast<std::uint64_t>(c - '0');
  return result;
}

bool multiple_of(const Decimal& number, Divisor by) {
  if (number.zero()) return true;
  // The last digit of `number` is not zero, so it has no factor ten to give to a coarser divisor.
  if (number.exponent < by.exponent) return false;
  Wide rest = 0;
  for (const char c : number.digits) rest = (rest * 10 + static_cast<unsigned>(c - '0')) % by.digits;
  return rest * power_of_ten(number.exponent - by.exponent, by.digits) % by.digits == 0;
}

}  // namespace apigw::schema
