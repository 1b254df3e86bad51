// What holds for objects of every kind: their version, labels, and what a ConfigMap may hold.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/words.h"
#include "model/credential.h"

namespace apigw::kubernetes {
namespace {

// From Kubernetes' guide to deprecated APIs (kubernetes.io/docs/reference/using-api/deprecation-guide).
struct RemovedVersion {
  std::string_view version;
  std::string_view kinds;  // parted by blanks; empty: all of them
  std::string_view removed;
  std::string_view instead;  // empty: nothing takes its place
};
constexpr RemovedVersion removed_versions[] = {
    {"extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"},
    {"extensions/v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"},
    {"extensions/v1beta1", "PodSecurityPolicy", "1.16", ""},
    {"extensions/v1beta1", "", "1.16", "apps/v1"},
    {"apps/v1beta1", "", "1.16", "apps/v1"},
    {"apps/v1beta2", "", "1.16", "apps/v1"},
    {"admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration ValidatingWebhookConfiguration", "1.22",
     "admissionregistration.k8s.io/v1"},
    {"apiextensions.k8s.io/v1beta1", "", "1.22", "apiextensions.k8s.io/v1"},
    {"apiregistration.k8s.io/v1beta1", "", "1.22", "apiregistration.k8s.io/v1"},
    {"certificates.k8s.io/v1beta1", "CertificateSigningRequest", "1.22", "certificates.k8s.io/v1"},
    {"coordination.k8s.io/v1beta1", "Lease", "1.22", "coordination.k8s.io/v1"},
    {"networking.k8s.io/v1beta1", "Ingress IngressClass", "1.22", "networking.k8s.io/v1"},
    {"rbac.authorization.k8s.io/v1beta1", "", "1.22", "rbac.authorization.k8s.io/v1"},
    {"scheduling.k8s.io/v1beta1", "PriorityClass", "1.22", "scheduling.k8s.io/v1"},
    {"storage.k8s.io/v1beta1", "CSIDriver CSINode StorageClass VolumeAttachment", "1.22", "storage.k8s.io/v1"},
    {"storage.k8s.io/v1beta1", "CSIStorageCapacity", "1.27", "storage.k8s.io/v1"},
    {"batch/v1beta1", "", "1.25", "batch/v1"},
    {"discovery.k8s.io/v1beta1", "EndpointSlice", "1.25", "discovery.k8s.io/v1"},
    {"events.k8s.io/v1beta1", "Event", "1.25", "events.k8s.io/v1"},
    {"node.k8s.io/v1beta1", "RuntimeClass", "1.25", "node.k8s.io/v1"},
    {"policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"},
    {"policy/v1beta1", "PodSecurityPolicy", "1.25", ""},
    {"autoscaling/v2beta1", "", "1.25", "autoscaling/v2"},
    {"autoscaling/v2beta2", "", "1.26", "autoscaling/v2"},
    {"flowcontrol.apiserver.k8s.io/v1beta1", "", "1.26", "flowcontrol.apiserver.k8s.io/v1"},
    {"flowcontrol.apiserver.k8s.io/v1beta2", "", "1.29", "flowcontrol.apiserver.k8s.io/v1"},
    {"flowcontrol.apiserver.k8s.io/v1beta3", "", "1.32", "flowcontrol.apiserver.k8s.io/v1"},
};

void check_labels(const Look& look, const Node* labels) {
  if (labels == nullptr) return;
  for (const yaml::Entry& label : labels->entries) {
    const bool wrong_kind = is_no_text(*label.value);
    if (!wrong_kind && is_label_value(label.value->value)) continue;
    const std::string value = text::printable(text_of(label.value), 60);
    auto& finding =
        look.add(label.value->span,
                 fmt::format("label '{}' of {} has a value that Kubernetes refuses",
                             text::printable(label.key->value, 60), look.title()),
                 wrong_kind ? "not a text to YAML" : "not a label's value",
                 wrong_kind ? fmt::format("write \"{}\" in quotes", value)
                            : "at most 63 of A-Z, a-z, 0-9, '-', '_', '.', a letter or digit at both ends");
    if (wrong_kind && label.value->kind == yaml::Kind::scalar && is_label_value(label.value->value))
      finding.fixes.push_back({label.value->span, fmt::format("\"{}\"", label.value->value)});
  }
}

}  // namespace

void api_version_removed(const Look& look) {
  for (const RemovedVersion& row : removed_versions) {
    if (row.version != look.object.version) continue;
    const auto named = text::split(row.kinds, ' ');
    if (!row.kinds.empty() && std::ranges::find(named, look.object.kind_name) == named.end()) continue;
    const Node* const said = look.object.find({"apiVersion"});
    const std::string message =
        fmt::format("{} {} is gone since Kubernetes {}", row.version, look.object.kind_name, row.removed);
    if (row.instead.empty())
      look.add(look.object.where(), message, "no version has it any more", "remove the object");
    else if (said != nullptr)
      look.replace(*said, message, "the API refuses it", row.instead);
    else
      look.add(look.object.where(), message, "the API refuses it", fmt::format("use {}", row.instead));
    return;
  }
}

void label_values(const Look& look) {
  check_labels(look, look.object.find({"metadata", "labels"}));
  if (look.object.pod && look.object.kind != Kind::pod) check_labels(look, look.object.pod->labels());
}

void instance_label(const Look& look) {
  if (look.object.name.empty()) return;
  const Node* const label = look.object.find({"metadata", "labels", "app.kubernetes.io/instance"});
  if (text_of(label) == look.object.name) return;
  const std::string message = fmt::format("{} is not labelled as the instance that it is", look.title());
  if (label != nullptr)
    look.replace(*label, message, "another name", look.object.name);
  else
    look.add(look.object.where(), message, "no app.kubernetes.io/instance",
             fmt::format("write the label `app.kubernetes.io/instance: {}`", text::printable(look.object.name, 60)));
}

void sensitive_config_map(const Look& look) {
  const Node* const data = look.object.find({"data"});
  if (data == nullptr) return;
  for (const yaml::Entry& entry : data->entries) {
    const auto value = text_of(entry.value);
    const auto word = may_be_secret(value) ? sensitive_word(entry.key->value) : std::nullopt;
    if (!word && !holds_private_key(value) && !model::looks_like_key(value)) continue;
    look.secrets.push_back(entry.value->span);
    look.add(entry.value->span,
             fmt::format("'{}' of {} holds a secret for everybody to read", text::printable(entry.key->value, 60),
                         look.title()),
             word ? fmt::format("its name says '{}'", *word) : "it looks like a key", "put it into a Secret");
  }
}

}  // namespace apigw::kubernetes
