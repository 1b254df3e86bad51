#include "page.h"

#include "base/text.h"

namespace apigw::cli {
namespace {

// `**bold**` becomes bold, or plain text without colours.
std::string inline_marks(std::string_view line, bool color) {
  std::string out;
  bool bold = false;
  while (!line.empty()) {
    const std::size_t mark = line.find("**");
    out += line.substr(0, mark);
    if (mark == std::string_view::npos) break;
    bold = !bold;
    if (color) out += bold ? "\x1b[1m" : "\x1b[0m";
    line.remove_prefix(mark + 2);
  }
  return out;
}

std::string heading(std::string_view line, bool color) {
  line = text::trim(line.substr(line.find_first_not_of('#')));
  return color ? fmt::format("\x1b[1m{}\x1b[0m", line) : std::string{line};
}

}  // namespace

std::string terminal_page(std::string_view markdown, bool color) {
  std::string out;
  bool code = false;
  if (markdown.ends_with('\n')) markdown.remove_suffix(1);
  for (const std::string_view line : text::split(markdown, '\n')) {
    if (line.starts_with("```")) {
      const std::size_t label = line.find(' ');  // "```yaml bad"
      if (!code && label != std::string_view::npos) out += fmt::format("{}:\n", line.substr(label + 1));
      code = !code;
    } else if (code) {
      out += line.empty() ? "\n" : fmt::format("    {}\n", line);
    } else {
      out += (line.starts_with('#') ? heading(line, color) : inline_marks(line, color)) + "\n";
    }
  }
  return out;
}

}  // namespace apigw::cli
