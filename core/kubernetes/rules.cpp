// The table of rules: what is on by default in kube-linter, kube-score and polaris, each matter once.
//
// Where they contradict each other, and where they are not followed: decisions/0026.
#include <algorithm>

#include <fmt/format.h>

#include "kubernetes/rule.h"

namespace apigw::kubernetes {
namespace {

using enum Over;

constexpr Kinds workloads =
    only(Kind::deployment, Kind::stateful_set, Kind::daemon_set, Kind::replica_set, Kind::replication_controller);
constexpr Kinds controllers = workloads | only(Kind::job, Kind::cron_job);

constexpr Rule table[] = {
    {801, object, any_kind, "objects", "no-extensions-v1beta", "stable-version", "", api_version_removed},
    {802, object, any_kind, "labels", "", "label-values", "", label_values},
    {803, object, controllers, "workloads", "", "", "metadataAndInstanceMismatched", instance_label},

    {805, pod, any_kind, "pods", "host-ipc", "", "hostIPCSet", host_ipc},
    {806, pod, any_kind, "pods", "host-network", "", "hostNetworkSet", host_network},
    {807, pod, any_kind, "pods", "host-pid", "", "hostPIDSet", host_pid},
    {808, pod, any_kind, "pods", "", "", "automountServiceAccountToken", service_account_token},
    {809, pod, any_kind, "pods", "deprecated-service-account-field", "", "", deprecated_service_account},
    {810, pod, any_kind, "pods, ServiceAccounts", "non-existent-service-account", "", "", missing_service_account},
    {811, pod, any_kind, "pods", "", "", "hostPathSet", host_path},
    {812, pod, any_kind, "pods", "sensitive-host-mounts", "", "hostPathSet", sensitive_host_path},
    {813, pod, any_kind, "pods", "docker-sock container-runtime-sock", "", "hostPathSet", runtime_socket},
    {814, pod, any_kind, "pods", "unsafe-sysctls", "", "", unsafe_sysctls},
    {815, pod, any_kind, "pods", "", "", "hostProcess", host_process},
    {816, pod, replicated, "Deployments, StatefulSets", "no-anti-affinity",
     "deployment-has-host-podantiaffinity statefulset-has-host-podantiaffinity", "", anti_affinity},
    {817, pod, no_jobs & ~only(Kind::daemon_set), "pods", "", "", "topologySpreadConstraint", no_topology_spread},
    {818, pod, any_kind, "pods", "", "pod-topology-spread-constraints", "", unusable_topology_spread},
    {819, pod, any_kind, "pods", "", "", "priorityClassNotSet", priority_class},
    {820, pod, any_kind, "pods, NetworkPolicies", "", "pod-networkpolicy", "missingNetworkPolicy", no_network_policy},

    {825, container, any_kind, "containers", "privileged-container", "container-security-context-privileged",
     "runAsPrivileged", privileged},
    {826, container, any_kind, "containers", "privilege-escalation-container", "", "privilegeEscalationAllowed",
     privilege_escalation},
    {827, container, any_kind, "containers", "run-as-non-root", "", "runAsRootAllowed", runs_as_root},
    {828, container, any_kind, "containers", "", "container-security-context-user-group-id", "", low_user},
    {829, container, any_kind, "containers", "no-read-only-root-fs",
     "container-security-context-readonlyrootfilesystem", "notReadOnlyRootFilesystem", writable_root},
    {830, container, any_kind, "containers", "drop-net-raw-capability", "", "dangerousCapabilities",
     added_capabilities},
    {831, container, any_kind, "containers", "drop-net-raw-capability", "", "insecureCapabilities",
     kept_capabilities},
    {832, container, any_kind, "containers", "", "container-seccomp-profile", "linuxHardening", no_hardening},
    {833, container, any_kind, "containers", "", "", "hostPortSet", host_port},
    {834, container, any_kind, "containers", "ssh-port", "", "", ssh_port},
    {835, container, any_kind, "containers", "unsafe-proc-mount", "", "procMount", unmasked_proc},
    {836, container, any_kind, "containers", "env-var-secret", "", "sensitiveContainerEnvVar", secret_variable},
    {837, container, any_kind, "containers", "duplicate-env-var", "environment-variable-key-duplication", "",
     duplicate_variable},
    {838, container, any_kind, "containers", "latest-tag", "container-image-tag", "tagNotSpecified", image_tag},
    {839, container, any_kind, "containers", "", "container-image-pull-policy", "pullPolicyNotAlways", pull_policy},
    {840, container, any_kind, "containers", "unset-cpu-requirements", "container-resources", "cpuRequestsMissing",
     cpu_request},
    {841, container, any_kind, "containers", "unset-cpu-requirements", "container-resources", "cpuLimitsMissing",
     cpu_limit},
    {842, container, any_kind, "containers", "unset-memory-requirements", "container-resources",
     "memoryRequestsMissing", memory_request},
    {843, container, any_kind, "containers", "unset-memory-requirements", "container-resources",
     "memoryLimitsMissing", memory_limit},
    {844, container, any_kind, "containers", "unset-ephemeral-storage-requirements",
     "container-ephemeral-storage-request-and-limit", "", ephemeral_storage},
    {845, container, no_jobs, "containers", "no-readiness-probe", "pod-probes", "readinessProbeMissing",
     readiness_probe},
    {846, container, no_jobs, "containers", "no-liveness-probe", "pod-probes", "livenessProbeMissing",
     liveness_probe},
    {847, container, no_jobs, "containers", "", "pod-probes-identical", "", identical_probes},
    {848, container, any_kind, "containers", "liveness-port readiness-port startup-port", "", "", probe_ports},
    {849, container, any_kind, "containers", "invalid-target-ports", "", "", port_names},

    {855, object, workloads, "workloads", "mismatching-selector",
     "deployment-pod-selector-labels-match-template-metadata-labels "
     "statefulset-pod-selector-labels-match-template-metadata-labels",
     "", selector_misses},
    {856, object, replicated, "Deployments, autoscalers", "",
     "deployment-targeted-by-hpa-does-not-have-replicas-configured", "", replicas_beside_autoscaler},
    {857, object, only(Kind::deployment), "Deployments", "", "deployment-replicas", "deploymentMissingReplicas",
     one_replica},
    {858, object, only(Kind::deployment), "Deployments, Services", "", "deployment-strategy", "",
     interrupting_strategy},
    {859, object, replicated, "Deployments, StatefulSets", "",
     "deployment-has-poddisruptionbudget statefulset-has-poddisruptionbudget", "missingPodDisruptionBudget",
     no_disruption_budget},
    {860, object, only(Kind::stateful_set), "StatefulSets, Services", "", "statefulset-has-servicename", "",
     headless_service},
    {861, object, only(Kind::cron_job), "CronJobs", "", "cronjob-has-deadline", "", job_deadline},
    {862, pod, only(Kind::job, Kind::cron_job), "Jobs, CronJobs", "", "cronjob-restartpolicy", "",
     job_restart_policy},
    {863, object, only(Kind::job, Kind::cron_job), "Jobs, CronJobs", "job-ttl-seconds-after-finished", "", "",
     job_ttl},

    {865, object, only(Kind::service), "Services, pods", "dangling-service", "service-targets-pod", "",
     service_without_pods},
    {866, object, only(Kind::service), "Services", "exposed-services", "service-type", "", node_port},
    {867, object, only(Kind::service), "Services", "invalid-target-ports", "", "", target_ports},
    {868, object, only(Kind::ingress), "Ingresses, Services", "dangling-ingress", "ingress-targets-service", "",
     ingress_backends},
    {869, object, only(Kind::ingress), "Ingresses", "", "", "tlsSettingsMissing", ingress_tls},
    {870, object, only(Kind::network_policy), "NetworkPolicies, pods", "dangling-networkpolicy",
     "networkpolicy-targets-pod", "", policy_without_pods},

    {875, object, only(Kind::disruption_budget), "PodDisruptionBudgets", "", "poddisruptionbudget-has-policy", "",
     budget_without_limit},
    {876, object, only(Kind::disruption_budget), "PodDisruptionBudgets", "pdb-max-unavailable pdb-min-available", "",
     "pdbDisruptionsIsZero", budget_forbids},
    {877, object, only(Kind::disruption_budget), "PodDisruptionBudgets, workloads", "pdb-min-available", "",
     "pdbMinAvailableGreaterThanOrEqualToHPAMinReplicas pdbMinAvailableEqualToHPAMinReplicas "
     "pdbMinAvailableGreaterThanHPAMinReplicas pdbMinAvailableGreaterThanHPAMaxReplicas",
     budget_keeps_all},
    {878, object, only(Kind::disruption_budget), "PodDisruptionBudgets", "pdb-unhealthy-pod-eviction-policy", "", "",
     budget_unhealthy},
    {880, object, only(Kind::autoscaler), "autoscalers, workloads", "dangling-horizontalpodautoscaler",
     "horizontalpodautoscaler-has-target", "", autoscaler_target},
    {881, object, only(Kind::autoscaler), "autoscalers", "", "horizontalpodautoscaler-replicas", "hpaMinAvailability",
     autoscaler_least},
    {882, object, only(Kind::autoscaler), "autoscalers", "", "", "hpaMaxAvailability", autoscaler_most},

    {885, object, only(Kind::config_map), "ConfigMaps", "configmap-with-credentials", "", "sensitiveConfigmapContent",
     sensitive_config_map},
    {886, object, only(Kind::role, Kind::cluster_role), "Roles, ClusterRoles", "", "",
     "clusterrolePodExecAttach rolePodExecAttach", role_enters_pods},
    {887, object, only(Kind::role_binding, Kind::cluster_role_binding), "bindings, roles", "", "",
     "clusterrolebindingPodExecAttach rolebindingClusterRolePodExecAttach rolebindingRolePodExecAttach",
     binding_enters_pods},
    {888, object, only(Kind::role_binding, Kind::cluster_role_binding), "bindings, roles",
     "cluster-admin-role-binding", "",
     "clusterrolebindingClusterAdmin rolebindingClusterAdminClusterRole rolebindingClusterAdminRole",
     binding_all_powers},
};

static_assert(std::ranges::is_sorted(table, {}, &Rule::code));

}  // namespace

std::span<const Rule> rules() {
  return table;
}

diag::Diagnostic& Look::add(Span where, std::string message, std::string label, std::string help) const {
  diag::Diagnostic& finding = report.add(code, where, std::move(message), std::move(label));
  finding.helps.push_back(std::move(help));
  return finding;
}

diag::Diagnostic& Look::replace(const Node& value, std::string message, std::string label,
                                std::string_view replacement) const {
  diag::Diagnostic& finding =
      add(value.span, std::move(message), std::move(label), fmt::format("replace with '{}'", replacement));
  if (!value.defined_at.known()) finding.fixes.push_back({value.span, std::string(replacement)});
  return finding;
}

std::string Look::title() const {
  if (container == nullptr) return object.title();
  return fmt::format("{}container '{}' of {}", container->init ? "init " : "", container->name, object.title());
}

}  // namespace apigw::kubernetes
