#include "kubernetes/selectors.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::kubernetes {
namespace {

bool has_pairs(const Node* pairs, const Node* labels) {
  if (pairs == nullptr || pairs->kind != yaml::Kind::mapping) return true;
  return std::ranges::all_of(pairs->entries, [&](const yaml::Entry& pair) {
    const Node* const label = at(labels, {pair.key->value});
    return label != nullptr && text_of(label) == text_of(pair.value);
  });
}

bool holds(const Node* expression, const Node* labels) {
  const Node* const label = at(labels, {text_of(at(expression, {"key"}))});
  const std::string_view operation = text_of(at(expression, {"operator"}));
  if (operation == "Exists") return label != nullptr;
  if (operation == "DoesNotExist") return label == nullptr;
  const bool listed =
      label != nullptr && std::ranges::any_of(items(at(expression, {"values"})),
                                              [&](const Node* value) { return text_of(value) == text_of(label); });
  return operation == "In" ? listed : operation == "NotIn" && !listed;
}

}  // namespace

bool selects(const Node* selector, const Node* labels) {
  if (selector == nullptr || selector->kind != yaml::Kind::mapping) return false;
  return has_pairs(at(selector, {"matchLabels"}), labels) &&
         std::ranges::all_of(items(at(selector, {"matchExpressions"})),
                             [&](const Node* expression) { return holds(expression, labels); });
}

bool selects_all_of(const Node* pairs, const Node* labels) {
  return pairs != nullptr && !pairs->entries.empty() && has_pairs(pairs, labels);
}

std::string pairs_text(const Node* pairs) {
  std::string out;
  if (pairs == nullptr) return out;
  for (const yaml::Entry& pair : pairs->entries)
    out += fmt::format("{}{}={}", out.empty() ? "" : ", ", pair.key->value, text_of(pair.value));
  return text::printable(out, 120);
}

std::vector<const Object*> selecting(const Objects& all, Kind kind, std::string_view space,
                                     std::initializer_list<std::string_view> path, const Node* labels) {
  std::vector<const Object*> out;
  for (const Object* object : all.of(kind, space))
    if (selects(object->find(path), labels)) out.push_back(object);
  return out;
}

std::vector<const Object*> services_of(const Objects& all, std::string_view space, const Node* labels) {
  std::vector<const Object*> out;
  for (const Object* service : all.of(Kind::service, space))
    if (selects_all_of(service->find({"spec", "selector"}), labels)) out.push_back(service);
  return out;
}

const Object* autoscaler_of(const Objects& all, const Object& workload) {
  for (const Object* scaler : all.of(Kind::autoscaler, workload.space)) {
    const Node* const target = scaler->find({"spec", "scaleTargetRef"});
    if (text_of(at(target, {"kind"})) == workload.kind_name && text_of(at(target, {"name"})) == workload.name)
      return scaler;
  }
  return nullptr;
}

bool selects_any(const Objects& all, std::string_view space, const Node* selector) {
  const Node* pairs = at(selector, {"matchLabels"});
  const auto candidates = [&] {
    if (pairs == nullptr || pairs->entries.empty()) return all.pods_in(space);
    return all.pods_in(space, pairs->entries.front().key->value, text_of(pairs->entries.front().value));
  }();
  return std::ranges::any_of(candidates, [&](const Object* one) { return selects(selector, one->pod->labels()); });
}

bool any_with_all_of(const Objects& all, std::string_view space, const Node* pairs) {
  if (pairs == nullptr || pairs->entries.empty()) return false;
  const yaml::Entry& first = pairs->entries.front();
  return std::ranges::any_of(all.pods_in(space, first.key->value, text_of(first.value)),
                             [&](const Object* one) { return selects_all_of(pairs, one->pod->labels()); });
}

}  // namespace apigw::kubernetes
