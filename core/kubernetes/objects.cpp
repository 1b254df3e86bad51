#include "kubernetes/objects.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::kubernetes {
namespace {

struct KindRow {
  std::string_view name;
  std::string_view group, past;  // its home today and before
  Kind kind;
};
constexpr KindRow kinds[] = {
    {"Pod", "", "", Kind::pod},
    {"Deployment", "apps", "extensions", Kind::deployment},
    {"StatefulSet", "apps", "apps", Kind::stateful_set},
    {"DaemonSet", "apps", "extensions", Kind::daemon_set},
    {"ReplicaSet", "apps", "extensions", Kind::replica_set},
    {"ReplicationController", "", "", Kind::replication_controller},
    {"Job", "batch", "batch", Kind::job},
    {"CronJob", "batch", "batch", Kind::cron_job},
    {"Service", "", "", Kind::service},
    {"Endpoints", "", "", Kind::endpoints},
    {"EndpointSlice", "discovery.k8s.io", "discovery.k8s.io", Kind::endpoints},
    {"Ingress", "networking.k8s.io", "extensions", Kind::ingress},
    {"NetworkPolicy", "networking.k8s.io", "extensions", Kind::network_policy},
    {"CiliumNetworkPolicy", "cilium.io", "cilium.io", Kind::cilium_policy},
    {"PodDisruptionBudget", "policy", "policy", Kind::disruption_budget},
    {"HorizontalPodAutoscaler", "autoscaling", "autoscaling", Kind::autoscaler},
    {"ConfigMap", "", "", Kind::config_map},
    {"ServiceAccount", "", "", Kind::service_account},
    {"Role", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io", Kind::role},
    {"ClusterRole", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io", Kind::cluster_role},
    {"RoleBinding", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io", Kind::role_binding},
    {"ClusterRoleBinding", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io", Kind::cluster_role_binding},
};

Kind kind_of(std::string_view group, std::string_view name) {
  for (const KindRow& row : kinds)
    if (row.name == name && (row.group == group || row.past == group)) return row.kind;
  return Kind::other;
}

// Words that YAML 1.1 gives another meaning than their letters.
constexpr std::string_view yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
constexpr std::string_view no[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};

bool is_number(std::string_view word) {
  if (word.starts_with('+') || word.starts_with('-')) word.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() && !word.empty() &&
         (word.front() == '.' || (word.front() >= '0' && word.front() <= '9'));
}

void add_containers(const Node* list, bool init, std::vector<Container>& out) {
  for (const Node* item : items(list))
    if (item->kind == yaml::Kind::mapping) out.push_back({item, text_of(at(item, {"name"})), init});
}

// Also of kinds that are not known here, as long as they hold a template where the others do.
std::optional<Pod> pod_of(const Object& object) {
  Pod pod;
  if (object.kind == Kind::pod) {
    pod.spec = object.find({"spec"});
    pod.metadata = object.find({"metadata"});
  } else {
    const Node* const holder = object.kind == Kind::cron_job ? object.find({"spec", "jobTemplate"}) : object.root;
    pod.spec = at(holder, {"spec", "template", "spec"});
    pod.metadata = at(holder, {"spec", "template", "metadata"});
  }
  if (pod.spec == nullptr || at(pod.spec, {"containers"}) == nullptr) return std::nullopt;
  add_containers(at(pod.spec, {"initContainers"}), true, pod.containers);
  add_containers(at(pod.spec, {"containers"}), false, pod.containers);
  return pod;
}

// The files that a Kustomization patches objects with, as seen from where `source` is seen.
std::vector<std::string> patches_of(const Object& kustomization, std::string_view source) {
  const auto folder = std::filesystem::path(source).parent_path();
  std::vector<std::string> files;
  const auto take = [&](const Node* path) {
    const auto name = text_of(path);
    if (!name.empty() && !name.contains('\n')) files.push_back((folder / name).lexically_normal().string());
  };
  for (const Node* patch : items(kustomization.find({"patches"}))) take(at(patch, {"path"}));
  for (const Node* patch : items(kustomization.find({"patchesJson6902"}))) take(at(patch, {"path"}));
  for (const Node* patch : items(kustomization.find({"patchesStrategicMerge"}))) take(patch);
  return files;
}

bool starts_key(std::string_view line, std::string_view key) {
  if (line.starts_with(key)) return line.substr(key.size()).starts_with(':');
  return line.starts_with(fmt::format("\"{}\"", key));
}

}  // namespace

const Node* at(const Node* node, std::initializer_list<std::string_view> path) {
  for (const std::string_view key : path) {
    if (node == nullptr || node->kind != yaml::Kind::mapping) return nullptr;
    node = node->find(key);
  }
  return node == nullptr || node->is_null() ? nullptr : node;
}

std::string_view text_of(const Node* node) {
  return node != nullptr && node->kind == yaml::Kind::scalar ? std::string_view(node->value) : std::string_view{};
}

std::optional<bool> truth(const Node* node) {
  if (node == nullptr || node->kind != yaml::Kind::scalar || node->style != yaml::Style::plain) return std::nullopt;
  if (std::ranges::find(yes, node->value) != std::end(yes)) return true;
  if (std::ranges::find(no, node->value) != std::end(no)) return false;
  return std::nullopt;
}

std::optional<std::int64_t> number(const Node* node) {
  const std::string_view word = text_of(node);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

bool is_no_text(const Node& node) {
  if (node.kind != yaml::Kind::scalar) return true;
  return node.style == yaml::Style::plain && (truth(&node).has_value() || is_number(node.value));
}

std::span<const Node* const> items(const Node* node) {
  if (node == nullptr || node->kind != yaml::Kind::sequence) return {};
  return node->items;
}

Span Container::where() const {
  const Node* const named = at(node, {"name"});
  return named != nullptr ? named->span : node->span;
}

std::string_view Object::group() const {
  const auto slash = version.find('/');
  return slash == std::string_view::npos ? std::string_view{} : version.substr(0, slash);
}

Span Object::where() const {
  if (const Node* const named = find({"metadata", "name"})) return named->span;
  const Node* const said = find({"kind"});
  return said != nullptr ? said->span : root->span;
}

std::string Object::title() const {
  return name.empty() ? fmt::format("{} without a name", text::printable(kind_name, 60))
                      : fmt::format("{} '{}'", text::printable(kind_name, 60), text::printable(name, 60));
}

void Objects::read(SourceId source, const diag::Sources& sources, diag::Report& report) {
  for (yaml::Document& document : yaml::parse_documents(source, sources, report)) {
    if (!document.tree) continue;
    trees_.push_back(std::move(*document.tree));
    const Node& root = trees_.back().root();
    if (!root.is_null()) add(root, {}, {}, report);
  }
}

void Objects::add(const Node& root, std::string_view version, std::string_view kind, diag::Report& report) {
  if (const Node* const said = at(&root, {"apiVersion"})) version = text_of(said);
  if (const Node* const said = at(&root, {"kind"})) kind = text_of(said);
  if (version.empty() || kind.empty()) {
    report
        .add(800, {root.span.source, root.span.begin, root.span.begin},
             root.kind == yaml::Kind::mapping
                 ? fmt::format("an object without {}", version.empty() ? "apiVersion" : "kind")
                 : "a document that is no object",
             "begins here")
        .helps.push_back("write `apiVersion:` and `kind:`; part objects with a line `---`");
    return;
  }
  if (kind.ends_with("List") && at(&root, {"items"}) != nullptr) {
    const bool typed = kind != "List";
    for (const Node* item : items(at(&root, {"items"})))
      if (!item->is_null())
        add(*item, typed ? version : std::string_view{}, typed ? kind.substr(0, kind.size() - 4) : std::string_view{},
            report);
    return;
  }
  Object object{.root = &root, .version = version, .kind_name = kind};
  object.kind = kind_of(object.group(), kind);
  object.name = text_of(object.find({"metadata", "name"}));
  object.space = text_of(object.find({"metadata", "namespace"}));
  object.pod = pod_of(object);
  all_.push_back(std::move(object));
}

void Objects::leave_out_patches(const diag::Sources& sources) {
  std::set<std::string> patches;
  for (const Object& object : all_)
    if (object.kind_name == "Kustomization" || object.kind_name == "Component")
      for (std::string& file : patches_of(object, sources.name(object.root->span.source)))
        patches.insert(std::move(file));
  if (patches.empty()) return;
  std::erase_if(all_, [&](const Object& object) {
    return patches.contains(
        std::filesystem::path(sources.name(object.root->span.source)).lexically_normal().string());
  });
}

void Objects::finish(const diag::Sources& sources) {
  leave_out_patches(sources);
  for (const Object& object : all_) {
    kinds_[{object.space, object.kind}].push_back(&object);
    if (!object.pod) continue;
    pods_[{object.space, {}, {}}].push_back(&object);
    const Node* const labels = object.pod->labels();
    if (labels == nullptr) continue;
    for (const yaml::Entry& label : labels->entries)
      if (!label.key->value.empty()) pods_[{object.space, label.key->value, text_of(label.value)}].push_back(&object);
  }
}

std::span<const Object* const> Objects::of(Kind kind, std::string_view space) const {
  const auto found = kinds_.find({space, kind});
  if (found == kinds_.end()) return {};
  return found->second;
}

std::span<const Object* const> Objects::pods_in(std::string_view space, std::string_view key,
                                                std::string_view value) const {
  const auto found = pods_.find({space, key, value});
  if (found == pods_.end()) return {};
  return found->second;
}

const Object* Objects::find(Kind kind, std::string_view space, std::string_view name) const {
  const auto all = of(kind, space);
  const auto found = std::ranges::find(all, name, &Object::name);
  return found == all.end() ? nullptr : *found;
}

bool holds_objects(std::string_view text) {
  bool version = false, kind = false;
  const bool json = text.find_first_not_of(" \t\r\n") < text.size() && text[text.find_first_not_of(" \t\r\n")] == '{';
  if (json) return text.contains("\"apiVersion\"") && text.contains("\"kind\"");
  for (const std::string_view line : text::split(text, '\n')) {
    if (line.starts_with("apigw:")) return false;
    version = version || starts_key(line, "apiVersion");
    kind = kind || starts_key(line, "kind");
  }
  return version && kind;
}

bool is_template(std::string_view text) {
  if (!text.contains("{{")) return false;
  diag::Sources sources;
  diag::Report report;
  static_cast<void>(yaml::parse_documents(sources.add("", std::string(text)), sources, report));
  return report.has_errors();
}

}  // namespace apigw::kubernetes
