// Manifests of one or several files, read and judged as `validate` does.
#pragma once
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "kubernetes/check.h"
#include "kubernetes/objects.h"

namespace apigw::testing {

struct Judged {
  diag::Sources sources;
  diag::Report report;
  kubernetes::Objects objects;

  explicit Judged(std::string text) : Judged({{"a.yaml", std::move(text)}}) {}
  explicit Judged(std::vector<std::pair<std::string, std::string>> files) {
    for (auto& [name, text] : files) objects.read(sources.add(name, std::move(text)), sources, report);
    objects.finish(sources);
    kubernetes::check(objects, sources, report);
    report.finish(sources);
  }

  [[nodiscard]] std::size_t count(int code) const {
    return static_cast<std::size_t>(std::ranges::count(report.all(), code, &diag::Diagnostic::code));
  }
  // The places of a code's findings: "a.yaml:3:7".
  [[nodiscard]] std::vector<std::string> places(int code) const {
    std::vector<std::string> out;
    for (const diag::Diagnostic& finding : report.all()) {
      if (finding.code != code) continue;
      const auto at = sources.position(finding.where().source, finding.where().begin);
      out.push_back(fmt::format("{}:{}:{}", sources.name(finding.where().source), at.line, at.column));
    }
    return out;
  }
  // Findings of one code alone, in full.
  [[nodiscard]] std::string shown(int code) const {
    diag::Report only;
    for (const diag::Diagnostic& finding : report.all())
      if (finding.code == code) only.add(finding);
    return diag::render(only, sources, diag::Format::full, false);
  }
};

// The example of a code's page: "bad" or "good".
inline std::string example(int code, std::string_view kind) {
  const std::string_view page = diag::page(code);
  const std::string open = fmt::format("```yaml {}\n", kind);
  const auto begin = page.find(open) + open.size();
  return std::string(page.substr(begin, page.find("\n```", begin) + 1 - begin));
}

}  // namespace apigw::testing
