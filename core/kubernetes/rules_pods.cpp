// What a pod takes from its host and from the cluster: namespaces, paths, accounts, and where it is scheduled.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/selectors.h"

namespace apigw::kubernetes {
namespace {

// Where something that a pod lacks would stand: its first container list is the one field that is always there.
Span lacking(const Look& look) {
  return look.object.where();
}

void host_namespace(const Look& look, std::string_view field, std::string_view what) {
  const Node* const set = at(look.pod->spec, {field});
  if (truth(set) == true)
    look.replace(*set, fmt::format("{} shares the host's {}", look.title(), what),
                 "what runs on the host is in reach", "false");
}

// The volumes of the pod that are paths of the host, with the path's node.
struct HostPath {
  std::string_view volume;
  const Node* path = nullptr;
};
std::vector<HostPath> host_paths(const Look& look) {
  std::vector<HostPath> out;
  for (const Node* volume : items(at(look.pod->spec, {"volumes"}))) {
    const Node* const host = at(volume, {"hostPath"});
    if (host == nullptr) continue;
    const Node* const path = at(host, {"path"});
    out.push_back({text_of(at(volume, {"name"})), path != nullptr ? path : host});
  }
  return out;
}

bool is_runtime_socket(std::string_view path) {
  return path.ends_with("docker.sock") || path.ends_with("containerd.sock") || path.ends_with("crio.sock");
}

bool is_sensitive(std::string_view path) {
  static constexpr std::string_view paths[] = {"/", "/boot", "/dev", "/etc", "/lib", "/proc", "/sys", "/usr"};
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::ranges::find(paths, path) != std::end(paths);
}

const Node* hostname_term(const Node* term, const Node* labels, std::string_view space) {
  if (text_of(at(term, {"topologyKey"})) != "kubernetes.io/hostname") return nullptr;
  const auto spaces = items(at(term, {"namespaces"}));
  const bool here =
      spaces.empty() || std::ranges::any_of(spaces, [&](const Node* one) { return text_of(one) == space; });
  return here && selects(at(term, {"labelSelector"}), labels) ? term : nullptr;
}

}  // namespace

void host_ipc(const Look& look) {
  host_namespace(look, "hostIPC", "IPC namespace");
}
void host_network(const Look& look) {
  host_namespace(look, "hostNetwork", "network");
}
void host_pid(const Look& look) {
  host_namespace(look, "hostPID", "processes");
}

void host_path(const Look& look) {
  for (const HostPath& host : host_paths(look))
    if (const auto path = text_of(host.path); !is_runtime_socket(path) && !is_sensitive(path))
      look.add(host.path->span, fmt::format("{} mounts a path of its host", look.title()), "hostPath",
               "use a PersistentVolumeClaim, an emptyDir or a ConfigMap");
}

void sensitive_host_path(const Look& look) {
  for (const HostPath& host : host_paths(look))
    if (is_sensitive(text_of(host.path)))
      look.add(host.path->span,
               fmt::format("{} mounts '{}' of its host", look.title(), text::printable(text_of(host.path), 60)),
               "the host's own files", "mount no folder of the system");
}

void runtime_socket(const Look& look) {
  for (const HostPath& host : host_paths(look))
    if (is_runtime_socket(text_of(host.path)))
      look.add(host.path->span, fmt::format("{} mounts the socket of the container runtime", look.title()),
               "who writes to it is root on the host", "remove the volume and its mount");
}

void service_account_token(const Look& look) {
  const Node* const set = at(look.pod->spec, {"automountServiceAccountToken"});
  if (truth(set) == false) return;
  if (set != nullptr) {
    look.replace(*set, fmt::format("{} gets a token for the cluster's API", look.title()), "asked for here", "false");
    return;
  }
  const auto account = text_of(at(look.pod->spec, {"serviceAccountName"}));
  const Object* const found =
      look.all.find(Kind::service_account, look.object.space, account.empty() ? "default" : account);
  if (found != nullptr && truth(found->find({"automountServiceAccountToken"})) == false) return;
  look.add(lacking(look), fmt::format("{} gets a token for the cluster's API", look.title()), "nothing forbids it",
           "write `automountServiceAccountToken: false` in the pod's spec, or in its ServiceAccount");
}

void deprecated_service_account(const Look& look) {
  const Node* const old = at(look.pod->spec, {"serviceAccount"});
  if (text_of(old).empty() || text_of(old) == text_of(at(look.pod->spec, {"serviceAccountName"}))) return;
  look.add(old->span, fmt::format("{} names its account in the old field", look.title()), "deprecated",
           fmt::format("write `serviceAccountName: {}`", text::printable(text_of(old), 60)));
}

void missing_service_account(const Look& look) {
  const Node* const named = at(look.pod->spec, {"serviceAccountName"});
  const auto account = text_of(named);
  if (account.empty() || account == "default") return;
  if (look.all.find(Kind::service_account, look.object.space, account) != nullptr) return;
  look.add(
      named->span,
      fmt::format("{} runs as '{}', and no file here makes that account", look.title(), text::printable(account, 60)),
      "no such ServiceAccount in its namespace", "add a ServiceAccount of this name, or name the file that has it");
}

void unsafe_sysctls(const Look& look) {
  static constexpr std::string_view unsafe[] = {"kernel.msg", "kernel.sem", "kernel.shm", "fs.mqueue.", "net."};
  for (const Node* sysctl : items(at(look.pod->spec, {"securityContext", "sysctls"}))) {
    const Node* const name = at(sysctl, {"name"});
    if (std::ranges::any_of(unsafe, [&](std::string_view start) { return text_of(name).starts_with(start); }))
      look.add(name->span, fmt::format("{} sets a kernel parameter of its host", look.title()),
               "reaches beyond the pod", "remove it");
  }
}

void host_process(const Look& look) {
  const auto check = [&](const Node* owner) {
    const Node* const set = at(owner, {"securityContext", "windowsOptions", "hostProcess"});
    if (truth(set) == true)
      look.replace(*set, fmt::format("{} runs as a process of its Windows host", look.title()), "no container at all",
                   "false");
  };
  check(look.pod->spec);
  for (const Container& container : look.pod->containers) check(container.node);
}

void anti_affinity(const Look& look) {
  if (const Node* const replicas = look.object.find({"spec", "replicas"}); number(replicas).value_or(2) < 2) return;
  const Node* const rules = at(look.pod->spec, {"affinity", "podAntiAffinity"});
  for (const Node* term : items(at(rules, {"preferredDuringSchedulingIgnoredDuringExecution"})))
    if (hostname_term(at(term, {"podAffinityTerm"}), look.pod->labels(), look.object.space) != nullptr) return;
  for (const Node* term : items(at(rules, {"requiredDuringSchedulingIgnoredDuringExecution"})))
    if (hostname_term(term, look.pod->labels(), look.object.space) != nullptr) return;
  look.add(rules != nullptr ? rules->span : lacking(look),
           fmt::format("all pods of {} may land on one node", look.title()),
           rules != nullptr ? "no term takes its own labels on kubernetes.io/hostname" : "no podAntiAffinity",
           "prefer other nodes: a podAntiAffinity term with `topologyKey: kubernetes.io/hostname` and the labels of "
           "the selector");
}

void no_topology_spread(const Look& look) {
  if (!items(at(look.pod->spec, {"topologySpreadConstraints"})).empty()) return;
  look.add(lacking(look), fmt::format("{} is not spread over zones", look.title()), "no topologySpreadConstraints",
           "write one with `topologyKey: topology.kubernetes.io/zone` and `whenUnsatisfiable: ScheduleAnyway`");
}

void unusable_topology_spread(const Look& look) {
  for (const Node* constraint : items(at(look.pod->spec, {"topologySpreadConstraints"}))) {
    const auto wrong = [&](const Node* where, std::string label, std::string help) {
      look.add((where != nullptr ? where : constraint)->span,
               fmt::format("a constraint spreads no pod of {}", look.title()), std::move(label), std::move(help));
    };
    const auto when = text_of(at(constraint, {"whenUnsatisfiable"}));
    const Node* const skew = at(constraint, {"maxSkew"});
    const Node* const domains = at(constraint, {"minDomains"});
    if (at(constraint, {"labelSelector"}) == nullptr)
      wrong(nullptr, "no labelSelector", "write the `matchLabels` of the pods to count");
    if (number(skew).value_or(0) < 1) wrong(skew, "maxSkew is not at least 1", "write `maxSkew: 1`");
    if (domains != nullptr && number(domains).value_or(0) < 1)
      wrong(domains, "minDomains is not at least 1", "remove it, or write a number from 1");
    if (text_of(at(constraint, {"topologyKey"})).empty())
      wrong(nullptr, "no topologyKey", "write `topologyKey: topology.kubernetes.io/zone`");
    if (when != "DoNotSchedule" && when != "ScheduleAnyway")
      wrong(at(constraint, {"whenUnsatisfiable"}), "whenUnsatisfiable is neither of its two words",
            "write DoNotSchedule or ScheduleAnyway");
  }
}

void priority_class(const Look& look) {
  if (!text_of(at(look.pod->spec, {"priorityClassName"})).empty()) return;
  look.add(lacking(look), fmt::format("{} has no priority", look.title()), "no priorityClassName",
           "name a PriorityClass, or say why it needs none");
}

void no_network_policy(const Look& look) {
  bool ingress = false, egress = false, any = false;
  for (const Object* policy :
       selecting(look.all, Kind::network_policy, look.object.space, {"spec", "podSelector"}, look.pod->labels())) {
    const Node* const types = policy->find({"spec", "policyTypes"});
    const auto says = [&](std::string_view type) {
      return std::ranges::any_of(items(types), [&](const Node* one) { return text_of(one) == type; });
    };
    any = true;
    ingress = ingress || (types == nullptr ? true : says("Ingress"));
    egress = egress || (types == nullptr ? policy->find({"spec", "egress"}) != nullptr : says("Egress"));
  }
  // Cilium's close each direction that they speak of.
  for (const Object* policy : selecting(look.all, Kind::cilium_policy, look.object.space,
                                        {"spec", "endpointSelector"}, look.pod->labels())) {
    any = true;
    ingress = ingress || policy->find({"spec", "ingress"}) != nullptr;
    egress = egress || policy->find({"spec", "egress"}) != nullptr;
  }
  if (ingress && egress) return;
  look.add(lacking(look),
           fmt::format("{} {}", look.title(),
                       !any       ? "may be reached by all and may reach all"
                       : !ingress ? "may be reached by all"
                                  : "may reach all"),
           !any       ? "no NetworkPolicy here takes its labels"
           : !ingress ? "no policy of type Ingress takes its labels"
                      : "no policy of type Egress takes its labels",
           "add a NetworkPolicy with `policyTypes: [Ingress, Egress]` that selects its labels");
}

}  // namespace apigw::kubernetes
