#include "config/literals.h"

#include <fmt/format.h>

#include "base/text.h"
#include "model/credential.h"

namespace apigw::config {
namespace {

constexpr std::size_t least_key = 16;  // bytes of what looks like one

void check_environment(const yaml::Node& env, diag::Report& report) {
  for (const yaml::Entry& variable : env.entries) {
    const yaml::Node& node = *variable.value;
    if (node.kind != yaml::Kind::scalar || node.value.empty() || model::looks_like_key(node.value)) continue;
    const std::string name = text::printable(variable.key->value, 60);
    const bool url = !model::password_in(node.value).empty();
    if (!url && (!model::names_secret(name) || node.value.contains("${"))) continue;
    report
        .add(url ? 412 : 401, node.span,
             url ? fmt::format("the URL of '{}' holds a password", name)
                 : fmt::format("the secret '{}' has its value here", name),
             "copied wherever this file goes")
        .helps.push_back(
            fmt::format("write {0}: ${{{0}}} and put the value into the environment, or into .env beside the "
                        "config for `apigw run`",
                        name));
  }
}

}  // namespace

void check_literals(const yaml::Node& root, diag::Report& report) {
  // An alias names the same node again; the report keeps equal findings once, and depth and count are bounded by the
  // tree.
  std::vector<const yaml::Node*> open{&root};
  while (!open.empty()) {
    const yaml::Node& node = *open.back();
    open.pop_back();
    for (const yaml::Node* item : node.items) open.push_back(item);
    for (const yaml::Entry& entry : node.entries) {
      open.push_back(entry.value);
      if (entry.key->value == "env" && entry.value->kind == yaml::Kind::mapping)
        check_environment(*entry.value, report);
    }
    if (node.kind != yaml::Kind::scalar || node.value.size() < least_key) continue;
    const auto what = model::looks_like_key(node.value);
    if (!what) continue;
    report.add(401, node.span, "a literal here looks like a key", fmt::format("looks like {}", *what))
        .helps.push_back(
            "put it into the environment or a file of mode 0600 and write env:NAME or file:PATH in a field "
            "that takes a secret; revoke this key if the file was ever shared");
  }
}

}  // namespace apigw::config
