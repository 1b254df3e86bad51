// Where the value that starts at an offset really begins and ends.
//
// yaml-cpp gives starts only, and the start of an anchor where there is one: everything here re-scans the text from a
// start that is known to be right, so it never has to judge whether the text is YAML.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace apigw::yaml {

[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
[[nodiscard]] constexpr bool is_break(char c) {
  return c == '\n' || c == '\r';
}
[[nodiscard]] constexpr bool is_space(char c) {
  return is_blank(c) || is_break(c);
}
[[nodiscard]] constexpr bool is_flow(char c) {
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}
// Whether a token may end before the character at `at`: the end of the text counts.
[[nodiscard]] inline bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || is_space(text[at]);
}

// Anchor and tag in front of a value.
struct Properties {
  std::size_t end = 0;    // behind the last of them; the start where there are none
  std::size_t value = 0;  // where the value starts, if it is not left out
  std::string tag;        // as written
};
[[nodiscard]] Properties skip_properties(std::string_view text, std::size_t at);

// Over spaces, line breaks and comments.
[[nodiscard]] std::size_t skip_space(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t end_of_line(std::string_view text, std::size_t at);
[[nodiscard]] std::size_t start_of_line(std::string_view text, std::size_t at);

// Behind the closing quote; nothing when there is none.
[[nodiscard]] std::optional<std::size_t> quoted_end(std::string_view text, std::size_t at);
// A plain scalar that was read as `value`.
[[nodiscard]] std::size_t plain_end(std::string_view text, std::size_t at, std::string_view value);
// A block scalar, with the header at `at`, that was read as `value`: the end of its last line that is not blank.
[[nodiscard]] std::size_t block_end(std::string_view text, std::size_t at, std::string_view value);
// The name behind `*` or `&`.
[[nodiscard]] std::size_t name_end(std::string_view text, std::size_t at);
// Behind the bracket that closes a flow collection whose last child ends at `at`.
[[nodiscard]] std::size_t flow_end(std::string_view text, std::size_t at);
// The length of the word for null that stands at `at` as a value, or 0.
[[nodiscard]] std::size_t null_word(std::string_view text, std::size_t at);

}  // namespace apigw::yaml
