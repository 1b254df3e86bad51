// Somebody else's text on this person's terminal.
#pragma once
#include <string>
#include <string_view>

namespace apigw::text {

// `s` with what a terminal would obey, and what would turn the direction of its lines, written as \u001b …, byte by
// byte as `printable` does; newline and tab stay and nothing is cut. A text may come in pieces: each is safe alone.
[[nodiscard]] std::string on_screen(std::string_view s);

}  // namespace apigw::text
