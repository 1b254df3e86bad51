// One rule over Kubernetes objects: a row that says what it looks at, which rules of other linters it stands for, and
// the function that looks.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "kubernetes/objects.h"

namespace apigw::kubernetes {

// What a rule sees when it looks: one object, one pod of a workload, or one container.
struct Look {
  const Objects& all;
  const Object& object;
  const Pod* pod = nullptr;              // of rules over pods and containers
  const Container* container = nullptr;  // of rules over containers
  int code = 0;
  diag::Report& report;
  std::vector<Span>& secrets;  // values that no report may show

  // The finding of this rule. `help` says what to write.
  diag::Diagnostic& add(Span where, std::string message, std::string label, std::string help) const;
  // The same for a value that has to be another one: `replacement` is the fix.
  diag::Diagnostic& replace(const Node& value, std::string message, std::string label,
                            std::string_view replacement) const;
  [[nodiscard]] std::string title() const;  // "container 'app' of Deployment 'orders'"
};

enum class Over : std::uint8_t { object, pod, container };

// Sets of kinds, as bits.
using Kinds = std::uint32_t;
[[nodiscard]] constexpr Kinds only(auto... kinds) {
  return ((Kinds{1} << static_cast<unsigned>(kinds)) | ...);
}
inline constexpr Kinds any_kind = ~Kinds{0};
inline constexpr Kinds no_jobs = ~only(Kind::job, Kind::cron_job);
inline constexpr Kinds replicated = only(Kind::deployment, Kind::stateful_set);

struct Rule {
  int code = 0;  // its severity and title stand in diag/codes.cpp, its page in diag/pages
  Over over = Over::object;
  Kinds kinds = any_kind;
  std::string_view looks_at;                          // for people: "containers", "Services"
  std::string_view kube_linter, kube_score, polaris;  // names of their rules, parted by blanks
  void (*look)(const Look&) = nullptr;
};

[[nodiscard]] std::span<const Rule> rules();  // by code

// The functions of the table, by what they look at.
void api_version_removed(const Look& look);
void label_values(const Look& look);
void instance_label(const Look& look);
void sensitive_config_map(const Look& look);

void host_ipc(const Look& look);
void host_network(const Look& look);
void host_pid(const Look& look);
void service_account_token(const Look& look);
void deprecated_service_account(const Look& look);
void missing_service_account(const Look& look);
void host_path(const Look& look);
void sensitive_host_path(const Look& look);
void runtime_socket(const Look& look);
void unsafe_sysctls(const Look& look);
void host_process(const Look& look);
void anti_affinity(const Look& look);
void no_topology_spread(const Look& look);
void unusable_topology_spread(const Look& look);
void priority_class(const Look& look);
void no_network_policy(const Look& look);

void privileged(const Look& look);
void privilege_escalation(const Look& look);
void runs_as_root(const Look& look);
void low_user(const Look& look);
void writable_root(const Look& look);
void added_capabilities(const Look& look);
void kept_capabilities(const Look& look);
void no_hardening(const Look& look);
void host_port(const Look& look);
void ssh_port(const Look& look);
void unmasked_proc(const Look& look);
void secret_variable(const Look& look);
void duplicate_variable(const Look& look);
void image_tag(const Look& look);
void pull_policy(const Look& look);
void cpu_request(const Look& look);
void cpu_limit(const Look& look);
void memory_request(const Look& look);
void memory_limit(const Look& look);
void ephemeral_storage(const Look& look);
void readiness_probe(const Look& look);
void liveness_probe(const Look& look);
void identical_probes(const Look& look);
void probe_ports(const Look& look);
void port_names(const Look& look);

void selector_misses(const Look& look);
void replicas_beside_autoscaler(const Look& look);
void one_replica(const Look& look);
void interrupting_strategy(const Look& look);
void no_disruption_budget(const Look& look);
void headless_service(const Look& look);
void job_deadline(const Look& look);
void job_restart_policy(const Look& look);
void job_ttl(const Look& look);

void service_without_pods(const Look& look);
void node_port(const Look& look);
void target_ports(const Look& look);
void ingress_backends(const Look& look);
void ingress_tls(const Look& look);
void policy_without_pods(const Look& look);
void budget_without_limit(const Look& look);
void budget_forbids(const Look& look);
void budget_keeps_all(const Look& look);
void budget_unhealthy(const Look& look);
void autoscaler_target(const Look& look);
void autoscaler_least(const Look& look);
void autoscaler_most(const Look& look);

void role_enters_pods(const Look& look);
void binding_enters_pods(const Look& look);
void binding_all_powers(const Look& look);

}  // namespace apigw::kubernetes
