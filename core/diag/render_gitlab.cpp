// Findings as GitLab's code quality report: an array of issues, which a merge request compares with its target
// branch.
//
// The fingerprint tells an issue that moved from a new one: it is made of the code, the file, the message and how
// many equal ones stand before it, and of no line number. Paths are relative without a leading "./", as GitLab wants
// them.
#include <map>

#include <nlohmann/json.hpp>

#include "diag/render.h"
#include "diag/width.h"

namespace apigw::diag {
namespace {

using Json = nlohmann::ordered_json;

std::string_view severity_word(Severity severity) {
  return severity == Severity::error ? "major" : severity == Severity::warning ? "minor" : "info";
}

// FNV-1a: equal in every build and on every machine, and no secret hangs on it.
std::uint64_t hash(std::string_view text) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return value;
}

std::string path_of(const Sources& sources, Span where) {
  if (!where.known()) return sources.size() > 0 ? std::string(sources.name(SourceId{0})) : "apigw.yaml";
  return std::string(repository_path(sources.name(where.source)));
}

}  // namespace

std::string render_gitlab(const Report& report, const Sources& sources) {
  Json issues = Json::array();
  std::map<std::string, unsigned> seen;
  for (const Diagnostic& d : report.all()) {
    const std::string path = path_of(sources, d.where());
    const std::string identity = fmt::format("{}\n{}\n{}", code_name(d.code), path, d.message);
    const std::string numbered = fmt::format("{}\n{}", identity, seen[identity]++);
    const std::size_t line = d.where().known() ? sources.position(d.where().source, d.where().begin).line : 1;
    issues.push_back({{"description", safe(d.message)},
                      {"check_name", code_name(d.code)},
                      {"fingerprint", fmt::format("{:016x}{:016x}", hash(numbered), hash("apigw\n" + numbered))},
                      {"severity", severity_word(d.severity)},
                      {"location", {{"path", path}, {"lines", {{"begin", line}}}}}});
  }
  return issues.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apigw::diag
