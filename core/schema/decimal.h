// JSON numbers by their exact decimal value: 1, 1.0 and 10e-1 are one number, and no digit of a large one is lost.
//
// Knows the texts that the JSON scan accepts and nothing of doubles.
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apigw::schema {

// digits × 10^exponent. Exponents beyond ± 10^17 count as that: such numbers differ from all others, not from each
// other.
struct Decimal {
  bool negative = false;      // never of zero
  std::string digits;         // without zeros at either end; empty is zero
  std::int64_t exponent = 0;  // 0 for zero

  [[nodiscard]] bool zero() const { return digits.empty(); }
  [[nodiscard]] bool whole() const { return exponent >= 0; }
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

[[nodiscard]] Decimal decimal(std::string_view number);
[[nodiscard]] std::strong_ordering compare(const Decimal& a, const Decimal& b);
// Whether two numbers have one value.
[[nodiscard]] bool same_number(std::string_view a, std::string_view b);
[[nodiscard]] bool whole_number(std::string_view number);
// The value of a whole number that is not negative, the largest possible one if it is larger; else nothing.
[[nodiscard]] std::optional<std::uint64_t> count_of(const Decimal& number);

// What `multipleOf` divides by.
struct Divisor {
  std::uint64_t digits = 1;  // below 10^18, no zero at its end
  std::int64_t exponent = 0;
};
// Nothing when the number is not above zero or has more than 18 digits that matter.
[[nodiscard]] std::optional<Divisor> divisor(const Decimal& number);
[[nodiscard]] bool multiple_of(const Decimal& number, Divisor divisor);

}  // namespace apigw::schema
