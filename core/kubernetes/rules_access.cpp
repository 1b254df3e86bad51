// Roles and bindings: who may run commands in pods, and who may do everything.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"

namespace apigw::kubernetes {
namespace {

bool lists(const Node* rule, std::string_view field, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(items(at(rule, {field})),
                             [&](const Node* one) { return std::ranges::find(words, text_of(one)) != words.end(); });
}

// An exec is a POST, and a GET where a WebSocket carries it.
bool enters_pods(const Node* rule) {
  return lists(rule, "apiGroups", {"", "*"}) && lists(rule, "resources", {"*", "pods/exec", "pods/attach"}) &&
         lists(rule, "verbs", {"*", "get", "create"});
}

bool all_powers(const Node* rule) {
  static constexpr std::string_view every[] = {"get", "list", "watch", "create", "update", "patch", "delete"};
  return lists(rule, "apiGroups", {"*"}) && lists(rule, "resources", {"*"}) &&
         (lists(rule, "verbs", {"*"}) ||
          std::ranges::all_of(every, [&](std::string_view verb) { return lists(rule, "verbs", {verb}); }));
}

const Node* rule_of(const Object& role, bool (*is)(const Node*)) {
  const auto rules = items(role.find({"rules"}));
  const auto found = std::ranges::find_if(rules, is);
  return found == rules.end() ? nullptr : *found;
}

// Kubernetes makes these itself.
bool built_in(std::string_view name) {
  return name.starts_with("system:") || name == "cluster-admin" || name == "admin" || name == "edit" ||
         name == "view";
}

// The role that a binding names, where it is among the files.
const Object* bound_role(const Look& look) {
  const auto name = text_of(look.object.find({"roleRef", "name"}));
  if (text_of(look.object.find({"roleRef", "kind"})) == "Role")
    return look.all.find(Kind::role, look.object.space, name);
  for (const Object& object : look.all.all())
    if (object.kind == Kind::cluster_role && object.name == name) return &object;
  return nullptr;
}

void binds(const Look& look, bool (*is)(const Node*), const std::string& what) {
  const Object* const role = bound_role(look);
  const Node* const rule = role == nullptr || built_in(role->name) ? nullptr : rule_of(*role, is);
  if (rule == nullptr || built_in(look.object.name)) return;
  auto& finding = look.add(look.object.find({"roleRef", "name"})->span, fmt::format("{} {}", look.title(), what),
                           "by this role", "bind a role that lists only what its subjects need");
  finding.labels.push_back({rule->span, "this rule"});
}

}  // namespace

void role_enters_pods(const Look& look) {
  const Node* const rule = built_in(look.object.name) ? nullptr : rule_of(look.object, enters_pods);
  if (rule != nullptr)
    look.add(rule->span, fmt::format("{} lets its subjects run commands in every pod", look.title()),
             "pods/exec or pods/attach", "list the resources that are needed, without these two");
}

void binding_enters_pods(const Look& look) {
  binds(look, enters_pods, "lets its subjects run commands in every pod");
}

void binding_all_powers(const Look& look) {
  const Node* const name = look.object.find({"roleRef", "name"});
  if (text_of(name) == "cluster-admin" && !built_in(look.object.name)) {
    look.add(name->span, fmt::format("{} lets its subjects do everything", look.title()), "cluster-admin",
             "bind a role that lists only what its subjects need");
    return;
  }
  binds(look, all_powers, "lets its subjects do everything");
}

}  // namespace apigw::kubernetes
