// The policy of a workload's network, Kubernetes' own or Cilium's: nothing in and nothing out but what the config
// says; see objects.h.
#include <algorithm>

#include <fmt/format.h>

#include "emit/objects.h"

namespace apigw::emit {
namespace {

Value port(std::uint16_t number_of, std::string_view protocol = "TCP") {
  return object({{"protocol", protocol}, {"port", number(number_of)}});
}

Value peer(const std::string& workload) {
  return object({{"podSelector", object({{"matchLabels", selector_of(workload)}})}});
}

Value block(std::string_view cidr, const std::vector<std::string>& except) {
  Value out = object({{"cidr", cidr}});
  if (!except.empty()) put(out, "except", texts(except));
  return object({{"ipBlock", std::move(out)}});
}

bool is_ipv4(std::string_view host) {
  return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Link-local addresses hold the metadata services of clouds, and are never meant.
Value peers_of(const Outside& outside) {
  if (outside.host.find(':') != std::string::npos) return list({block(outside.host + "/128", {})});
  if (is_ipv4(outside.host)) return list({block(outside.host + "/32", {})});
  if (!outside.internet) return list({block("0.0.0.0/0", {"169.254.0.0/16"}), block("::/0", {"fe80::/10"})});
  return list({block("0.0.0.0/0", {"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                                   "192.168.0.0/16"}),
               block("::/0", {"::1/128", "fc00::/7", "fe80::/10"})});
}

Value ports_of(const Workload& workload) {
  Value out = list();
  for (const Port& one : workload.ports) out.items.push_back(port(one.number));
  return out;
}

Value ingress(const Setting& setting, const Workload& workload) {
  Value out = list();
  if (workload.open) {
    out.items.push_back(object({{"ports", ports_of(workload)}}));
  } else if (!workload.callers.empty()) {
    Value from = list();
    for (const std::string& caller : workload.callers) from.items.push_back(peer(caller));
    out.items.push_back(object({{"from", std::move(from)}, {"ports", ports_of(workload)}}));
  }
  if (workload.gateway && !setting.options.monitoring.empty())
    out.items.push_back(object(
        {{"from",
          list({object({{"namespaceSelector", object({{"matchLabels", object({{"kubernetes.io/metadata.name",
                                                                               setting.options.monitoring}})}})}})})},
         {"ports", list({port(workload.probe.number)})}}));
  return out;
}

Value egress(const Setting& setting, const Workload& workload) {
  Value out = list({object({{"ports", list({port(53, "UDP"), port(53, "TCP")})}})});
  for (const std::string& callee : workload.callees) {
    const auto called = std::ranges::find(setting.bundle.workloads, callee, &Workload::name);
    if (called == setting.bundle.workloads.end()) continue;
    out.items.push_back(object({{"to", list({peer(callee)})}, {"ports", ports_of(*called)}}));
  }
  // One rule for all that are reached by the same blocks and port.
  std::vector<std::string> seen;
  for (const Outside& outside : workload.outside) {
    Value rule = object({{"to", peers_of(outside)}, {"ports", list({port(outside.port)})}});
    std::string form;
    render::write_json(rule, form);
    if (std::ranges::find(seen, form) != seen.end()) continue;
    seen.push_back(std::move(form));
    out.items.push_back(std::move(rule));
  }
  return out;
}

// --- Cilium, which knows names: it reads the answers of the cluster's DNS

Value cilium_ports(const std::vector<std::pair<std::uint16_t, std::string_view>>& ports) {
  Value out = list();
  for (const auto& [number, protocol] : ports)
    out.items.push_back(object({{"port", std::to_string(number)}, {"protocol", protocol}}));
  return list({object({{"ports", std::move(out)}})});
}

Value cilium_ports(const Workload& workload) {
  std::vector<std::pair<std::uint16_t, std::string_view>> ports;
  for (const Port& one : workload.ports) ports.emplace_back(one.number, "TCP");
  return cilium_ports(ports);
}

Value endpoint(const std::string& workload) {
  return object({{"matchLabels", selector_of(workload)}});
}

Value cilium_ingress(const Setting& setting, const Workload& workload) {
  Value out = list();
  Value from = list();
  for (const std::string& caller : workload.callers) from.items.push_back(endpoint(caller));
  if (workload.open)
    out.items.push_back(object({{"fromEntities", list({text("all")})}, {"toPorts", cilium_ports(workload)}}));
  else if (!from.items.empty())
    out.items.push_back(object({{"fromEndpoints", std::move(from)}, {"toPorts", cilium_ports(workload)}}));
  if (workload.gateway && !setting.options.monitoring.empty())
    out.items.push_back(
        object({{"fromEndpoints", list({object({{"matchLabels", object({{"k8s:io.kubernetes.pod.namespace",
                                                                         setting.options.monitoring}})}})})},
                {"toPorts", cilium_ports({{workload.probe.number, "TCP"}})}}));
  if (out.items.empty()) out.items.push_back(object());  // allows nothing, and closes the direction
  return out;
}

bool in_cluster(std::string_view host) {
  return host.ends_with(".svc") || host.ends_with(".svc.cluster.local") || !host.contains('.');
}

Value cilium_rule(const Outside& outside) {
  const bool six = outside.host.contains(':');
  Value rule = object();
  if (six || is_ipv4(outside.host))
    put(rule, "toCIDR", list({text(outside.host + (six ? "/128" : "/32"))}));
  else if (in_cluster(outside.host))
    put(rule, "toEntities", list({text("cluster")}));
  else
    put(rule, "toFQDNs", list({object({{"matchName", outside.host}})}));
  put(rule, "toPorts", cilium_ports({{outside.port, "TCP"}}));
  return rule;
}

Value cilium_egress(const Setting& setting, const Workload& workload) {
  Value dns = cilium_ports({{53, "UDP"}, {53, "TCP"}});
  put(dns.items.front(), "rules", object({{"dns", list({object({{"matchPattern", "*"}})})}}));
  Value out = list({object(
      {{"toEndpoints", list({object({{"matchLabels", object({{"k8s:io.kubernetes.pod.namespace", "kube-system"},
                                                             {"k8s-app", "kube-dns"}})}})})},
       {"toPorts", std::move(dns)}})});
  for (const std::string& callee : workload.callees) {
    const auto called = std::ranges::find(setting.bundle.workloads, callee, &Workload::name);
    if (called == setting.bundle.workloads.end()) continue;
    out.items.push_back(object({{"toEndpoints", list({endpoint(callee)})}, {"toPorts", cilium_ports(*called)}}));
  }
  std::vector<std::string> seen;
  for (const Outside& outside : workload.outside) {
    Value rule = cilium_rule(outside);
    std::string form;
    render::write_json(rule, form);
    if (std::ranges::find(seen, form) == seen.end()) out.items.push_back(std::move(rule));
    seen.push_back(std::move(form));
  }
  return out;
}

Value cilium_policy(const Setting& setting, const Workload& workload) {
  return object({{"apiVersion", "cilium.io/v2"},
                 {"kind", "CiliumNetworkPolicy"},
                 {"metadata", metadata(setting, workload, workload.name)},
                 {"spec", object({{"endpointSelector", endpoint(workload.name)},
                                  {"ingress", cilium_ingress(setting, workload)},
                                  {"egress", cilium_egress(setting, workload)}})}});
}

}  // namespace

bool named_in_policy(const Setting& setting, const Outside& outside) {
  const bool address = outside.host.contains(':') || is_ipv4(outside.host);
  return address || (setting.options.network == Network::cilium && !in_cluster(outside.host));
}

Value network_policy(const Setting& setting, const Workload& workload) {
  if (setting.options.network == Network::cilium) return cilium_policy(setting, workload);
  return object({{"apiVersion", "networking.k8s.io/v1"},
                 {"kind", "NetworkPolicy"},
                 {"metadata", metadata(setting, workload, workload.name)},
                 {"spec", object({{"podSelector", object({{"matchLabels", selector_of(workload.name)}})},
                                  {"policyTypes", list({text("Ingress"), text("Egress")})},
                                  {"ingress", ingress(setting, workload)},
                                  {"egress", egress(setting, workload)}})}});
}

}  // namespace apigw::emit
