// Small pure functions on text: the words that several folders need and std does not have.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::text {

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] std::string lower(std::string_view s);
[[nodiscard]] std::string upper(std::string_view s);                 // ASCII
[[nodiscard]] bool iequals(std::string_view a, std::string_view b);  // ASCII case only
[[nodiscard]] bool is_token(std::string_view s);                     // RFC 9110: a method, the name of a field
[[nodiscard]] std::string_view trim(std::string_view s);             // spaces and tabs
[[nodiscard]] std::vector<std::string_view> split(std::string_view s, char separator);
[[nodiscard]] std::string join(std::span<const std::string> parts, std::string_view separator);

// A whole decimal number without sign, or nothing: no leading blank, nothing behind it, no overflow.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view s);

// Edit distance with swaps of neighbours (optimal string alignment); ASCII case counts half a step, so it is doubled:
// 2 is one edit. Stops early and returns limit+1 once past `limit`.
[[nodiscard]] unsigned distance(std::string_view a, std::string_view b, unsigned limit);
// The candidate a person most likely meant, or nothing when none is near enough (a third of the length, at least one
// edit).
[[nodiscard]] std::optional<std::string_view> closest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

// Bytes of the valid UTF-8 character at the start of `s`, 0 when there is none (overlong forms and surrogates are
// none).
[[nodiscard]] std::size_t character_size(std::string_view s);
[[nodiscard]] bool valid_utf8(std::string_view s);
// `s` with control characters written as \n, \t, \u001b …, cut after `limit` bytes at a character with "…": safe to
// show.
[[nodiscard]] std::string printable(std::string_view s, std::size_t limit = 200);
// `word` in single quotes for a POSIX shell, which takes it as it is.
[[nodiscard]] std::string shell_quoted(std::string_view word);
// The same, without quotes where no shell needs them.
[[nodiscard]] std::string shell_word(std::string_view word);
// A name as a DNS label, but for its length: small letters, digits and '-', a letter in front.
[[nodiscard]] std::string dns_label(std::string_view name);
// A glob with `*` only (any run of characters), anchored at both ends.
[[nodiscard]] bool glob(std::string_view pattern, std::string_view s);

[[nodiscard]] std::string hex(std::span<const std::uint8_t> bytes);
[[nodiscard]] std::optional<std::string> unhex(std::string_view s);
[[nodiscard]] std::string base64url(std::string_view bytes);  // without padding (RFC 4648 section 5)

}  // namespace apigw::text
