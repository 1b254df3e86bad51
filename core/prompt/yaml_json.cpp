#include "prompt/yaml_json.h"

#include <unordered_set>

#include "base/json.h"
#include "base/text.h"
#include "schema/values.h"

namespace apigw::prompt {

namespace {

std::string scalar_json(const yaml::Node& node) {
  const bool plain = node.style == yaml::Style::plain;
  if (plain && (node.value == "true" || node.value == "false" || node.value == "null")) return node.value;
  if (plain && node.value == "~") return "null";
  if (plain && !node.value.empty() && std::string_view("-0123456789").contains(node.value[0])) {
    const auto scanned = json::scan(node.value);
    if (scanned && scanned->root.type == json::Type::number) return node.value;
  }
  return json::quote(node.value);
}

bool append_mapping(const yaml::Node& node, std::size_t limit, std::string& out) {
  out += '{';
  std::unordered_set<std::string_view> written;
  for (const yaml::Entry& entry : node.entries) {
    if (!written.insert(entry.key->value).second) continue;
    out += written.size() == 1 ? "" : ",";
    out += json::quote(entry.key->value) + ":";
    if (!append_json(*entry.value, limit, out)) return false;
  }
  out += '}';
  return true;
}

bool append_sequence(const yaml::Node& node, std::size_t limit, std::string& out) {
  out += '[';
  for (const yaml::Node* item : node.items) {
    if (item != node.items.front()) out += ',';
    if (!append_json(*item, limit, out)) return false;
  }
  out += ']';
  return true;
}

}  // namespace

bool append_json(const yaml::Node& node, std::size_t limit, std::string& out) {
  if (out.size() > limit) return false;
  if (node.kind == yaml::Kind::mapping) return append_mapping(node, limit, out);
  if (node.kind == yaml::Kind::sequence) return append_sequence(node, limit, out);
  out += node.kind == yaml::Kind::null ? "null" : scalar_json(node);
  return out.size() <= limit;
}

const yaml::Node& node_at(const yaml::Node& root, std::string_view pointer) {
  const yaml::Node* node = &root;
  while (pointer.starts_with('/')) {
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string name = schema::step_name(pointer.substr(1, end - 1));
    pointer.remove_prefix(end);
    const auto number = text::parse_number(name);
    const yaml::Node* next = node->kind == yaml::Kind::mapping ? node->find(name) : nullptr;
    if (node->kind == yaml::Kind::sequence && number && *number < node->items.size()) next = node->items[*number];
    if (next == nullptr) break;
    node = next;
  }
  return *node;
}

}  // namespace apigw::prompt
