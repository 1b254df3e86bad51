// Decimal fractions as whole numbers of a small unit: money that is counted, never rounded twice.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace apigw::decimal {

// A number as JSON writes it, in units of 10^-places: "0.0015" with 6 places is 1500. What is left below the unit
// rounds up. Nothing: no such number, negative, or more than 64 bits hold.
[[nodiscard]] std::optional<std::uint64_t> parse(std::string_view s, unsigned places);

// The other way, with no digit that is not needed: 1500 with 6 places is "0.0015".
void append(std::uint64_t value, unsigned places, std::string& out);
[[nodiscard]] std::string text(std::uint64_t value, unsigned places);

}  // namespace apigw::decimal
