// Checks on what would make a working gateway fragile.
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "config/checks/checks.h"

namespace apigw::config {

void check_repeated_target(const Facts& facts, diag::Report& report) {
  for (const auto& model : entries(facts.draft.models)) {
    if (!model.body || !model.body->targets) continue;
    std::unordered_map<std::string_view, Span> seen;
    for (const auto& target : *model.body->targets) {
      if (!target) continue;
      const auto [first, fresh] = seen.emplace(*target, target.where);
      if (fresh) continue;
      auto& finding = report.add(501, target.where,
                                 fmt::format("model '{}' falls back to '{}', which just failed",
                                             text::printable(model.name, 60), text::printable(*target, 60)),
                                 "named again");
      finding.labels.push_back({first->second, "named first"});
      finding.helps.push_back("remove it, or fall back to another provider");
    }
  }
}

}  // namespace apigw::config
