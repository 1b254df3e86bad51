// What must hold before YAML is looked for at all: a bounded size, UTF-8, and no control characters.
#include "base/text.h"
#include "yaml/builder.h"
#include "yaml/lint.h"

namespace apigw::yaml {
namespace {

Span bytes(SourceId source, std::size_t begin, std::size_t end) {
  return {source, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

// The first byte that does not belong to UTF-8; the size of the text when all do.
std::size_t first_invalid(std::string_view text) {
  std::size_t at = 0;
  while (const std::size_t size = text::character_size(text.substr(at))) at += size;
  return at;
}

}  // namespace

bool encoded(std::string_view text, SourceId source, diag::Report& report) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    report.add(117, bytes(source, 0, 2), "the file is UTF-16", "its byte order mark")
        .helps.push_back("save it as UTF-8");
    return false;
  }
  if (const std::size_t at = first_invalid(text); at < text.size()) {
    report
        .add(117, bytes(source, at, at + 1),
             fmt::format("byte 0x{:02X} belongs to no UTF-8 character", static_cast<unsigned char>(text[at])),
             "the first such byte")
        .helps.push_back("save the file as UTF-8");
    return false;
  }
  return true;
}

bool readable(std::string_view text, SourceId source, diag::Report& report, std::size_t most) {
  if (text.size() > most) {
    report
        .add(114, bytes(source, 0, 0), fmt::format("a file of {} bytes is not read", text.size()),
             fmt::format("more than {} MiB", most >> 20))
        .helps.push_back("split it; parts of a config stand under 'include:'");
    return false;
  }
  if (!encoded(text, source, report)) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r') continue;
    report.add(101, bytes(source, at, at + 1), fmt::format("control character U+{:04X}", c), "YAML allows none here")
        .helps.push_back(fmt::format("remove it, or write \"\\x{:02x}\" in double quotes", c));
    return false;
  }
  return true;
}

}  // namespace apigw::yaml
