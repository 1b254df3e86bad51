#include "yaml/json.h"

#include <unordered_set>

#include "base/json.h"

namespace apigw::yaml {

namespace {

std::string scalar_json(const Node& node) {
  const bool plain = node.style == Style::plain;
  if (plain && (node.value == "true" || node.value == "false" || node.value == "null")) return node.value;
  if (plain && node.value == "~") return "null";
  if (plain && !node.value.empty() && std::string_view("-0123456789").contains(node.value[0])) {
    const auto scanned = json::scan(node.value);
    if (scanned && scanned->root.type == json::Type::number) return node.value;
  }
  return json::quote(node.value);
}

bool append_mapping(const Node& node, std::size_t limit, std::string& out) {
  out += '{';
  std::unordered_set<std::string_view> written;
  for (const Entry& entry : node.entries) {
    if (!written.insert(entry.key->value).second) continue;
    out += written.size() == 1 ? "" : ",";
    out += json::quote(entry.key->value) + ":";
    if (!append_json(*entry.value, limit, out)) return false;
  }
  out += '}';
  return true;
}

bool append_sequence(const Node& node, std::size_t limit, std::string& out) {
  out += '[';
  for (const Node* item : node.items) {
    if (item != node.items.front()) out += ',';
    if (!append_json(*item, limit, out)) return false;
  }
  out += ']';
  return true;
}

}  // namespace

bool append_json(const Node& node, std::size_t limit, std::string& out) {
  if (out.size() > limit) return false;
  if (node.kind == Kind::mapping) return append_mapping(node, limit, out);
  if (node.kind == Kind::sequence) return append_sequence(node, limit, out);
  out += node.kind == Kind::null ? "null" : scalar_json(node);
  return out.size() <= limit;
}

}  // namespace apigw::yaml
