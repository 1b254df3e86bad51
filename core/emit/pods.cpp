// The Deployment: what runs, as whom, with which files and variables, how it is asked whether it is well, and how it
// leaves; see objects.h.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "emit/objects.h"

namespace apigw::emit {
namespace {

constexpr unsigned user = 10001;           // linters want more than 10000
constexpr unsigned after_drain = 5;        // seconds from the last answer to SIGKILL
constexpr Version sleeps_natively{1, 30};  // preStop.sleep

// Linters that contradict each other, or a choice that was made, each with its reason.
struct Exemption {
  std::string check, reason;
};

const char* one_instance(const Workload& workload) {
  return workload.alone ? "limits are kept in the process: one instance" : "the config asks for one instance";
}

std::vector<Exemption> polaris_exemptions(const Setting& setting, const Workload& workload) {
  std::vector<Exemption> out;
  if (autoscaled(workload))
    out.push_back({"deploymentMissingReplicas", "the autoscaler sets the number of replicas"});
  else if (workload.scale.most == 1)
    out.push_back({"deploymentMissingReplicas", one_instance(workload)});
  out.push_back({"priorityClassNotSet", "priority is for the cluster to say"});
  if (!setting.options.cpu_limit) out.push_back({"cpuLimitsMissing", "written with --no-cpu-limit"});
  return out;
}

std::vector<Exemption> kube_score_exemptions(const Setting& setting, const Workload& workload) {
  std::vector<Exemption> out;
  if (workload.alone) out.push_back({"deployment-strategy", one_instance(workload)});
  if (!setting.options.cpu_limit) out.push_back({"container-resources", "written with --no-cpu-limit"});
  return out;
}

// "check: reason; check: reason", in an annotation of ours: theirs have no room for it.
Value reasons(const std::vector<Exemption>& exemptions) {
  std::string out;
  for (const Exemption& exemption : exemptions)
    out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", exemption.check, exemption.reason);
  return text(std::move(out));
}

Value annotations(const Setting& setting, const Workload& workload) {
  Value out = object();
  const auto polaris = polaris_exemptions(setting, workload);
  for (const Exemption& exemption : polaris)
    put(out, fmt::format("polaris.fairwinds.com/{}-exempt", exemption.check), text("true"));
  put(out, "apigw/polaris-reasons", reasons(polaris));
  if (const auto kube_score = kube_score_exemptions(setting, workload); !kube_score.empty()) {
    std::string checks;
    for (const Exemption& exemption : kube_score) checks += (checks.empty() ? "" : ",") + exemption.check;
    put(out, "kube-score/ignore", text(std::move(checks)));
    put(out, "apigw/kube-score-reasons", reasons(kube_score));
  }
  if (!setting.options.cpu_limit)
    put(out, "ignore-check.kube-linter.io/unset-cpu-requirements", text("written with --no-cpu-limit"));
  if (!autoscaled(workload) && workload.scale.most < 3)
    put(out, "ignore-check.kube-linter.io/minimum-three-replicas",
        text(workload.alone ? one_instance(workload) : "the config asks for fewer"));
  return out;
}

Value resources(const Setting& setting, const model::Container& container) {
  const std::string memory = container.memory % (1 << 20) == 0 ? fmt::format("{}Mi", container.memory >> 20)
                                                               : std::to_string(container.memory);
  Value limits = object();
  if (setting.options.cpu_limit) put(limits, "cpu", text(fmt::format("{}m", container.cpu * 4)));
  put(limits, "memory", text(memory));
  put(limits, "ephemeral-storage", text("256Mi"));
  return object(
      {{"requests",
        object({{"cpu", fmt::format("{}m", container.cpu)}, {"memory", memory}, {"ephemeral-storage", "64Mi"}})},
       {"limits", std::move(limits)}});
}

Value asks(const Workload& workload, const std::string& path) {
  if (path.empty()) return object({{"tcpSocket", object({{"port", workload.probe.name}})}});
  Value get = object({{"path", path}, {"port", workload.probe.name}});
  if (workload.probe.tls) put(get, "scheme", text("HTTPS"));
  return object({{"httpGet", std::move(get)}});
}

Value probe(const Workload& workload, const std::string& path, unsigned period, unsigned failures) {
  Value out = asks(workload, path);
  put(out, "periodSeconds", number(period));
  put(out, "timeoutSeconds", number(2));
  put(out, "failureThreshold", number(failures));
  return out;
}

Value environment(const Workload& workload) {
  Value out = list();
  if (workload.gateway)
    for (const auto& [name, value] : workload.variables)
      out.items.push_back(object({{"name", name}, {"value", value}}));
  for (const SecretVariable& secret : workload.secret_variables)
    out.items.push_back(
        object({{"name", secret.variable},
                {"valueFrom",
                 object({{"secretKeyRef", object({{"name", workload.name + "-secrets"}, {"key", secret.key}})}})}}));
  return out;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Folders of absolute secret files, in order.
std::set<std::string> secret_folders(const Workload& workload) {
  std::set<std::string> folders;
  for (const SecretFile& file : workload.secret_files)
    if (file.path.starts_with('/')) folders.insert(folder_of(file.path));
  return folders;
}

Value secret_items(const Workload& workload, const std::string& folder) {
  Value items = list();
  for (const SecretFile& file : workload.secret_files) {
    const bool absolute = file.path.starts_with('/');
    if (folder.empty() ? absolute : !absolute || folder_of(file.path) != folder) continue;
    items.items.push_back(object(
        {{"key", file.key}, {"path", folder.empty() ? file.path : file.path.substr(file.path.rfind('/') + 1)}}));
  }
  return items;
}

Value mounts(const Workload& workload) {
  Value out = list();
  if (workload.gateway)
    out.items.push_back(object({{"name", "config"}, {"mountPath", config_folder}, {"readOnly", boolean(true)}}));
  std::size_t n = 0;
  for (const std::string& folder : secret_folders(workload))
    out.items.push_back(
        object({{"name", fmt::format("secrets-{}", ++n)}, {"mountPath", folder}, {"readOnly", boolean(true)}}));
  out.items.push_back(object({{"name", "tmp"}, {"mountPath", "/tmp"}}));
  return out;
}

Value volumes(const Workload& workload, const std::string& config_map) {
  Value out = list();
  const std::string secrets = workload.name + "-secrets";
  if (workload.gateway) {
    Value items = list();
    for (const ConfigFile& file : workload.files)
      items.items.push_back(object({{"key", key_of_file(file.path)}, {"path", file.path}}));
    Value sources = list({object({{"configMap", object({{"name", config_map}, {"items", std::move(items)}})}})});
    if (Value more = secret_items(workload, ""); !more.items.empty())
      sources.items.push_back(object({{"secret", object({{"name", secrets}, {"items", std::move(more)}})}}));
    out.items.push_back(
        object({{"name", "config"},
                {"projected", object({{"defaultMode", number(0440)}, {"sources", std::move(sources)}})}}));
  }
  std::size_t n = 0;
  for (const std::string& folder : secret_folders(workload))
    out.items.push_back(object({{"name", fmt::format("secrets-{}", ++n)},
                                {"secret", object({{"secretName", secrets},
                                                   {"defaultMode", number(0440)},
                                                   {"items", secret_items(workload, folder)}})}}));
  out.items.push_back(object({{"name", "tmp"}, {"emptyDir", object({{"sizeLimit", "64Mi"}})}}));
  return out;
}

Value ports(const Workload& workload) {
  Value out = list();
  const auto add = [&](const Port& port) {
    out.items.push_back(object({{"name", port.name}, {"containerPort", number(port.number)}, {"protocol", "TCP"}}));
  };
  for (const Port& port : workload.ports) add(port);
  if (std::ranges::find(workload.ports, workload.probe) == workload.ports.end()) add(workload.probe);
  return out;
}

Value container(const Setting& setting, const Workload& workload, const std::string& config_map) {
  Value out = object({{"name", workload.name}, {"image", workload.container->image}, {"imagePullPolicy", "Always"}});
  if (!workload.arguments.empty()) put(out, "args", texts(workload.arguments));
  put(out, "ports", ports(workload));
  if (Value env = environment(workload); !env.items.empty()) put(out, "env", std::move(env));
  if (!workload.gateway && !config_map.empty())
    put(out, "envFrom", list({object({{"configMapRef", object({{"name", config_map}})}})}));
  // Up to two minutes for the first answer; later three misses take it out of the service, and six restart it.
  put(out, "startupProbe", probe(workload, workload.live, 2, 60));
  put(out, "livenessProbe", probe(workload, workload.live, 10, 6));
  put(out, "readinessProbe", probe(workload, workload.ready, 5, 3));
  if (setting.options.kubernetes >= sleeps_natively)
    put(out, "lifecycle", object({{"preStop", object({{"sleep", object({{"seconds", number(drain_pause)}})}})}}));
  put(out, "resources", resources(setting, *workload.container));
  put(out, "securityContext",
      object({{"allowPrivilegeEscalation", boolean(false)},
              {"privileged", boolean(false)},
              {"readOnlyRootFilesystem", boolean(true)},
              {"runAsNonRoot", boolean(true)},
              {"runAsUser", number(user)},
              {"runAsGroup", number(user)},
              {"capabilities", object({{"drop", list({text("ALL")})}})},
              {"seccompProfile", object({{"type", "RuntimeDefault"}})}}));
  put(out, "volumeMounts", mounts(workload));
  return out;
}

Value pod(const Setting& setting, const Workload& workload, const std::string& config_map) {
  const Value same = object({{"matchLabels", selector_of(workload.name)}});
  return object(
      {{"serviceAccountName", workload.name},
       {"automountServiceAccountToken", boolean(false)},
       {"enableServiceLinks", boolean(false)},
       {"terminationGracePeriodSeconds", number(drain_pause + workload.drain + after_drain)},
       {"securityContext", object({{"runAsNonRoot", boolean(true)},
                                   {"runAsUser", number(user)},
                                   {"runAsGroup", number(user)},
                                   {"fsGroup", number(user)},
                                   {"seccompProfile", object({{"type", "RuntimeDefault"}})}})},
       {"topologySpreadConstraints", list({object({{"maxSkew", number(1)},
                                                   {"topologyKey", "topology.kubernetes.io/zone"},
                                                   {"whenUnsatisfiable", "ScheduleAnyway"},
                                                   {"labelSelector", same}})})},
       {"affinity",
        object({{"podAntiAffinity",
                 object({{"preferredDuringSchedulingIgnoredDuringExecution",
                          list({object({{"weight", number(100)},
                                        {"podAffinityTerm", object({{"topologyKey", "kubernetes.io/hostname"},
                                                                    {"labelSelector", same}})}})})}})}})},
       {"containers", list({container(setting, workload, config_map)})},
       {"volumes", volumes(workload, config_map)}});
}

}  // namespace

Value deployment(const Setting& setting, const Workload& workload, const std::string& config_map) {
  Value head = metadata(setting, workload, workload.name);
  put(head, "annotations", annotations(setting, workload));
  Value labels = *head.find("labels");
  Value template_head = object({{"labels", std::move(labels)}});
  if (!setting.kustomized && !config_map.empty())
    put(template_head, "annotations", object({{"apigw/config", config_map.substr(config_map.rfind('-') + 1)}}));
  Value spec = object();
  if (!autoscaled(workload)) put(spec, "replicas", number(workload.scale.most));
  put(spec, "revisionHistoryLimit", number(5));
  put(spec, "progressDeadlineSeconds", number(300));
  put(spec, "strategy",
      workload.alone ? object({{"type", "Recreate"}})
                     : object({{"type", "RollingUpdate"},
                               {"rollingUpdate", object({{"maxUnavailable", number(0)}, {"maxSurge", number(1)}})}}));
  put(spec, "selector", object({{"matchLabels", selector_of(workload.name)}}));
  put(spec, "template",
      object({{"metadata", std::move(template_head)}, {"spec", pod(setting, workload, config_map)}}));
  return object(
      {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"metadata", std::move(head)}, {"spec", std::move(spec)}});
}

}  // namespace apigw::emit
