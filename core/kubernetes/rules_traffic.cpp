// How calls find pods: Services, Ingresses and network policies, each against the other objects.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/selectors.h"
#include "kubernetes/words.h"

namespace apigw::kubernetes {
namespace {

// Endpoints that somebody writes by hand for a Service without a selector.
bool has_endpoints(const Look& look) {
  return std::ranges::any_of(look.all.of(Kind::endpoints, look.object.space), [&](const Object* endpoints) {
    return endpoints->name == look.object.name ||
           text_of(endpoints->find({"metadata", "labels", "kubernetes.io/service-name"})) == look.object.name;
  });
}

void check_backend(const Look& look, const Node* backend) {
  if (backend == nullptr || at(backend, {"resource"}) != nullptr) return;
  const Node* name = at(backend, {"service", "name"});
  const Node* port = at(backend, {"service", "port", "number"});
  if (port == nullptr) port = at(backend, {"service", "port", "name"});
  if (name == nullptr) {  // before networking.k8s.io/v1
    name = at(backend, {"serviceName"});
    port = at(backend, {"servicePort"});
  }
  const std::string shown = text::printable(text_of(name), 60);
  const Object* const service = look.all.find(Kind::service, look.object.space, text_of(name));
  if (service == nullptr) {
    look.add((name != nullptr ? name : backend)->span, fmt::format("{} sends to no Service", look.title()),
             "no such Service here", "name a Service of its namespace");
    return;
  }
  const auto ports = items(service->find({"spec", "ports"}));
  const bool served = std::ranges::any_of(ports, [&](const Node* one) {
    return text_of(port) == text_of(at(one, {"port"})) || text_of(port) == text_of(at(one, {"name"}));
  });
  if (served && port != nullptr) return;
  auto& finding = look.add((port != nullptr ? port : backend)->span,
                           fmt::format("{} sends to a port that Service '{}' does not have", look.title(), shown),
                           "no port of this name or number", "name one of its ports");
  finding.labels.push_back({service->where(), "the Service"});
}

}  // namespace

void service_without_pods(const Look& look) {
  if (text_of(look.object.find({"spec", "type"})) == "ExternalName") return;
  const Node* const selector = look.object.find({"spec", "selector"});
  if (selector == nullptr || selector->entries.empty()) {
    if (!has_endpoints(look))
      look.add(look.object.where(), fmt::format("{} sends to no pod", look.title()), "no selector and no Endpoints",
               "write the labels of its pods as `selector`");
    return;
  }
  if (any_with_all_of(look.all, look.object.space, selector)) return;
  look.add(selector->span, fmt::format("{} sends to no pod", look.title()),
           fmt::format("none of the pods here has {}", pairs_text(selector)),
           "let it select the labels of a pod template of its namespace");
}

void node_port(const Look& look) {
  const Node* const type = look.object.find({"spec", "type"});
  if (text_of(type) == "NodePort")
    look.replace(*type, fmt::format("{} opens a port on every node", look.title()), "around the Ingress",
                 "ClusterIP");
}

void target_ports(const Look& look) {
  for (const Node* port : items(look.object.find({"spec", "ports"}))) {
    const Node* const target = at(port, {"targetPort"});
    if (target == nullptr || text_of(target) == "0") continue;
    const auto value = number(target);
    if (value ? *value > 0 && *value <= 65535 : is_port_name(text_of(target))) continue;
    look.add(target->span,
             fmt::format("'{}' cannot be a port of {}", text::printable(text_of(target), 60), look.title()),
             "Kubernetes refuses it", "a number from 1 to 65535, or the name of a container's port");
  }
}

void ingress_backends(const Look& look) {
  check_backend(look, look.object.find({"spec", "defaultBackend"}));
  for (const Node* rule : items(look.object.find({"spec", "rules"})))
    for (const Node* path : items(at(rule, {"http", "paths"}))) check_backend(look, at(path, {"backend"}));
}

void ingress_tls(const Look& look) {
  if (items(look.object.find({"spec", "tls"})).empty())
    look.add(look.object.where(), fmt::format("{} serves without TLS", look.title()), "no spec.tls",
             "write `tls: [{ hosts: [HOST], secretName: NAME }]` in its spec");
}

void policy_without_pods(const Look& look) {
  const Node* const selector = look.object.find({"spec", "podSelector"});
  const bool everything = selector != nullptr && selector->entries.empty();
  if (everything || selects_any(look.all, look.object.space, selector)) return;
  look.add(selector != nullptr ? selector->span : look.object.where(),
           fmt::format("{} protects no pod", look.title()), "none of the pods here has these labels",
           "let it select the labels of a pod template of its namespace");
}

}  // namespace apigw::kubernetes
