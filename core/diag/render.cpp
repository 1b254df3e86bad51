// A report as text: the choice of renderer, the line for each finding that all read first, and the closing counts.
#include "diag/render.h"

#include "diag/width.h"

namespace apigw::diag {
namespace {

std::string counted(std::size_t n, std::string_view word) {
  return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s");
}

std::string where(const Report& report, const Sources& sources) {
  std::set<SourceId> touched;
  for (const Diagnostic& d : report.all()) {
    if (d.where().known()) touched.insert(d.where().source);
  }
  if (touched.empty()) return {};
  if (touched.size() == 1) return " in " + safe(sources.name(*touched.begin()));
  return " in " + counted(touched.size(), "file");
}

}  // namespace

std::string summary(const Report& report, const Sources& sources) {
  const std::size_t kept_notes =
      static_cast<std::size_t>(std::ranges::count(report.all(), Severity::note, &Diagnostic::severity));
  std::string line;
  const std::pair<std::size_t, std::string_view> parts[] = {
      {report.errors(), "error"}, {report.warnings(), "warning"}, {kept_notes, "note"}};
  for (const auto& [n, noun] : parts) {
    if (n > 0) line += (line.empty() ? "" : ", ") + counted(n, noun);
  }
  line += where(report, sources);
  if (report.dropped() > 0)
    line += fmt::format(" ({} findings beyond the first {} are not shown)", report.dropped(), Report::limit);
  return line;
}

std::string render_concise(const Report& report, const Sources& sources) {
  std::string out;
  for (const Diagnostic& d : report.all()) {
    if (const Span at = d.where(); at.known()) {
      const auto position = sources.position(at.source, at.begin);
      out += fmt::format("{}:{}:{}: ", safe(sources.name(at.source)), position.line, position.column);
    }
    out += fmt::format("{}[{}]: {}\n", word(d.severity), code_name(d.code), safe(d.message));
  }
  return out;
}

std::string render(const Report& report, const Sources& sources, Format format, bool color) {
  switch (format) {
    case Format::full:
      return render_full(report, sources, color);
    case Format::concise:
      return render_concise(report, sources);
    case Format::json:
      return render_json(report, sources);
    case Format::sarif:
      return render_sarif(report, sources);
    case Format::github:
      return render_github(report, sources);
    case Format::gitlab:
      return render_gitlab(report, sources);
    case Format::junit:
      return render_junit(report, sources);
  }
  return {};
}

}  // namespace apigw::diag
