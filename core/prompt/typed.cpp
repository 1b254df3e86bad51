#include "prompt/typed.h"

#include <fmt/format.h>

#include "base/text.h"
#include "prompt/picoschema.h"
#include "schema/values.h"
#include "yaml/json.h"

namespace apigw::prompt {

namespace {

constexpr schema::Options options{.depth = 256};  // each level of a YAML tree is two of JSON Schema

void report_findings(const std::vector<schema::Finding>& findings, int code, const yaml::Node& root,
                     diag::Report& report) {
  for (const schema::Finding& finding : findings) {
    const yaml::Node& node = node_at(root, finding.pointer);
    std::string message = finding.keyword.empty()
                              ? finding.why
                              : fmt::format("'{}' {}", text::printable(finding.keyword, 60), finding.why);
    auto& found = report.add(code, node.span, std::move(message));
    if (code == 644 && root.find("type") != nullptr && finding.pointer.rfind('/') == 0) {
      found.helps.emplace_back(
          "'type' makes this a JSON Schema; a field of that name is written 'type: string, what it is'");
    }
  }
}

std::optional<std::string> json_schema_text(const yaml::Node& node, diag::Report& report) {
  // A schema that only lists properties describes an object: so dotprompt reads it.
  std::string text;
  if (yaml::append_json(node, options.bytes, text)) {
    if (node.find("properties") != nullptr && node.find("type") == nullptr) text.insert(1, R"("type":"object",)");
    return text;
  }
  report.add(643, node.span, "this schema is too large once its aliases are expanded");
  return std::nullopt;
}

}  // namespace

std::optional<TypedSchema> read_schema(const yaml::Node& node, diag::Report& report) {
  auto text = is_json_schema(node) ? json_schema_text(node, report) : expand_picoschema(node, report);
  if (!text) return std::nullopt;
  auto compiled = schema::compile(*text, options);
  if (!compiled) {
    report_findings(compiled.error(), 643, node, report);
    return std::nullopt;
  }
  if (!compiled->unclaimed().empty()) {
    report_findings(compiled->unclaimed(), 644, node, report);
    return std::nullopt;
  }
  return TypedSchema{std::move(*text), std::move(*compiled)};
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
