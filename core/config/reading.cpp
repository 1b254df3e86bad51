#include "config/reading.h"

#include <fmt/format.h>

#include "base/text.h"
#include "config/expand.h"
#include "model/credential.h"

namespace apigw::config {

Span part_of(const diag::Sources& sources, Span span, std::string_view whole, std::size_t begin, std::size_t end) {
  if (!span.known() || begin >= end || end > whole.size()) return span;
  const std::string_view raw = sources.text(span.source).substr(span.begin, span.end - span.begin);
  std::size_t shift = 0;
  if (raw != whole) {
    if (raw.size() != whole.size() + 2 || raw.substr(1, whole.size()) != whole) return span;
    shift = 1;  // quotes
  }
  const auto offset = [&](std::size_t at) { return span.begin + static_cast<std::uint32_t>(at + shift); };
  return {span.source, offset(begin), offset(end)};
}

diag::Diagnostic& report_unreadable(int code, Span where, const std::string& path, const Error& why,
                                    std::string_view elsewhere, diag::Report& report) {
  const std::string shown = text::printable(path), operation = fmt::format("read '{}': ", shown);
  std::string_view reason = why.what;
  if (reason.starts_with(operation)) reason.remove_prefix(operation.size());
  auto& finding = report.add(code, where, fmt::format("'{}' cannot be read: {}", shown, reason));
  if (why.kind == ErrorKind::invalid) finding.helps.emplace_back(elsewhere);
  if (why.kind == ErrorKind::denied) finding.helps.push_back(fmt::format("let apigw read it: chmod u+r {}", shown));
  return finding;
}

std::optional<std::string> ConfigReading::text(const yaml::Node& scalar) {
  if (scalar.value.find("${") == std::string::npos) return scalar.value;
  Expanded expanded = expand(scalar.value, environment_);
  for (const ExpandFault& fault : expanded.faults) {
    const Span where = part_of(sources(), scalar.span, scalar.value, fault.begin, fault.end);
    if (fault.variable.empty()) {
      report()
          .add(214, where, "this is no variable reference")
          .helps.push_back("write ${NAME} or ${NAME:-fallback}; a literal '${' is written '$${'");
      continue;
    }
    auto& finding = report().add(213, where, fmt::format("variable '{}' is not set", fault.variable));
    finding.helps.push_back(fmt::format("set it, or give a fallback: ${{{}:-fallback}}", fault.variable));
    if (secrets_ == Secrets::ignore) finding.severity = diag::Severity::warning;
  }
  if (!expanded.faults.empty()) return std::nullopt;
  return std::move(expanded.text);
}

std::string ConfigReading::beside(Span where, std::string path) const {
  if (path.starts_with('/')) return path;
  const auto folder = folders_.find(where.source);
  return folder == folders_.end() ? path : folder->second + path;
}

bool ConfigReading::already_reported(std::string_view value) const {
  return model::looks_like_key(value).has_value();
}

}  // namespace apigw::config
