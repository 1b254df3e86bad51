// Markdown pages (of diagnostic codes) as plain text for a terminal.
#pragma once
#include <string>
#include <string_view>

namespace apigw::cli {

// Knows what the pages use: headings, **bold**, `code`, fenced blocks. Anything else stays as it is.
[[nodiscard]] std::string terminal_page(std::string_view markdown, bool color);

}  // namespace apigw::cli
