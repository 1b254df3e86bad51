#include "yaml/reference.h"

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::yaml {
namespace {

// A step of a pointer, its escapes undone.
std::string step_name(std::string_view step) {
  std::string name;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size() && (step[i + 1] == '0' || step[i + 1] == '1');
    name += !escape ? step[i] : step[i + 1] == '0' ? '~' : '/';
    if (escape) ++i;
  }
  return name;
}

}  // namespace

const Node* Members::find(const Node& node, std::string_view key) {
  constexpr std::size_t few = 32;
  if (node.entries.size() <= few) return node.find(key);
  const auto [at, fresh] = large_.try_emplace(&node);
  if (fresh)
    for (const Entry& entry : node.entries) at->second.insert_or_assign(entry.key->value, entry.value);
  const auto found = at->second.find(key);
  return found == at->second.end() ? nullptr : found->second;
}

std::expected<const Node*, BrokenReference> follow(const Node& node, const Node& root, Members& members) {
  constexpr int most_steps = 16;
  const Node* at = &node;
  for (int step = 0; step < most_steps; ++step) {
    const Node* ref = at->find("$ref");
    if (ref == nullptr) return at;
    const std::string shown = text::printable(ref->value, 80);
    if (!ref->value.starts_with("#/"))
      return std::unexpected(BrokenReference{
          ref->span, fmt::format("reference '{}' is not followed: only this document is read", shown), true});
    at = &root;
    for (const std::string_view part : text::split(std::string_view(ref->value).substr(2), '/')) {
      at = members.find(*at, step_name(part));
      if (at == nullptr)
        return std::unexpected(BrokenReference{ref->span, fmt::format("reference '{}' leads nowhere", shown)});
    }
  }
  return std::unexpected(BrokenReference{node.span, "references lead in a circle or too far"});
}

}  // namespace apigw::yaml
