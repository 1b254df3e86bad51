// A YAML tree as text for goldens, and the law that every span keeps: it lies inside the text and inside its
// parent's.
#pragma once
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "yaml/tree.h"

namespace yaml_dump {

inline std::string one(const apigw::yaml::Node& node, std::string_view text) {
  static constexpr const char* styles[] = {"plain", "quoted", "block"};
  const auto written = text.substr(node.span.begin, node.span.end - node.span.begin);
  std::string line = fmt::format("[{},{})", node.span.begin, node.span.end);
  using enum apigw::yaml::Kind;
  if (node.kind == null) line += " null";
  if (node.kind == sequence) line += fmt::format(" list of {}", node.items.size());
  if (node.kind == mapping) line += fmt::format(" mapping of {}", node.entries.size());
  if (node.kind == scalar)
    line += fmt::format(" {} '{}'", styles[static_cast<int>(node.style)], apigw::text::printable(node.value));
  line += fmt::format("  <{}>", apigw::text::printable(written, 60));
  if (!node.tag.empty()) line += " tag " + node.tag;
  if (node.defined_at.known()) line += fmt::format(" defined at [{},{})", node.defined_at.begin, node.defined_at.end);
  return line;
}

inline void into(std::string& out, const apigw::yaml::Node& node, std::string_view text, const std::string& indent) {
  out += one(node, text) + "\n";
  for (const auto* item : node.items) {
    out += indent + "- ";
    into(out, *item, text, indent + "  ");
  }
  for (const auto& entry : node.entries) {
    out += indent + "k " + one(*entry.key, text) + "\n" + indent + "v ";
    into(out, *entry.value, text, indent + "  ");
  }
}

inline std::string dump(const apigw::yaml::Node& root, std::string_view text) {
  std::string out;
  into(out, root, text, "");
  return out;
}

// The first node that breaks the law, or nothing.
inline const apigw::yaml::Node* stray(const apigw::yaml::Node& node, std::size_t size) {
  const auto inside = [&](const apigw::yaml::Node& child) {
    return node.defined_at.known() || (child.span.begin >= node.span.begin && child.span.end <= node.span.end);
  };
  if (node.span.begin > node.span.end || node.span.end > size) return &node;
  for (const auto* item : node.items) {
    if (!inside(*item)) return item;
    if (const auto* bad = stray(*item, size)) return bad;
  }
  for (const auto& entry : node.entries) {
    if (entry.key->span.end > size) return entry.key;
    if (const auto* bad = stray(*entry.value, size)) return bad;
  }
  return nullptr;
}

}  // namespace yaml_dump
