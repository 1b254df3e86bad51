// Findings for code-scanning services: one SARIF 2.1.0 log with one run.
//
// Only the rules that have a finding are listed, each with its page as help. Columns are code points. A file name
// that is relative stays relative to the working directory; an absolute one becomes a file: URI.
#include <nlohmann/json.hpp>

#include "diag/render.h"

namespace apigw::diag {
namespace {

using Json = nlohmann::ordered_json;

std::string uri(std::string_view name) {
  std::string out = name.starts_with('/') ? "file://" : "";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/@+").contains(c);
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Json region(const Sources& sources, Span where) {
  const auto begin = sources.position(where.source, where.begin);
  const auto end = sources.position(where.source, where.end);
  return {{"startLine", begin.line}, {"startColumn", begin.column}, {"endLine", end.line},
          {"endColumn", end.column}, {"byteOffset", where.begin},   {"byteLength", where.end - where.begin}};
}

Json artifact(const Sources& sources, SourceId source) {
  return {{"uri", uri(sources.name(source))}};
}

Json location(const Sources& sources, const Label& label) {
  Json out = {
      {"physicalLocation",
       {{"artifactLocation", artifact(sources, label.where.source)}, {"region", region(sources, label.where)}}}};
  if (!label.text.empty()) out["message"] = {{"text", label.text}};
  return out;
}

// "duplicate key" → "DuplicateKey": services list rules under such a name.
std::string friendly(std::string_view title) {
  std::string out;
  bool starts = true;
  for (const char c : title) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      starts = true;
      continue;
    }
    out += starts ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    starts = false;
  }
  return out;
}

Json rule(const Code& code) {
  Json out = {{"id", code_name(code.number)},
              {"name", friendly(code.title)},
              {"shortDescription", {{"text", code.title}}},
              {"defaultConfiguration", {{"level", word(code.severity)}}}};
  // The format wants `text` wherever there is `markdown`; the page reads well as either.
  if (const auto help = page(code.number); !help.empty()) out["help"] = {{"text", help}, {"markdown", help}};
  return out;
}

// One fix of several replacements: the format's list of fixes is a choice between them.
Json fix(const Sources& sources, const Diagnostic& d) {
  Json changes = Json::array();
  for (const Fix& part : d.fixes) {
    if (!part.where.known()) return nullptr;
    Json replacement = {{"deletedRegion", region(sources, part.where)},
                        {"insertedContent", {{"text", part.replacement}}}};
    const Json file = artifact(sources, part.where.source);
    const auto same = std::ranges::find_if(changes, [&](const Json& c) { return c["artifactLocation"] == file; });
    if (same == changes.end())
      changes.push_back({{"artifactLocation", file}, {"replacements", Json::array({std::move(replacement)})}});
    else
      (*same)["replacements"].push_back(std::move(replacement));
  }
  const std::string& description = d.helps.empty() ? d.message : d.helps.front();
  return {{"description", {{"text", description}}}, {"artifactChanges", std::move(changes)}};
}

Json result(const Diagnostic& d, const Sources& sources, std::size_t rule_index) {
  std::string text = d.message;
  for (const std::string& help : d.helps) text += "\nhelp: " + help;
  Json out = {{"ruleId", code_name(d.code)},
              {"ruleIndex", rule_index},
              {"level", word(d.severity)},
              {"message", {{"text", text}}}};
  Json related = Json::array();
  for (std::size_t i = 0; i < d.labels.size(); ++i) {
    if (!d.labels[i].where.known()) continue;
    Json at = location(sources, d.labels[i]);
    if (i == 0) {
      out["locations"] = Json::array({std::move(at)});
    } else {
      related.push_back(std::move(at));
    }
  }
  if (!related.empty()) out["relatedLocations"] = std::move(related);
  if (!d.fixes.empty())
    if (Json whole = fix(sources, d); !whole.is_null()) out["fixes"] = Json::array({std::move(whole)});
  return out;
}

}  // namespace

std::string render_sarif(const Report& report, const Sources& sources) {
  std::vector<int> seen;
  for (const Diagnostic& d : report.all()) seen.push_back(d.code);
  std::ranges::sort(seen);
  seen.erase(std::ranges::unique(seen).begin(), seen.end());
  Json rules = Json::array();
  for (const int number : seen) {
    if (const Code* row = find_code(number)) rules.push_back(rule(*row));
  }
  Json results = Json::array();
  for (const Diagnostic& d : report.all()) {
    const auto index = static_cast<std::size_t>(std::ranges::lower_bound(seen, d.code) - seen.begin());
    results.push_back(result(d, sources, index));
  }
  const Json driver = {{"name", "apigw"}, {"semanticVersion", APIGW_VERSION}, {"rules", std::move(rules)}};
  const Json log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                    {"version", "2.1.0"},
                    {"runs", Json::array({{{"tool", {{"driver", driver}}},
                                           {"columnKind", "unicodeCodePoints"},
                                           {"results", std::move(results)}}})}};
  return log.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apigw::diag
