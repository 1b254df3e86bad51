// How a workload keeps its pods: selectors, replicas, rollouts, budgets, and how jobs end.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/selectors.h"

namespace apigw::kubernetes {

void selector_misses(const Look& look) {
  const Node* const selector = look.object.find({"spec", "selector"});
  if (selector == nullptr) {
    if (look.object.kind != Kind::replication_controller)
      look.add(look.object.where(), fmt::format("{} selects no pods", look.title()), "no spec.selector",
               "write `selector: { matchLabels: … }` with labels of its template");
    return;
  }
  const Node* const labels = look.object.pod ? look.object.pod->labels() : nullptr;
  const bool plain = look.object.kind == Kind::replication_controller;
  if (plain ? selects_all_of(selector, labels) : selects(selector, labels)) return;
  auto& finding = look.add(selector->span, fmt::format("{} does not select its own pods", look.title()),
                           "asks for other labels", "let selector and template have the same labels");
  if (labels != nullptr) finding.labels.push_back({labels->span, "the labels of its pods"});
}

void replicas_beside_autoscaler(const Look& look) {
  const Node* const replicas = look.object.find({"spec", "replicas"});
  const Object* const scaler = autoscaler_of(look.all, look.object);
  if (replicas == nullptr || scaler == nullptr) return;
  auto& finding = look.add(replicas->span, fmt::format("each apply of {} undoes its autoscaler", look.title()),
                           "a number of replicas", "remove `replicas`");
  finding.labels.push_back({scaler->where(), "the autoscaler"});
}

void one_replica(const Look& look) {
  const Node* const replicas = look.object.find({"spec", "replicas"});
  if (number(replicas).value_or(1) >= 2 || autoscaler_of(look.all, look.object) != nullptr) return;
  look.add(replicas != nullptr ? replicas->span : look.object.where(),
           fmt::format("{} is away whenever its one pod is", look.title()),
           replicas != nullptr ? "fewer than 2" : "no replicas: 1", "write `replicas: 2` or more");
}

void interrupting_strategy(const Look& look) {
  const Node* const type = look.object.find({"spec", "strategy", "type"});
  if (type == nullptr || text_of(type) == "RollingUpdate" || !look.object.pod) return;
  const auto services = services_of(look.all, look.object.space, look.object.pod->labels());
  if (services.empty()) return;
  auto& finding = look.add(type->span, fmt::format("each rollout of {} interrupts its service", look.title()),
                           "all old pods stop before a new one starts", "write RollingUpdate");
  finding.labels.push_back({services.front()->where(), "the service"});
}

void no_disruption_budget(const Look& look) {
  if (const Node* const replicas = look.object.find({"spec", "replicas"}); number(replicas).value_or(2) < 2) return;
  const Node* const labels = look.object.pod ? look.object.pod->labels() : nullptr;
  if (!selecting(look.all, Kind::disruption_budget, look.object.space, {"spec", "selector"}, labels).empty()) return;
  look.add(look.object.where(), fmt::format("draining nodes may stop all pods of {} at once", look.title()),
           "no PodDisruptionBudget here takes its labels",
           "add a PodDisruptionBudget with `maxUnavailable: 1` and its labels");
}

void headless_service(const Look& look) {
  const Node* const named = look.object.find({"spec", "serviceName"});
  const auto name = text_of(named);
  const Object* const service = name.empty() ? nullptr : look.all.find(Kind::service, look.object.space, name);
  const Node* const labels = look.object.pod ? look.object.pod->labels() : nullptr;
  if (service != nullptr && text_of(service->find({"spec", "clusterIP"})) == "None" &&
      selects_all_of(service->find({"spec", "selector"}), labels))
    return;
  auto& finding = look.add(named != nullptr ? named->span : look.object.where(),
                           fmt::format("the pods of {} have no names of their own", look.title()),
                           name.empty()         ? "no serviceName"
                           : service == nullptr ? "no such Service here"
                                                : "not headless, or of other pods",
                           "name a Service with `clusterIP: None` that selects these pods");
  if (service != nullptr) finding.labels.push_back({service->where(), "this one"});
}

void job_deadline(const Look& look) {
  if (look.object.find({"spec", "startingDeadlineSeconds"}) == nullptr)
    look.add(look.object.where(), fmt::format("{} catches up on runs however late", look.title()),
             "no startingDeadlineSeconds", "write `startingDeadlineSeconds: 200` in its spec");
}

void job_restart_policy(const Look& look) {
  const Node* const policy = at(look.pod->spec, {"restartPolicy"});
  if (text_of(policy) == "Never" || text_of(policy) == "OnFailure") return;
  look.add(policy != nullptr ? policy->span : look.object.where(),
           fmt::format("{} may not restart its pods for ever", look.title()),
           policy != nullptr ? "a job ends" : "no restartPolicy: Always",
           "write `restartPolicy: Never` or OnFailure");
}

void job_ttl(const Look& look) {
  if (look.object.kind == Kind::cron_job) {
    if (const Node* const ttl = look.object.find({"spec", "jobTemplate", "spec", "ttlSecondsAfterFinished"}))
      look.add(ttl->span, fmt::format("{} loses its history to a clock", look.title()),
               "beside the limits of the CronJob",
               "remove it: successfulJobsHistoryLimit and failedJobsHistoryLimit say how many stay");
    return;
  }
  if (look.object.find({"spec", "ttlSecondsAfterFinished"}) == nullptr)
    look.add(look.object.where(), fmt::format("{} stays for ever once it is done", look.title()),
             "no ttlSecondsAfterFinished", "write `ttlSecondsAfterFinished: 86400` in its spec");
}

}  // namespace apigw::kubernetes
