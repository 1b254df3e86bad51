// Budgets of disruption and autoscalers, against the workloads that they are for.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/selectors.h"

namespace apigw::kubernetes {
namespace {

// How many of `all` pods a budget's number means; a share is rounded up, as Kubernetes does for minAvailable.
std::optional<std::int64_t> pods_of(const Node* bound, std::int64_t all) {
  const auto word = text_of(bound);
  if (!word.ends_with('%')) return number(bound);
  const auto share = text::parse_number(word.substr(0, word.size() - 1));
  if (!share || *share > 100) return std::nullopt;
  return (all * static_cast<std::int64_t>(*share) + 99) / 100;
}

// The fewest pods that a workload has, and where that is said.
struct Least {
  std::int64_t pods = 1;
  Span where;
};
Least least_of(const Look& look, const Object& workload) {
  const Object* const scaler = autoscaler_of(look.all, workload);
  const Node* const said =
      scaler != nullptr ? scaler->find({"spec", "minReplicas"}) : workload.find({"spec", "replicas"});
  return {number(said).value_or(1), said != nullptr ? said->span : workload.where()};
}

}  // namespace

void budget_without_limit(const Look& look) {
  if (look.object.find({"spec", "minAvailable"}) == nullptr &&
      look.object.find({"spec", "maxUnavailable"}) == nullptr)
    look.add(look.object.where(), fmt::format("{} limits nothing", look.title()),
             "neither maxUnavailable nor minAvailable", "write `maxUnavailable: 1` in its spec");
}

void budget_forbids(const Look& look) {
  const Node* const most = look.object.find({"spec", "maxUnavailable"});
  const Node* const least = look.object.find({"spec", "minAvailable"});
  const Node* const wrong = text_of(most) == "0" || text_of(most) == "0%" ? most
                            : text_of(least) == "100%"                    ? least
                                                                          : nullptr;
  if (wrong != nullptr)
    look.add(wrong->span, fmt::format("{} lets no node be drained", look.title()), "not one pod may be away",
             "write `maxUnavailable: 1`");
}

void budget_keeps_all(const Look& look) {
  const Node* const least = look.object.find({"spec", "minAvailable"});
  if (least == nullptr || text_of(least) == "100%") return;
  for (const Object* one : look.all.pods_in(look.object.space)) {
    const Object& workload = *one;
    if (workload.kind != Kind::deployment && workload.kind != Kind::stateful_set) continue;
    if (!selects(look.object.find({"spec", "selector"}), workload.pod->labels())) continue;
    const Least pods = least_of(look, workload);
    if (pods_of(least, pods.pods).value_or(0) < pods.pods) continue;
    auto& finding = look.add(least->span, fmt::format("{} lets no node be drained", look.title()),
                             fmt::format("{} may have no more than {}", workload.title(), pods.pods),
                             "write `maxUnavailable: 1` instead");
    finding.labels.push_back({pods.where, "said here"});
  }
}

void budget_unhealthy(const Look& look) {
  if (look.object.find({"spec", "unhealthyPodEvictionPolicy"}) == nullptr)
    look.add(look.object.where(), fmt::format("a pod that never gets well holds up nodes under {}", look.title()),
             "no unhealthyPodEvictionPolicy", "write `unhealthyPodEvictionPolicy: AlwaysAllow` in its spec");
}

void autoscaler_target(const Look& look) {
  const Node* const target = look.object.find({"spec", "scaleTargetRef"});
  const auto kind = text_of(at(target, {"kind"}));
  const auto name = text_of(at(target, {"name"}));
  const bool there = std::ranges::any_of(look.all.all(), [&](const Object& object) {
    return object.kind_name == kind && object.name == name && object.space == look.object.space && !name.empty();
  });
  if (!there)
    look.add(target != nullptr ? target->span : look.object.where(), fmt::format("{} scales nothing", look.title()),
             fmt::format("no {} '{}' here", text::printable(kind, 60), text::printable(name, 60)),
             "name a workload of its namespace");
}

void autoscaler_least(const Look& look) {
  const Node* const least = look.object.find({"spec", "minReplicas"});
  if (number(least).value_or(1) >= 2) return;
  look.add(least != nullptr ? least->span : look.object.where(), fmt::format("{} goes down to one pod", look.title()),
           least != nullptr ? "fewer than 2" : "no minReplicas: 1", "write `minReplicas: 2` or more");
}

void autoscaler_most(const Look& look) {
  const Node* const most = look.object.find({"spec", "maxReplicas"});
  const Node* const least = look.object.find({"spec", "minReplicas"});
  if (most != nullptr && number(most).value_or(0) > number(least).value_or(1)) return;
  look.add(most != nullptr ? most->span : look.object.where(), fmt::format("{} has no room to scale", look.title()),
           most != nullptr ? "not above the least" : "no maxReplicas", "write a `maxReplicas` above `minReplicas`");
}

}  // namespace apigw::kubernetes
