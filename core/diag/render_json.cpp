// Findings for a program: one versioned document, every place as bytes and as line and column.
//
// Bytes count from 0 in the file as it is on disk; lines and columns from 1, columns in code points; ends are
// exclusive. Members are only ever added within one version.
#include <nlohmann/json.hpp>

#include "diag/render.h"

namespace apigw::diag {
namespace {

using Json = nlohmann::ordered_json;

Json point(const Sources& sources, SourceId source, std::uint32_t offset) {
  const auto position = sources.position(source, offset);
  return {{"byte", offset}, {"line", position.line}, {"column", position.column}};
}

Json range(const Sources& sources, Span where) {
  if (!where.known()) return nullptr;
  return {{"file", sources.name(where.source)},
          {"begin", point(sources, where.source, where.begin)},
          {"end", point(sources, where.source, where.end)}};
}

Json finding(const Diagnostic& d, const Sources& sources) {
  Json labels = Json::array();
  for (const Label& l : d.labels) labels.push_back({{"place", range(sources, l.where)}, {"text", l.text}});
  Json fixes = Json::array();
  for (const Fix& f : d.fixes) fixes.push_back({{"place", range(sources, f.where)}, {"replacement", f.replacement}});
  const Code* row = find_code(d.code);
  return {
      {"code", code_name(d.code)}, {"severity", word(d.severity)},       {"title", row != nullptr ? row->title : ""},
      {"message", d.message},      {"place", range(sources, d.where())}, {"labels", std::move(labels)},
      {"helps", d.helps},          {"fixes", std::move(fixes)}};
}

}  // namespace

std::string render_json(const Report& report, const Sources& sources) {
  Json findings = Json::array();
  for (const Diagnostic& d : report.all()) findings.push_back(finding(d, sources));
  const Json document = {{"apigw_diagnostics", 1},
                         {"errors", report.errors()},
                         {"warnings", report.warnings()},
                         {"not_shown", report.dropped()},
                         {"findings", std::move(findings)}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apigw::diag
