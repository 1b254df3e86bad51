#include "compare/manifests.h"

#include <algorithm>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "compare/plan_rules.h"
#include "compare/values.h"
#include "yaml/json.h"

namespace apigw::compare {
namespace {

using kubernetes::Object;

// A quantity of Kubernetes as a number, for comparing: "100m", "128Mi", "2".
double quantity(const Json* value) {
  if (value == nullptr) return 0;
  if (value->is_number()) return value->get<double>();
  if (!value->is_string()) return 0;
  static constexpr std::pair<std::string_view, double> units[] = {
      {"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0},
      {"m", 0.001},   {"k", 1e3},        {"M", 1e6},           {"G", 1e9},
      {"T", 1e12},    {"%", 1}};
  const auto& text = value->get_ref<const std::string&>();
  std::size_t used = 0;
  double number = 0;
  try {
    number = std::stod(text, &used);
  } catch (const std::exception&) {
    return 0;
  }
  for (const auto& [unit, factor] : units)
    if (std::string_view(text).substr(used) == unit) return number * factor;
  return number;
}

Verdict immutable(const Json*, const Json*) {
  return {Grade::breaking, "the API refuses the change: delete the object first"};
}
Verdict image(const Json*, const Json*) {
  return {Grade::risky, "another program runs"};
}
Verdict amount(const Json* before, const Json* after) {
  return quantity(after) < quantity(before) ? Verdict{Grade::risky, "it gets less"}
                                            : Verdict{Grade::safe, "it gets more"};
}
Verdict words(const Json*, const Json*) {
  return {Grade::cosmetic, "nothing runs otherwise"};
}
Verdict replaced(const Json*, const Json*) {
  return {Grade::safe, "its pods are replaced"};
}
Verdict reached(const Json*, const Json*) {
  return {Grade::breaking, "clients do not reach it as before"};
}
Verdict selected(const Json*, const Json*) {
  return {Grade::risky, "other pods get the calls"};
}
Verdict privileges(const Json*, const Json*) {
  return {Grade::risky, "it may do other things on its node"};
}
Verdict reachable(const Json*, const Json*) {
  return {Grade::risky, "other calls pass"};
}
Verdict content(const Json*, const Json*) {
  return {Grade::risky, "who reads it gets other content"};
}
Verdict powers(const Json*, const Json*) {
  return {Grade::risky, "its subjects may do other things"};
}
Verdict bookkeeping(const Json*, const Json*) {
  return {Grade::safe, "how it is rolled out, not what runs"};
}
Verdict otherwise(const Json*, const Json*) {
  return {Grade::risky, "it runs otherwise"};
}

// A kind "*" is every kind; the first row that covers a place is its own.
struct Row {
  std::string_view kind, path;
  Verdict (*judge)(const Json* before, const Json* after);
};
constexpr Row rows[] = {
    {"*", "apiVersion", words},
    {"*", "metadata", words},
    {"*", "status", words},
    {"Deployment", "spec.selector", immutable},
    {"DaemonSet", "spec.selector", immutable},
    {"StatefulSet", "spec.selector", immutable},
    {"StatefulSet", "spec.serviceName", immutable},
    {"StatefulSet", "spec.volumeClaimTemplates", immutable},
    {"StatefulSet", "spec.podManagementPolicy", immutable},
    {"Job", "spec.template", immutable},
    {"Job", "spec.selector", immutable},
    {"PersistentVolumeClaim", "spec.storageClassName", immutable},
    {"PersistentVolumeClaim", "spec.accessModes", immutable},
    {"RoleBinding", "roleRef", immutable},
    {"ClusterRoleBinding", "roleRef", immutable},
    {"StorageClass", "*", immutable},
    {"*", "spec.template.metadata", replaced},
    {"*", "spec.*.image", image},
    {"*", "spec.replicas", amount},
    {"*", "spec.*.resources", amount},
    {"*", "spec.*ecurityContext", privileges},
    {"*", "spec.template.spec.host*", privileges},
    {"*", "spec.revisionHistoryLimit", bookkeeping},
    {"*", "spec.progressDeadlineSeconds", bookkeeping},
    {"HorizontalPodAutoscaler", "spec.minReplicas", amount},
    {"HorizontalPodAutoscaler", "spec.maxReplicas", amount},
    {"Service", "spec.ports", reached},
    {"Service", "spec.type", reached},
    {"Service", "spec.clusterIP", immutable},
    {"Service", "spec.selector", selected},
    {"Ingress", "spec", reached},
    {"HTTPRoute", "spec", reached},
    {"GRPCRoute", "spec", reached},
    {"Gateway", "spec", reached},
    {"NetworkPolicy", "spec", reachable},
    {"Role", "rules", powers},
    {"ClusterRole", "rules", powers},
    {"RoleBinding", "subjects", powers},
    {"ClusterRoleBinding", "subjects", powers},
    {"ConfigMap", "*", content},
    {"Secret", "*", content},
    {"*", "*", otherwise},
};

struct WholeRow {
  std::string_view kind;
  Verdict added, removed;
};
constexpr Verdict added_safely{Grade::safe, "nothing used it yet"};
constexpr WholeRow whole_rows[] = {
    {"Service", added_safely, {Grade::breaking, "its clients get no connection"}},
    {"Ingress", {Grade::risky, "it is reached from outside"}, {Grade::breaking, "its clients get no answer"}},
    {"HTTPRoute", {Grade::risky, "it is reached from outside"}, {Grade::breaking, "its clients get no answer"}},
    {"GRPCRoute", {Grade::risky, "it is reached from outside"}, {Grade::breaking, "its clients get no answer"}},
    {"Gateway", {Grade::risky, "it is reached from outside"}, {Grade::breaking, "its clients get no answer"}},
    {"Deployment", added_safely, {Grade::breaking, "what it ran is gone"}},
    {"StatefulSet", added_safely, {Grade::breaking, "what it ran is gone"}},
    {"DaemonSet", added_safely, {Grade::breaking, "what it ran is gone"}},
    {"PersistentVolumeClaim", added_safely, {Grade::breaking, "its data may be gone"}},
    {"Namespace", added_safely, {Grade::breaking, "everything in it is gone"}},
    {"CustomResourceDefinition", added_safely, {Grade::breaking, "every object of its kind is gone"}},
    {"NetworkPolicy", {Grade::risky, "calls that passed may not"}, {Grade::risky, "calls pass that did not"}},
    {"RoleBinding", {Grade::risky, "its subjects may do more"}, {Grade::risky, "its subjects may do less"}},
    {"ClusterRoleBinding", {Grade::risky, "its subjects may do more"}, {Grade::risky, "its subjects may do less"}},
    {"", added_safely, {Grade::risky, "who uses it misses it"}},
};

Verdict judge(const Object& object, const Difference& difference) {
  const auto* const row = std::ranges::find_if(rows, [&](const Row& one) {
    return (one.kind == "*" || one.kind == object.kind_name) && covers(one.path, difference.path);
  });
  return row->judge(difference.before, difference.after);
}

const WholeRow& whole(std::string_view kind) {
  const auto* const row =
      std::ranges::find_if(whole_rows, [&](const WholeRow& one) { return one.kind == kind || one.kind.empty(); });
  return *row;
}

// "orders-config-1a2b3c4d" and Kustomize's "orders-config-5f6g7h8k9m" without their hash.
std::string_view without_hash(std::string_view name) {
  const auto dash = name.rfind('-');
  if (dash == std::string_view::npos) return name;
  const std::string_view end = name.substr(dash + 1);
  const bool hex = end.size() == 8 && end.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  // Kustomize leaves out vowels and digits that look like letters.
  const bool kustomize = end.size() == 10 && end.find_first_not_of("bcdfghkmt2456789") == std::string_view::npos;
  return hex || kustomize ? name.substr(0, dash) : name;
}

std::string_view stable_name(const Object& object) {
  const bool hashed = object.kind_name == "ConfigMap" || object.kind_name == "Secret";
  return hashed ? without_hash(object.name) : object.name;
}

std::string noun_of(const Object& object) {
  return std::string(object.kind_name);
}
std::string name_of(const Object& object) {
  const auto name = stable_name(object);
  return object.space.empty() ? std::string(name) : fmt::format("{}/{}", object.space, name);
}

Json json_of(const Object& object) {
  std::string text;
  if (!yaml::append_json(*object.root, 4 << 20, text)) return Json();
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return Json::object();
  if (object.kind_name == "Secret")
    for (const char* const part : {"data", "stringData"})
      if (json.contains(part) && json[part].is_object())
        for (Json& value : json[part])  // a change is still one
          value = fmt::format("(hidden {:x})", std::hash<std::string>{}(value.dump()));
  if (json.contains("metadata") && json["metadata"].is_object()) json["metadata"]["name"] = stable_name(object);
  return json;
}

Shown shown_of(const Object& object, const Difference& difference) {
  const auto hidden = [&](const Json* value) {
    return object.kind_name == "Secret" && value != nullptr && value->is_string() &&
           value->get_ref<const std::string&>().starts_with("(hidden ");
  };
  Shown out = shown(difference.before, difference.after);
  if (hidden(difference.before)) out.first = "(hidden)";
  if (hidden(difference.after)) out.second = "(hidden)";
  return out;
}

using Key = std::tuple<std::string, std::string_view, std::string_view, std::string_view>;
Key key_of(const Object& object) {
  return {std::string(object.group()), object.kind_name, object.space, stable_name(object)};
}

}  // namespace

Changes compare_manifests(const kubernetes::Objects& before, const kubernetes::Objects& after) {
  Changes changes;
  std::map<Key, const Object*> old, now;
  for (const Object& object : before.all()) old.emplace(key_of(object), &object);
  for (const Object& object : after.all()) now.emplace(key_of(object), &object);
  const auto tell = [&](const Object& object, Kind kind, Verdict verdict) -> Change& {
    return changes.emplace_back(Change{.grade = verdict.grade,
                                       .kind = kind,
                                       .noun = noun_of(object),
                                       .name = name_of(object),
                                       .reason = std::string(verdict.reason)});
  };
  for (const auto& [key, object] : old) {
    const auto found = now.find(key);
    if (found == now.end()) {
      tell(*object, Kind::removed, whole(object->kind_name).removed);
      continue;
    }
    const Json a = json_of(*object), b = json_of(*found->second);
    for (const Difference& difference : differences(a, b)) {
      Change& change = tell(*object, Kind::changed, judge(*object, difference));
      change.field = difference.path;
      std::tie(change.before, change.after) = shown_of(*object, difference);
    }
  }
  for (const auto& [key, object] : now)
    if (!old.contains(key)) tell(*object, Kind::added, whole(object->kind_name).added);
  sort(changes);
  return changes;
}

}  // namespace apigw::compare
