// Every rule on the bad and the good manifest of its page, and the rules of other linters that the table stands for.
#include <set>

#include <doctest/doctest.h>

#include "base/text.h"
#include "core/kubernetes/manifests.h"
#include "kubernetes/rule.h"
#include "support/golden.h"

using namespace apigw;
using apigw::testing::example;
using apigw::testing::Judged;

namespace {

std::set<std::string_view> names_of(std::string_view kubernetes::Rule::* linter) {
  std::set<std::string_view> names;
  for (const kubernetes::Rule& rule : kubernetes::rules())
    for (const std::string_view name : text::split(rule.*linter, ' '))
      if (!name.empty()) names.insert(name);
  return names;
}

void check_all(const std::set<std::string_view>& covered, std::initializer_list<std::string_view> wanted) {
  for (const std::string_view name : wanted) CHECK_MESSAGE(covered.contains(name), name);
}

}  // namespace

TEST_CASE("the bad manifest of every page has its finding, the good one has not") {
  std::string all;
  for (const diag::Code& row : diag::codes()) {
    if (row.number < 800) continue;
    CAPTURE(row.number);
    const Judged bad(example(row.number, "bad"));
    CHECK(bad.count(row.number) > 0);
    all += bad.shown(row.number) + "\n";
    const Judged good(example(row.number, "good"));
    INFO(good.shown(row.number));
    CHECK(good.count(row.number) == 0);
    CHECK_FALSE(good.report.has_errors());
  }
  golden::check("golden/kubernetes/rules.expected", all);
}

TEST_CASE("every code of 8xx but that of reading is one rule, and says what it looks at") {
  std::set<int> seen;
  for (const kubernetes::Rule& rule : kubernetes::rules()) {
    CAPTURE(rule.code);
    CHECK(seen.insert(rule.code).second);
    CHECK(diag::find_code(rule.code) != nullptr);
    CHECK_FALSE(rule.looks_at.empty());
    CHECK_FALSE((rule.kube_linter.empty() && rule.kube_score.empty() && rule.polaris.empty()));
  }
  for (const diag::Code& row : diag::codes())
    if (row.number > 800) CHECK_MESSAGE(seen.contains(row.number), row.number);
}

TEST_CASE("every rule that kube-linter has on by default is one of ours") {
  check_all(names_of(&kubernetes::Rule::kube_linter), {"dangling-service",
                                                       "deprecated-service-account-field",
                                                       "docker-sock",
                                                       "drop-net-raw-capability",
                                                       "duplicate-env-var",
                                                       "env-var-secret",
                                                       "host-ipc",
                                                       "host-network",
                                                       "host-pid",
                                                       "invalid-target-ports",
                                                       "job-ttl-seconds-after-finished",
                                                       "latest-tag",
                                                       "liveness-port",
                                                       "mismatching-selector",
                                                       "no-anti-affinity",
                                                       "no-extensions-v1beta",
                                                       "no-read-only-root-fs",
                                                       "non-existent-service-account",
                                                       "pdb-max-unavailable",
                                                       "pdb-min-available",
                                                       "pdb-unhealthy-pod-eviction-policy",
                                                       "privilege-escalation-container",
                                                       "privileged-container",
                                                       "readiness-port",
                                                       "run-as-non-root",
                                                       "sensitive-host-mounts",
                                                       "ssh-port",
                                                       "startup-port",
                                                       "unsafe-sysctls",
                                                       "unset-cpu-requirements",
                                                       "unset-memory-requirements"});
}

TEST_CASE("every rule that kube-score has on by default is one of ours") {
  check_all(names_of(&kubernetes::Rule::kube_score),
            {"container-ephemeral-storage-request-and-limit",
             "container-image-pull-policy",
             "container-image-tag",
             "container-resources",
             "container-security-context-privileged",
             "container-security-context-readonlyrootfilesystem",
             "container-security-context-user-group-id",
             "cronjob-has-deadline",
             "cronjob-restartpolicy",
             "deployment-has-host-podantiaffinity",
             "deployment-has-poddisruptionbudget",
             "deployment-pod-selector-labels-match-template-metadata-labels",
             "deployment-replicas",
             "deployment-strategy",
             "deployment-targeted-by-hpa-does-not-have-replicas-configured",
             "environment-variable-key-duplication",
             "horizontalpodautoscaler-has-target",
             "horizontalpodautoscaler-replicas",
             "ingress-targets-service",
             "label-values",
             "networkpolicy-targets-pod",
             "pod-networkpolicy",
             "pod-probes",
             "pod-probes-identical",
             "pod-topology-spread-constraints",
             "poddisruptionbudget-has-policy",
             "service-targets-pod",
             "service-type",
             "stable-version",
             "statefulset-has-host-podantiaffinity",
             "statefulset-has-poddisruptionbudget",
             "statefulset-has-servicename",
             "statefulset-pod-selector-labels-match-template-metadata-labels"});
}

TEST_CASE("every check of polaris is one of ours") {
  check_all(names_of(&kubernetes::Rule::polaris), {"automountServiceAccountToken",
                                                   "clusterrolePodExecAttach",
                                                   "clusterrolebindingClusterAdmin",
                                                   "clusterrolebindingPodExecAttach",
                                                   "cpuLimitsMissing",
                                                   "cpuRequestsMissing",
                                                   "dangerousCapabilities",
                                                   "deploymentMissingReplicas",
                                                   "hostIPCSet",
                                                   "hostNetworkSet",
                                                   "hostPIDSet",
                                                   "hostPathSet",
                                                   "hostPortSet",
                                                   "hostProcess",
                                                   "hpaMaxAvailability",
                                                   "hpaMinAvailability",
                                                   "insecureCapabilities",
                                                   "linuxHardening",
                                                   "livenessProbeMissing",
                                                   "memoryLimitsMissing",
                                                   "memoryRequestsMissing",
                                                   "metadataAndInstanceMismatched",
                                                   "missingNetworkPolicy",
                                                   "missingPodDisruptionBudget",
                                                   "notReadOnlyRootFilesystem",
                                                   "pdbDisruptionsIsZero",
                                                   "pdbMinAvailableGreaterThanOrEqualToHPAMinReplicas",
                                                   "priorityClassNotSet",
                                                   "privilegeEscalationAllowed",
                                                   "procMount",
                                                   "pullPolicyNotAlways",
                                                   "readinessProbeMissing",
                                                   "rolePodExecAttach",
                                                   "rolebindingClusterAdminClusterRole",
                                                   "rolebindingClusterAdminRole",
                                                   "rolebindingClusterRolePodExecAttach",
                                                   "rolebindingRolePodExecAttach",
                                                   "runAsPrivileged",
                                                   "runAsRootAllowed",
                                                   "sensitiveConfigmapContent",
                                                   "sensitiveContainerEnvVar",
                                                   "tagNotSpecified",
                                                   "tlsSettingsMissing",
                                                   "topologySpreadConstraint"});
}
