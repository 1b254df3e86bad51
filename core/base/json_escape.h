// The escapes of JSON strings, as the scan checks them and the readers decode them.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace apigw::json {

// The value of a hex digit, or a negative number.
inline constexpr auto hex_values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (int i = 0; i < 10; ++i) table[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('a' + i)] = static_cast<std::int8_t>(10 + i);
    table[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
  }
  return table;
}();

// The four hex digits at `p`, or a negative number.
[[nodiscard]] inline int hex4(const char* p) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_values[static_cast<unsigned char>(p[i])];
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

[[nodiscard]] inline bool high_surrogate(int unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
[[nodiscard]] inline bool low_surrogate(int unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

// What the bytes between the quotes of an accepted string mean.
[[nodiscard]] std::string decode_string(std::string_view raw);

}  // namespace apigw::json
