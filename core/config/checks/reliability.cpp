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

// Wrong keys are counted in the process: two instances would let twice as many pass.
void check_gateway_scale(const Facts& facts, diag::Report& report) {
  if (!facts.draft.deploy || !facts.draft.deploy->gateway) return;
  const auto& scale = facts.draft.deploy->gateway->container.scale;
  if (!scale || scale->most == 1 || entries(facts.draft.consumers).empty()) return;
  auto& finding = report.add(503, scale.where, "several instances of the gateway would each keep limits of their own",
                             "more than one");
  finding.labels.push_back(
      {entries(facts.draft.consumers).front().where, "wrong keys are limited, and each instance counts for itself"});
  finding.helps.push_back("replace with '1': nothing in this version lets several instances share a limit");
  finding.fixes.push_back({scale.where, "1"});
}

void check_patches(const Facts& facts, diag::Report& report) {
  if (!facts.draft.deploy || !facts.draft.deploy->patches) return;
  for (const auto& patch : *facts.draft.deploy->patches) {
    if (!patch || misspelt_within(report, patch.where)) continue;
    if (!patch->to.given())
      report.add(211, patch.where, "this patch does not say what it changes")
          .helps.push_back("add to: KIND/NAME, as in to: Deployment/orders");
    if (!patch->merge.given() && !patch->json.given())
      report.add(211, patch.where, "this patch changes nothing")
          .helps.push_back("add merge: with what to add or replace, or json: with a list of operations");
    if (patch->merge.given() && patch->json.given()) {
      auto& finding = report.add(339, patch->json.where, "a patch has merge or json, not both");
      finding.labels.push_back({patch->merge.where, "the other one"});
      finding.helps.push_back("write two patches: they are made in their order");
    }
  }
}

}  // namespace apigw::config
