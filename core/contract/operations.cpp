#include "contract/operations.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::contract {
namespace {

using yaml::Node;

constexpr std::string_view methods[] = {"get", "put", "post", "delete", "options", "head", "patch", "trace"};

// The number of a variable in its path.
std::size_t number_of(std::string_view path, std::string_view name) {
  const auto at = path.find(fmt::format("{{{}}}", name));
  return static_cast<std::size_t>(std::ranges::count(path.substr(0, at), '{'));
}

std::span<const Node* const> items(const Node* list) {
  if (list == nullptr) return {};
  return list->items;
}

std::span<const yaml::Entry> entries(const Node* mapping) {
  if (mapping == nullptr) return {};
  return mapping->entries;
}

}  // namespace

std::string shape_of(std::string_view path) {
  std::string shape;
  for (std::size_t at = 0; at < path.size(); ++at) {
    shape += path[at];
    if (path[at] == '{') at = std::min(path.find('}', at), path.size()) - 1;
  }
  return shape;
}

std::string text_of(const Node* node) {
  return node != nullptr && node->kind == yaml::Kind::scalar ? node->value : std::string();
}

Operations::Operations(const Node& root) : root_(root), swagger_(root.find("swagger") != nullptr) {
  modern_ = !swagger_ && !text_of(root.find("openapi")).starts_with("3.0");
  for (const yaml::Entry& path : entries(root.find("paths"))) {
    const Node* const item = followed(path.value);
    for (const yaml::Entry& entry : entries(item)) {
      if (std::ranges::find(methods, entry.key->value) == std::end(methods)) continue;
      const Described one{text::upper(entry.key->value), path.key->value, item, entry.value};
      if (!all_.emplace(fmt::format("{} {}", one.method, shape_of(one.path)), one).second)
        all_.emplace(one.name(), one);
    }
  }
  std::vector<const Described*> in_order;
  for (const auto& [key, operation] : all_) in_order.push_back(&operation);
  std::ranges::sort(in_order, {}, [](const Described* one) { return one->node->span.begin; });
  for (const Described* const operation : in_order) {
    names_.emplace(operation->name(), operation);
    const std::string id = text_of(operation->node->find("operationId"));
    if (!id.empty()) names_.emplace(id, operation);
  }
}

const Described* Operations::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

const Node* Operations::followed(const Node* node) {
  if (node == nullptr) return nullptr;
  return yaml::follow(*node, root_, members_).value_or(nullptr);
}

std::string Operations::schema(const Node* node, Side side) {
  return node == nullptr ? "true" : schema_text(*node, dialect(), side).json;
}

std::string Operations::schema_of_parameter(const Node& parameter) {
  if (!swagger_) return schema(parameter.find("schema"), Side::request);
  return schema_text(parameter, dialect(), Side::request, true).json;
}

Operations::Given Operations::given(const Described& operation) {
  Given out;
  const auto word = [](const Node& parameter, std::string_view key) { return text_of(parameter.find(key)); };
  for (const Node* holder : {operation.item, operation.node})
    for (const Node* item : items(holder->find("parameters"))) {
      const auto one = yaml::follow(*item, root_, members_);
      if (!one) {
        out.broken.push_back(one.error());
        continue;
      }
      std::erase_if(out.nodes, [&](const Node* other) {
        const std::string in = word(**one, "in"), a = word(**one, "name"), b = word(*other, "name");
        return in == word(*other, "in") && (in == "header" ? text::iequals(a, b) : a == b || in == "body");
      });
      out.nodes.push_back(*one);
    }
  return out;
}

Operations::Nodes Operations::parameters(const Described& operation) {
  Nodes all;
  for (const Node* const one : given(operation).nodes) {
    const std::string in = text_of(one->find("in"));
    std::string name = text_of(one->find("name"));
    if (swagger_ && in == "body") continue;
    if (in == "header") name = text::lower(name);
    if (in == "path") name = std::to_string(number_of(operation.path, name));
    all[fmt::format("{} {}", in, name)] = one;
  }
  return all;
}

std::optional<Operations::Body> Operations::body(const Described& operation) {
  if (!swagger_) {
    const Node* const said = followed(operation.node->find("requestBody"));
    if (said == nullptr) return std::nullopt;
    return Body{text_of(said->find("required")) == "true", media_of(said->find("content"))};
  }
  for (const Node* const one : given(operation).nodes) {
    if (text_of(one->find("in")) != "body") continue;
    Body out{.required = text_of(one->find("required")) == "true", .media = {}};
    for (const std::string& type : types(operation, "consumes")) out.media[type] = one->find("schema");
    return out;
  }
  return std::nullopt;
}

Operations::Nodes Operations::answers(const Described& operation) {
  Nodes out;
  for (const yaml::Entry& entry : entries(operation.node->find("responses")))
    if (const Node* const one = followed(entry.value)) out[entry.key->value] = one;
  return out;
}

Operations::Nodes Operations::media_of_answer(const Described& operation, const Node& answer) {
  if (!swagger_) return media_of(answer.find("content"));
  Nodes out;
  if (const Node* const schema = answer.find("schema"))
    for (const std::string& type : types(operation, "produces")) out[type] = schema;
  return out;
}

Operations::Nodes Operations::media_of(const Node* content) {
  Nodes out;
  for (const yaml::Entry& entry : entries(content)) {
    const std::string_view type = entry.key->value;
    out[text::lower(text::trim(type.substr(0, type.find(';'))))] = entry.value->find("schema");
  }
  return out;
}

std::vector<std::string> Operations::types(const Described& operation, std::string_view word) const {
  const Node* said = operation.node->find(word);
  if (said == nullptr) said = root_.find(word);
  std::vector<std::string> out;
  for (const Node* one : items(said)) out.push_back(one->value);
  if (out.empty()) out.emplace_back("application/json");
  return out;
}

std::vector<Operations::Way> Operations::ways_in(const Described& operation) const {
  const Node* said = operation.node->find("security");
  if (said == nullptr) said = root_.find("security");
  std::vector<Way> out;
  for (const Node* item : items(said)) {
    Way& way = out.emplace_back();
    for (const yaml::Entry& scheme : entries(item)) {
      std::set<std::string>& scopes = way[scheme.key->value];
      for (const Node* scope : items(scheme.value)) scopes.insert(scope->value);
    }
  }
  if (out.empty()) out.emplace_back();
  return out;
}

}  // namespace apigw::contract
