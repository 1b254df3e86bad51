#include "cases/examples.h"

#include <fmt/format.h>

#include "base/json.h"
#include "yaml/json.h"

namespace apigw::cases {
namespace {

using yaml::Node;

constexpr std::size_t most_of_holder = 100;  // examples of one parameter or body
constexpr std::size_t most_value = 1 << 20;  // bytes of an example
constexpr int most_depth = 16;               // of an example put together from properties

}  // namespace

std::optional<std::string> ExampleBook::json_of(const Node& node) {
  std::string out;
  const bool fits = left_ > 0 && yaml::append_json(node, most_value, out);
  spend(out.size());
  return fits ? std::optional(std::move(out)) : std::nullopt;
}

bool ExampleBook::any(const Node& holder) {
  const Examples& examples = of(holder);
  if (examples.one != nullptr || !examples.named.empty()) return true;
  const Node* const schema = holder.find("schema");
  return schema != nullptr && put_together(*schema).has_value();
}

const Examples& ExampleBook::of(const Node& holder) {
  const auto [at, fresh] = examples_.try_emplace(&holder);
  if (fresh) at->second = read(holder);
  return at->second;
}

Examples ExampleBook::read(const Node& holder) {
  Examples out;
  out.one = holder.find("example");
  if (out.one == nullptr) out.one = holder.find("x-example");
  if (const Node* named = holder.find("examples"))
    for (const yaml::Entry& entry : named->entries) {
      const auto found = yaml::follow(*entry.value, root_, members_);
      const Node* const value = found ? (*found)->find("value") : nullptr;  // externalValue: a file elsewhere
      if (value != nullptr && out.named.size() < most_of_holder) out.named.emplace_back(entry.key->value, value);
    }
  if (out.one != nullptr || !out.named.empty()) return out;
  const Node* const content = holder.find("content");  // of a parameter that is written as JSON
  if (content != nullptr && !content->entries.empty()) return read(*content->entries[0].value);
  const Node* const schema = holder.find("schema");
  out.one = schema == nullptr ? own_value(holder) : own_value(*schema);  // Swagger writes the schema's words here
  return out;
}

// What a schema itself gives as a value.
const Node* ExampleBook::own_value(const Node& schema) {
  const auto found = yaml::follow(schema, root_, members_);
  if (!found) return nullptr;
  if (const Node* one = (*found)->find("example")) return one;
  if (const Node* several = (*found)->find("examples"); several != nullptr && !several->items.empty())
    return several->items.front();
  return (*found)->find("default");
}

std::optional<std::string> ExampleBook::put_together(const Node& schema, int depth) {
  const auto found = yaml::follow(schema, root_, members_);
  if (!found || depth > most_depth || left_ == 0) return std::nullopt;
  const auto [at, fresh] = made_.try_emplace(*found);
  if (fresh) {
    const Node* const own = own_value(**found);
    auto made = own != nullptr ? json_of(*own) : of_parts(**found, depth);
    at->second = std::move(made);
  }
  return at->second;
}

// From the parts of a schema without an example of its own.
std::optional<std::string> ExampleBook::of_parts(const Node& schema, int depth) {
  std::string out;
  if (const Node* items = schema.find("items")) {
    const auto item = put_together(*items, depth + 1);
    if (item) out = "[" + *item + "]";
  } else {
    Making made;
    add_members(schema, depth, made);
    const auto there = [&](std::string_view name) { return made.names.contains(name); };
    const bool whole = made.whole && std::ranges::all_of(made.required, there);
    if (!whole || made.text.size() > most_value) return std::nullopt;
    if (!made.text.empty()) out = "{" + made.text + "}";
  }
  spend(out.size());
  return out.empty() ? std::nullopt : std::optional(out);
}

void ExampleBook::add_members(const Node& schema, int depth, Making& to) {
  constexpr std::size_t step = 64;
  spend(step);
  to.whole = to.whole && left_ > 0 && depth <= most_depth;
  if (!to.whole || !to.seen.insert(&schema).second) return;
  if (const Node* names = schema.find("required"))
    for (const Node* name : names->items) to.required.insert(name->value);
  if (const Node* all = schema.find("allOf"))
    for (const Node* part : all->items)
      if (const auto found = yaml::follow(*part, root_, members_)) add_members(**found, depth + 1, to);
  const Node* const properties = schema.find("properties");
  for (const yaml::Entry& property : properties == nullptr ? std::vector<yaml::Entry>{} : properties->entries) {
    const auto value = to.text.size() > most_value ? std::nullopt : put_together(*property.value, depth + 1);
    spend(step);
    if (value && to.names.insert(property.key->value).second)
      to.text += fmt::format("{}{}:{}", to.text.empty() ? "" : ",", json::quote(property.key->value), *value);
  }
}

}  // namespace apigw::cases
