// Findings as workflow commands, which GitHub Actions turns into annotations on the changed lines.
//
//   ::error file=apigw.yaml,line=14,col=9,endLine=14,endColumn=14,title=AGW321 unknown provider::route 'chat' sends…
//
// A command is one line: line ends and percent signs are escaped in its text, colons and commas in its properties
// too. Columns are shown only where the place stands on one line, and endColumn counts its last character.
#include "diag/render.h"
#include "diag/width.h"

namespace apigw::diag {
namespace {

std::string_view command(Severity severity) {
  return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "notice";
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text)
    out += special.contains(c) ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  return out;
}

std::string property(std::string_view text) {
  return escaped(safe(text), "%\r\n:,");
}

std::string place(const Sources& sources, Span where) {
  const auto begin = sources.position(where.source, where.begin);
  const auto end = sources.position(where.source, where.end);
  std::string out =
      fmt::format("file={},line={},", property(repository_path(sources.name(where.source))), begin.line);
  if (end.line == begin.line)
    out += fmt::format("col={},endLine={},endColumn={},", begin.column, end.line,
                       std::max(begin.column, end.column - (end.column > begin.column ? 1 : 0)));
  return out;
}

}  // namespace

std::string render_github(const Report& report, const Sources& sources) {
  std::string out;
  for (const Diagnostic& d : report.all()) {
    const Code* const row = find_code(d.code);
    std::string text = safe(d.message);
    for (const std::string& help : d.helps) text += "\nhelp: " + safe(help);
    out += fmt::format("::{} {}title={} {}::{}\n", command(d.severity),
                       d.where().known() ? place(sources, d.where()) : std::string{}, code_name(d.code),
                       property(row != nullptr ? row->title : ""), escaped(text, "%\r\n"));
  }
  return out;
}

}  // namespace apigw::diag
