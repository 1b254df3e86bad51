// What a container may do: privileges, users, capabilities, ports and variables.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "kubernetes/rule.h"
#include "kubernetes/words.h"
#include "model/credential.h"

namespace apigw::kubernetes {
namespace {

const Node* security(const Look& look, std::initializer_list<std::string_view> path) {
  return at(at(look.container->node, {"securityContext"}), path);
}

// A setting of the container, else of its pod.
const Node* effective(const Look& look, std::string_view field) {
  if (const Node* const own = security(look, {field})) return own;
  return at(look.pod->spec, {"securityContext", field});
}

// Where something that is missing in a securityContext would stand.
Span context(const Look& look) {
  return look.container->where();
}

bool names(const Node* list, std::string_view word) {
  return std::ranges::any_of(items(list), [&](const Node* one) { return text::iequals(text_of(one), word); });
}

// A field of the securityContext that must be `wanted`: replaced where it is set, asked for where it is not.
void must_be(const Look& look, std::string_view field, bool wanted, const std::string& what) {
  const Node* const set = security(look, {field});
  if (truth(set) == wanted) return;
  const std::string word = wanted ? "true" : "false";
  if (set != nullptr)
    look.replace(*set, fmt::format("{} {}", look.title(), what), fmt::format("not {}", word), word);
  else
    look.add(context(look), fmt::format("{} {}", look.title(), what), fmt::format("no {}", field),
             fmt::format("write `{}: {}` in its securityContext", field, word));
}

}  // namespace

void privileged(const Look& look) {
  const Node* const set = security(look, {"privileged"});
  if (truth(set) == true)
    look.replace(*set, fmt::format("{} is privileged", look.title()), "as root on the host", "false");
}

void privilege_escalation(const Look& look) {
  must_be(look, "allowPrivilegeEscalation", false, "may gain privileges");
}

void writable_root(const Look& look) {
  must_be(look, "readOnlyRootFilesystem", true, "may write its root file system");
}

void runs_as_root(const Look& look) {
  const Node* const user = effective(look, "runAsUser");
  const Node* const group = effective(look, "runAsGroup");
  const Node* const non_root = effective(look, "runAsNonRoot");
  if (number(user) == 0 || number(group) == 0) {
    const Node* const zero = number(user) == 0 ? user : group;
    look.add(zero->span, fmt::format("{} runs as root", look.title()), "0 is root", "write a number from 10000");
    return;
  }
  if (truth(non_root) == true || (number(user).value_or(0) > 0 && truth(non_root) != false)) return;
  if (non_root != nullptr)
    look.replace(*non_root, fmt::format("{} may run as root", look.title()), "not true", "true");
  else
    look.add(context(look), fmt::format("{} may run as root", look.title()), "no runAsNonRoot",
             "write `runAsNonRoot: true` in its securityContext, or in its pod's");
}

void low_user(const Look& look) {
  static constexpr std::int64_t least = 10'000;
  for (const std::string_view field : {"runAsUser", "runAsGroup"}) {
    const Node* const set = effective(look, field);
    if (number(set).value_or(0) >= least) continue;
    look.add(set != nullptr ? set->span : context(look),
             fmt::format("{} runs as a {} that may be one of the host's", look.title(),
                         field == "runAsUser" ? "user" : "group"),
             set != nullptr ? fmt::format("below {}", least) : fmt::format("no {}", field),
             fmt::format("write `{}: 10001` in its securityContext, or in its pod's", field));
  }
}

void added_capabilities(const Look& look) {
  for (const Node* added : items(security(look, {"capabilities", "add"})))
    for (const std::string_view word : {"ALL", "SYS_ADMIN", "NET_ADMIN", "NET_RAW"})
      if (text::iequals(text_of(added), word))
        look.add(added->span, fmt::format("{} has the capability {}", look.title(), word), "added here",
                 "remove it, or add only what the program needs");
}

void kept_capabilities(const Look& look) {
  static constexpr auto insecure = std::to_array<std::string_view>(
      {"NET_ADMIN", "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP",
       "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE"});
  const Node* const dropped = security(look, {"capabilities", "drop"});
  if (names(dropped, "ALL")) return;
  if (std::ranges::all_of(insecure, [&](std::string_view word) { return names(dropped, word); })) return;
  look.add(dropped != nullptr ? dropped->span : context(look),
           fmt::format("{} keeps capabilities that it hardly needs", look.title()),
           names(dropped, "NET_RAW") ? "some are dropped" : "NET_RAW among them",
           "write `capabilities: { drop: [ALL] }` in its securityContext");
}

void no_hardening(const Look& look) {
  const Node* const seccomp = at(effective(look, "seccompProfile"), {"type"});
  const std::string annotation =
      fmt::format("container.apparmor.security.beta.kubernetes.io/{}", look.container->name);
  const bool hardened = (seccomp != nullptr && text_of(seccomp) != "Unconfined") ||
                        effective(look, "seLinuxOptions") != nullptr ||
                        effective(look, "appArmorProfile") != nullptr ||
                        at(look.pod->metadata, {"annotations", annotation}) != nullptr ||
                        (!items(security(look, {"capabilities", "drop"})).empty() &&
                         !names(security(look, {"capabilities", "add"}), "ALL"));
  if (!hardened)
    look.add(context(look), fmt::format("nothing restricts the system calls of {}", look.title()),
             "no seccomp, AppArmor or SELinux, no dropped capability",
             "write `seccompProfile: { type: RuntimeDefault }` in its securityContext, or in its pod's");
}

void unmasked_proc(const Look& look) {
  const Node* const mount = security(look, {"procMount"});
  if (mount != nullptr && text_of(mount) != "Default")
    look.replace(*mount, fmt::format("{} sees all of /proc", look.title()), "the masks are off", "Default");
}

void host_port(const Look& look) {
  for (const Node* port : items(at(look.container->node, {"ports"})))
    if (const Node* const host = at(port, {"hostPort"}); number(host).value_or(0) != 0)
      look.add(host->span, fmt::format("{} takes a port of its host", look.title()), "one such pod a node",
               "remove it: a Service reaches the containerPort");
}

void ssh_port(const Look& look) {
  for (const Node* port : items(at(look.container->node, {"ports"}))) {
    const Node* const number_of = at(port, {"containerPort"});
    const auto protocol = text_of(at(port, {"protocol"}));
    if (number(number_of) == 22 && (protocol.empty() || protocol == "TCP"))
      look.add(number_of->span, fmt::format("{} serves the port of SSH", look.title()), "port 22",
               "serve another port; `kubectl exec` opens a shell");
  }
}

void secret_variable(const Look& look) {
  for (const Node* variable : items(at(look.container->node, {"env"}))) {
    const Node* const value = at(variable, {"value"});
    const auto name = text_of(at(variable, {"name"}));
    if (text_of(value).empty()) continue;
    const auto word = may_be_secret(value->value) ? sensitive_word(name) : std::nullopt;
    if (!word && !holds_private_key(value->value) && !model::looks_like_key(value->value)) continue;
    look.secrets.push_back(value->span);
    look.add(value->span,
             fmt::format("variable '{}' of {} holds a secret as it is", text::printable(name, 60), look.title()),
             word ? fmt::format("its name says '{}'", *word) : "it looks like a key",
             "put it into a Secret and refer to it: `valueFrom: { secretKeyRef: … }`");
  }
}

void duplicate_variable(const Look& look) {
  std::map<std::string_view, const Node*> seen;
  for (const Node* variable : items(at(look.container->node, {"env"}))) {
    const Node* const name = at(variable, {"name"});
    if (name == nullptr) continue;
    const auto [first, added] = seen.emplace(text_of(name), name);
    if (added) continue;
    auto& finding = look.add(
        name->span, fmt::format("{} has variable '{}' twice", look.title(), text::printable(text_of(name), 60)),
        "given again here", "remove one of them");
    finding.labels.push_back({first->second->span, "first given here"});
  }
}

}  // namespace apigw::kubernetes
