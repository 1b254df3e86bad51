#include "emit/objects.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/patches.h"
#include "render/fingerprint.h"
#include "render/yaml_writer.h"

namespace apigw::emit {

std::string Object::kind() const {
  const Value* kind = value.find("kind");
  return kind == nullptr ? "" : kind->text;
}

std::string Object::name() const {
  const Value* metadata = value.find("metadata");
  const Value* name = metadata == nullptr ? nullptr : metadata->find("name");
  return name == nullptr ? "" : name->text;
}

std::string Setting::name_space() const {
  return options.name_space.empty() ? plan.deploy.name_space : options.name_space;
}

Value selector_of(std::string_view workload) {
  return object({{"app.kubernetes.io/name", workload}, {"app.kubernetes.io/instance", workload}});
}

Value metadata(const Setting& setting, const Workload& workload, std::string_view name) {
  const std::string space = setting.name_space();
  Value labels = selector_of(workload.name);
  put(labels, "app.kubernetes.io/version", text(version_of(workload.container->image)));
  put(labels, "app.kubernetes.io/component", text(workload.gateway ? "gateway" : "service"));
  put(labels, "app.kubernetes.io/part-of", text(space.empty() || setting.kustomized ? "apigw" : space));
  put(labels, "app.kubernetes.io/managed-by", text("apigw"));
  Value out = object({{"name", name}});
  if (!space.empty() && !setting.kustomized) put(out, "namespace", text(space));
  put(out, "labels", std::move(labels));
  return out;
}

Value metadata(const Setting& setting, std::string_view name) {
  const std::string space = setting.name_space();
  Value out = object({{"name", name}});
  if (!space.empty()) put(out, "namespace", text(space));
  put(out, "labels",
      object({{"app.kubernetes.io/name", name},
              {"app.kubernetes.io/part-of", space.empty() ? "apigw" : space},
              {"app.kubernetes.io/managed-by", "apigw"}}));
  return out;
}

Object namespace_of(const Setting& setting) {
  const std::string space = setting.name_space();
  return {"",
          object({{"apiVersion", "v1"},
                  {"kind", "Namespace"},
                  {"metadata", object({{"name", space},
                                       {"labels", object({{"app.kubernetes.io/managed-by", "apigw"},
                                                          {"pod-security.kubernetes.io/enforce", "restricted"},
                                                          {"pod-security.kubernetes.io/warn", "restricted"},
                                                          {"pod-security.kubernetes.io/audit", "restricted"}})}})}})};
}

bool autoscaled(const Workload& workload) {
  return workload.scale.most > std::max(workload.scale.least, 2u);  // two are kept in any case
}

std::string key_of_file(std::string_view path) {
  std::string key;
  for (const char c : path) key += c == '/' ? std::string("__") : std::string(1, c);
  return key;
}

std::map<std::string, std::string> config_values(const Workload& workload) {
  std::map<std::string, std::string> values;
  if (!workload.gateway) values = workload.variables;
  for (const ConfigFile& file : workload.files) values[key_of_file(file.path)] = file.text;
  return values;
}

// The name holds a hash of the content: a change is another ConfigMap and so a rollout, and the way back has the old.
std::string config_map_name(const Setting& setting, const Workload& workload) {
  const auto values = config_values(workload);
  if (values.empty()) return {};
  std::string all;
  render::write_json(object(values), all);
  const std::string name = workload.name + "-config";
  return setting.kustomized ? name : fmt::format("{}-{}", name, render::fingerprint(all).substr(0, 8));
}

namespace {

Object made(const Workload& workload, Value value, std::string comment = {}) {
  return {workload.name, std::move(value), std::move(comment)};
}

Value service_account(const Setting& setting, const Workload& workload) {
  return object({{"apiVersion", "v1"},
                 {"kind", "ServiceAccount"},
                 {"metadata", metadata(setting, workload, workload.name)},
                 {"automountServiceAccountToken", boolean(false)}});
}

Value config_map(const Setting& setting, const Workload& workload, const std::string& name) {
  return object({{"apiVersion", "v1"},
                 {"kind", "ConfigMap"},
                 {"metadata", metadata(setting, workload, name)},
                 {"immutable", boolean(true)},
                 {"data", object(config_values(workload))}});
}

Value secret_stub(const Setting& setting, const Workload& workload) {
  Value data = object();
  for (const SecretVariable& secret : workload.secret_variables) put(data, secret.key, text(""));
  for (const SecretFile& file : workload.secret_files) put(data, file.key, text(""));
  return object({{"apiVersion", "v1"},
                 {"kind", "Secret"},
                 {"metadata", metadata(setting, workload, workload.name + "-secrets")},
                 {"type", "Opaque"},
                 {"stringData", std::move(data)}});
}

// One secret of the store for each workload, as in shop/orders, with a property for each key.
Value external_secret(const Setting& setting, const Workload& workload) {
  const std::string space = setting.name_space(), name = workload.name + "-secrets";
  const std::string remote = (space.empty() ? "apigw" : space) + "/" + workload.name;
  Value data = list();
  const auto add = [&](const std::string& key) {
    data.items.push_back(object({{"secretKey", key}, {"remoteRef", object({{"key", remote}, {"property", key}})}}));
  };
  for (const SecretVariable& secret : workload.secret_variables) add(secret.key);
  for (const SecretFile& file : workload.secret_files) add(file.key);
  return object({{"apiVersion", "external-secrets.io/v1"},
                 {"kind", "ExternalSecret"},
                 {"metadata", metadata(setting, workload, name)},
                 {"spec", object({{"refreshInterval", "1h"},
                                  {"secretStoreRef",
                                   object({{"kind", "ClusterSecretStore"}, {"name", setting.options.secret_store}})},
                                  {"target", object({{"name", name}, {"creationPolicy", "Owner"}})},
                                  {"data", std::move(data)}})}});
}

Value service(const Setting& setting, const Workload& workload) {
  Value ports = list();
  for (const Port& port : workload.ports)
    ports.items.push_back(object({{"name", port.name},
                                  {"port", number(port.number)},
                                  {"targetPort", port.name},
                                  {"protocol", "TCP"},
                                  {"appProtocol", port.tls ? "https" : "http"}}));
  return object(
      {{"apiVersion", "v1"},
       {"kind", "Service"},
       {"metadata", metadata(setting, workload, workload.name)},
       {"spec",
        object({{"type", "ClusterIP"}, {"selector", selector_of(workload.name)}, {"ports", std::move(ports)}})}});
}

// Every path of the host, or of all hosts, to the gateway's first port.
Value ingress(const Setting& setting, const Workload& workload) {
  const model::Deploy& deploy = setting.plan.deploy;
  Value spec = object({{"ingressClassName", setting.options.ingress}});
  if (!deploy.tls.empty()) {
    Value tls = object({{"secretName", deploy.tls}});
    if (!deploy.host.empty()) put(tls, "hosts", list({text(deploy.host)}));
    put(spec, "tls", list({std::move(tls)}));
  }
  Value rule = object();
  if (!deploy.host.empty()) put(rule, "host", text(deploy.host));
  put(rule, "http",
      object(
          {{"paths",
            list({object(
                {{"path", "/"},
                 {"pathType", "Prefix"},
                 {"backend",
                  object({{"service", object({{"name", workload.name},
                                              {"port", object({{"name", workload.ports.front().name}})}})}})}})})}}));
  put(spec, "rules", list({std::move(rule)}));
  Value head = metadata(setting, workload, workload.name);
  if (deploy.tls.empty())
    put(head, "annotations",
        object({{"polaris.fairwinds.com/tlsSettingsMissing-exempt", "true"},
                {"apigw/polaris-reasons", "tlsSettingsMissing: deploy.kubernetes.tls names no certificate"}}));
  return object({{"apiVersion", "networking.k8s.io/v1"},
                 {"kind", "Ingress"},
                 {"metadata", std::move(head)},
                 {"spec", std::move(spec)}});
}

Value disruption_budget(const Setting& setting, const Workload& workload) {
  return object({{"apiVersion", "policy/v1"},
                 {"kind", "PodDisruptionBudget"},
                 {"metadata", metadata(setting, workload, workload.name)},
                 {"spec", object({{"maxUnavailable", number(1)},
                                  {"unhealthyPodEvictionPolicy", "AlwaysAllow"},
                                  {"selector", object({{"matchLabels", selector_of(workload.name)}})}})}});
}

// Up at once and by half at most, down slowly: a pause in traffic should not cost the next burst its answers.
Value autoscaler(const Setting& setting, const Workload& workload) {
  const auto behaviour = [](std::uint64_t window, std::uint64_t percent) {
    return object(
        {{"stabilizationWindowSeconds", number(window)},
         {"policies",
          list({object({{"type", "Percent"}, {"value", number(percent)}, {"periodSeconds", number(60)}})})}});
  };
  return object(
      {{"apiVersion", "autoscaling/v2"},
       {"kind", "HorizontalPodAutoscaler"},
       {"metadata", metadata(setting, workload, workload.name)},
       {"spec",
        object(
            {{"scaleTargetRef", object({{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", workload.name}})},
             {"minReplicas", number(std::max(workload.scale.least, 2u))},
             {"maxReplicas", number(workload.scale.most)},
             {"metrics",
              list({object({{"type", "Resource"},
                            {"resource", object({{"name", "cpu"},
                                                 {"target", object({{"type", "Utilization"},
                                                                    {"averageUtilization", number(70)}})}})}})})},
             {"behavior", object({{"scaleUp", behaviour(0, 100)}, {"scaleDown", behaviour(300, 10)}})}})}});
}

}  // namespace

std::vector<Object> objects_of(const Setting& setting, const Workload& workload) {
  std::vector<Object> out;
  const std::string config = config_map_name(setting, workload);
  const bool secrets = !workload.secret_variables.empty() || !workload.secret_files.empty();
  out.push_back(made(workload, service_account(setting, workload)));
  if (!config.empty() && !setting.kustomized) out.push_back(made(workload, config_map(setting, workload, config)));
  if (secrets && setting.options.secrets == Secrets::stub)
    out.push_back(made(workload, secret_stub(setting, workload),
                       "The values are missing: fill them in and keep this file out of the repository."));
  if (secrets && setting.options.secrets == Secrets::external)
    out.push_back(made(workload, external_secret(setting, workload)));
  out.push_back(made(workload, service(setting, workload)));
  out.push_back(made(workload, deployment(setting, workload, config)));
  out.push_back(made(workload, disruption_budget(setting, workload)));
  if (autoscaled(workload)) out.push_back(made(workload, autoscaler(setting, workload)));
  out.push_back(made(workload, network_policy(setting, workload)));
  if (workload.gateway && !setting.options.ingress.empty()) out.push_back(made(workload, ingress(setting, workload)));
  if (workload.gateway && !setting.options.monitoring.empty()) {
    out.push_back(made(workload, pod_monitor(setting, workload)));
    out.push_back(made(workload, alerts(setting, workload)));
  }
  return out;
}

std::string file_of(const Object& object) {
  const std::string kind = object.kind();
  if (kind == "Namespace") return "00-namespace.yaml";
  return fmt::format("{}-{}.yaml", object.workload.empty() ? object.name() : object.workload, text::lower(kind));
}

std::string document(const Object& object) {
  std::string comment;
  for (const std::string_view line : text::split(object.comment, '\n'))
    if (!line.empty()) comment += fmt::format("# {}\n", line);
  return comment + render::write_yaml(object.value);
}

std::vector<Object> all_objects(const Setting& setting, diag::Report& report, std::vector<Object> more) {
  std::vector<Object> out;
  const bool all = setting.options.only.empty();
  if (setting.options.create_namespace && all && !setting.name_space().empty()) out.push_back(namespace_of(setting));
  for (const Workload* workload : chosen(setting.bundle, setting.options))
    std::ranges::move(objects_of(setting, *workload), std::back_inserter(out));
  if (all) std::ranges::move(more, std::back_inserter(out));
  std::vector<NamedTree> trees;
  for (Object& object : out) trees.push_back({fmt::format("{}/{}", object.kind(), object.name()), &object.value});
  apply_patches(setting.plan, "", all, trees, report);
  return out;
}

std::string read_me_end(const Setting& setting, const diag::Report& report) {
  const std::string space = setting.name_space();
  std::string secrets;
  for (const Workload& workload : setting.bundle.workloads) {
    std::string keys;
    for (const SecretVariable& secret : workload.secret_variables) keys += " --from-literal=" + secret.key + "=…";
    for (const SecretFile& file : workload.secret_files) keys += fmt::format(" --from-file={}=…", file.key);
    const bool sealed = setting.options.secrets == Secrets::sealed;
    if (!keys.empty())
      secrets += fmt::format("    kubectl create secret generic{} {}-secrets{}{}\n",
                             space.empty() ? "" : " -n " + space, workload.name, keys,
                             sealed ? fmt::format(" --dry-run=client -o yaml | kubeseal -o yaml > "
                                                  "{}-sealedsecret.yaml",
                                                  workload.name)
                                    : "");
  }
  if (setting.options.secrets == Secrets::external && !secrets.empty())
    secrets = fmt::format(
        "\n## Secrets\n\nThe External Secrets Operator makes them from the ClusterSecretStore '{}': a secret there "
        "for "
        "each workload, as its ExternalSecret names it.\n",
        setting.options.secret_store);
  else if (!secrets.empty())
    secrets.insert(0, "\n## Secrets that must be there\n\n");
  return secrets + losses(report);
}

void report_losses(const Setting& setting, diag::Report& report) {
  const model::Deploy& deploy = setting.plan.deploy;
  const bool reached = !setting.options.ingress.empty();
  if (!deploy.host.empty() && setting.options.gateway && !reached)
    lost(report, deploy.host_where, "deploy.gateway.host",
         "none of these objects says under which name they are reached");
  if (!deploy.tls.empty() && setting.options.gateway && !reached)
    lost(report, deploy.tls_where, "deploy.kubernetes.tls", "none of these objects ends TLS");
  if (reached && deploy.tls.empty() && setting.options.gateway)
    report.add(712, {},
               "'--ingress' is written only nearly: without deploy.kubernetes.tls it serves over HTTP, or with the "
               "controller's own certificate");
  for (const Workload* workload : chosen(setting.bundle, setting.options)) {
    const std::string field = field_of(*workload);
    if (workload->scale.least < 2 && workload->scale.most >= 2)
      nearly(report, workload->scale.where, field + ".scale", "two instances are kept at least");
    if (!workload->gateway)
      for (const SecretVariable& secret : workload->secret_variables)
        nearly(
            report, workload->where, fmt::format("{}.env.{}", field, secret.variable),
            fmt::format("it looks like a secret, so its value is expected in the secret {}-secrets", workload->name));
    for (const Outside& outside : workload->outside)
      if (!named_in_policy(setting, outside))
        nearly(report, outside.where, outside.host,
               fmt::format("a network policy knows no names: port {} of {} address is open to '{}'", outside.port,
                           outside.internet ? "every public" : "every", workload->called));
  }
  const auto proxied = [&](const model::Outbound& outbound, Span where, const std::string& field) {
    if (outbound.proxy == model::Outbound::Proxy::env)
      lost(report, where, field + ".outbound.proxy",
           "the variables of the proxy are not known; add them with deploy.patches");
  };
  if (chosen(setting.bundle, setting.options).empty() || !chosen(setting.bundle, setting.options).front()->gateway)
    return;
  for (const model::Provider& provider : setting.plan.providers)
    if (!provider.mock) proxied(provider.outbound, provider.where, "providers." + provider.name);
  for (const model::Service& service : setting.plan.services)
    proxied(service.outbound, service.where, "services." + service.name);
  if (setting.options.kubernetes < Version{1, 30})
    report.add(712, {},
               "'--kube-version' is written only nearly: before 1.30 nothing waits between leaving the service and "
               "SIGTERM");
}

}  // namespace apigw::emit
