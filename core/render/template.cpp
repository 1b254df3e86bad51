#include "render/template.h"

#include "base/text.h"

namespace apigw::render {
namespace {

std::size_t line_of(std::string_view text, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, offset), '\n'));
}

}  // namespace

Result<std::string> render(std::string_view text, const Values& values) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find("{{", at);
    out += text.substr(at, open == std::string_view::npos ? open : open - at);
    if (open == std::string_view::npos) return out;
    if (text.substr(open).starts_with("{{{{")) {
      out += "{{";
      at = open + 4;
      continue;
    }
    const std::size_t close = text.find("}}", open);
    if (close == std::string_view::npos)
      return fail(ErrorKind::invalid, fmt::format("line {}: '{{{{' is never closed", line_of(text, open)));
    const std::string_view name = text::trim(text.substr(open + 2, close - open - 2));
    const auto value = values.find(name);
    if (value == values.end())
      return fail(ErrorKind::invalid,
                  fmt::format("line {}: no value for '{}'", line_of(text, open), text::printable(name)));
    out += value->second;
    at = close + 2;
  }
}

}  // namespace apigw::render
