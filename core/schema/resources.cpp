#include "schema/resources.h"

#include "schema/address.h"

namespace apigw::schema {

namespace {

constexpr std::size_t none = ~std::size_t{0};

const Value* string_member(const Values& values, const Value& schema, std::string_view key) {
  const Value* member = values.find(schema, key);
  return member != nullptr && member->type == json::Type::string ? member : nullptr;
}

}  // namespace

Resources::Resources(const Values& values, Draft draft) : values_(values), draft_(draft), of_(values.size(), none) {
  all_.push_back({"", 0});
  by_address_.emplace("", 0);
  walk(0, 0);
}

void Resources::walk(Index at, std::size_t resource) {
  const Value& schema = values_[at];
  if (schema.type == json::Type::object) resource = enter(schema, resource);
  of_[at] = resource;
  if (schema.type != json::Type::object) return;
  name_anchors(schema, resource);
  for (Index i = values_.first(schema); i != schema.after; i = values_[i].after) {
    const Keyword* keyword = find_keyword(values_[i].key, draft_);
    if (keyword != nullptr) walk_inside(values_[i], keyword->holds, resource);
  }
}

void Resources::walk_inside(const Value& value, Holds holds, std::size_t resource) {
  const bool list = value.type == json::Type::array && (holds == Holds::list || holds == Holds::schema_or_list);
  const bool map = value.type == json::Type::object && (holds == Holds::map || holds == Holds::map_or_names);
  if (holds == Holds::schema || (holds == Holds::schema_or_list && !list)) walk(values_.index(value), resource);
  if (!list && !map) return;
  for (Index i = values_.first(value); i != value.after; i = values_[i].after) {
    if (values_[i].type == json::Type::object || values_[i].type == json::Type::boolean) walk(i, resource);
  }
}

// The resource that the schema belongs to: a new one when it has an address of its own.
std::size_t Resources::enter(const Value& schema, std::size_t resource) {
  const Value* id = string_member(values_, schema, "$id");
  if (id == nullptr || (draft_ == Draft::draft7 && values_.find(schema, "$ref") != nullptr)) return resource;
  const Address address = resolve(all_[resource].address, id->text);
  if (address.resource == all_[resource].address) return resource;  // an anchor in draft-07's spelling
  const auto [row, fresh] = by_address_.emplace(address.resource, all_.size());
  if (!fresh) {
    duplicates_.push_back(values_.index(*id));
    return resource;
  }
  all_.push_back({address.resource, values_.index(schema)});
  return row->second;
}

void Resources::name_anchors(const Value& schema, std::size_t resource) {
  const Index at = values_.index(schema);
  if (draft_ == Draft::draft7) {
    const Value* id = string_member(values_, schema, "$id");
    if (id == nullptr || values_.find(schema, "$ref") != nullptr) return;
    const std::string name = resolve(all_[resource].address, id->text).fragment;
    if (!name.empty()) anchor(resource, name, at, values_.index(*id));
    return;
  }
  for (const std::string_view key : {"$anchor", "$dynamicAnchor"}) {
    const Value* name = string_member(values_, schema, key);
    if (name != nullptr) anchor(resource, name->text, at, values_.index(*name));
  }
}

void Resources::anchor(std::size_t resource, std::string_view name, Index at, Index named_by) {
  const auto [row, fresh] = anchors_.emplace(std::pair(resource, std::string(name)), at);
  if (!fresh && row->second != at) duplicates_.push_back(named_by);
}

std::size_t Resources::resource_of(Index at) const {
  while (of_[at] == none && values_[at].parent != no_value) at = values_[at].parent;
  return of_[at];
}

Resources::Target Resources::find(Index from, std::string_view reference) {
  using enum Target::Kind;
  const Address address = resolve(all_[resource_of(from)].address, reference);
  const auto found = by_address_.find(address.resource);
  if (found == by_address_.end()) return {elsewhere};
  const Index root = all_[found->second].root;
  if (address.fragment.empty()) return {here, root};
  if (address.fragment.starts_with('/')) {
    const Index at = values_.follow(root, address.fragment, steps_);
    if (at != no_value) return {here, at};
    return {steps_.spent() ? too_far : nowhere};
  }
  const auto anchor = anchors_.find({found->second, address.fragment});
  return anchor == anchors_.end() ? Target{nowhere} : Target{here, anchor->second};
}

}  // namespace apigw::schema
