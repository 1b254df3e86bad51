// Checks on the environment that `apigw run` gives a service: nobody else sets what it sets, and each of its
// variables stands for one thing.
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "config/checks/checks.h"
#include "model/plan.h"

namespace apigw::config {
namespace {

struct Taken {
  Span where;  // of the call, not known() for what every service gets
  std::string help;
};
using Variables = std::unordered_map<std::string, Taken>;

// The variables of one service's calls; two calls for one of them are AGW342.
Variables variables_of(const Named<ServiceDraft>& service, diag::Report& report) {
  Variables taken{{"PORT", {{}, "write port: for a fixed port, or leave it out to have one chosen"}},
                  {"APIGW_URL", {{}, "remove it: the gateway's own address is set for every service"}}};
  if (!service.body->calls) return taken;
  std::unordered_map<std::string, std::string_view> callee;
  for (const auto& call : *service.body->calls) {
    if (!call) continue;
    const std::string variable = model::url_variable(*call);
    const auto [other, fresh] = callee.emplace(variable, *call);
    if (!fresh && other->second != *call) {
      auto& finding =
          report.add(342, call.where,
                     fmt::format("services '{}' and '{}' are both {}", shown(other->second), shown(*call), variable),
                     fmt::format("called by '{}'", shown(service.name)));
      finding.labels.push_back({taken.at(variable).where, "the other one"});
      finding.helps.emplace_back("rename one of the two services");
    }
    taken.emplace(variable, Taken{call.where, fmt::format("remove it, or take '{}' out of calls", shown(*call))});
  }
  return taken;
}

}  // namespace

void check_variables(const Facts& facts, diag::Report& report) {
  for (const auto& service : entries(facts.draft.services)) {
    if (!service.body || !service.body->run.given()) continue;
    const Variables taken = variables_of(service, report);
    for (const auto& variable : service.body->env.value_or({})) {
      const auto at = taken.find(variable.name);
      if (at == taken.end()) continue;
      auto& finding = report.add(
          341, variable.where, fmt::format("service '{}' sets {}, which apigw sets", shown(service.name), at->first),
          "yours would win");
      if (at->second.where.known()) finding.labels.push_back({at->second.where, "set for this call"});
      finding.helps.push_back(at->second.help);
    }
  }
}

}  // namespace apigw::config
