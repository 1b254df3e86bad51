#include "emit/helm_schema.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::emit {
namespace {

Value closed(Value properties, const std::vector<std::string>& required = {}) {
  Value out =
      object({{"type", "object"}, {"additionalProperties", boolean(false)}, {"properties", std::move(properties)}});
  if (!required.empty()) put(out, "required", texts(required));
  return out;
}

std::string_view type_of(const Value& value) {
  constexpr std::string_view names[] = {"null", "boolean", "integer", "string", "array", "object"};
  return names[static_cast<std::size_t>(value.kind)];
}

// Of a member of a group: as its kind is in any profile, or nothing.
Value shape(const std::vector<const Value*>& values) {
  std::vector<std::string> types;
  for (const Value* value : values) {
    const std::string type(value == nullptr ? "null" : type_of(*value));
    if (std::ranges::find(types, type) == types.end()) types.push_back(type);
  }
  return object({{"type", types.size() == 1 ? text(types.front()) : texts(types)}});
}

Value named_shape(const std::string& name, const std::vector<const Value*>& values, bool alone) {
  const auto some = [&] { return std::ranges::find(values, nullptr) != values.end(); };
  const Value type = some() ? texts({"object", "null"}) : text("object");
  const auto whole = [&](unsigned most) {
    Value out = object({{"type", some() ? texts({"integer", "null"}) : text("integer")}, {"minimum", number(1)}});
    if (most != 0) put(out, "maximum", number(most));
    return out;
  };
  const Value strings = object({{"type", type}, {"additionalProperties", object({{"type", "string"}})}});
  if (name == "image")
    return closed(
        object({{"repository", object({{"type", "string"}, {"minLength", number(1)}})},
                {"tag", object({{"type", texts({"string", "null"})}, {"not", object({{"const", "latest"}})}})},
                {"digest", object({{"type", texts({"string", "null"})}})}}),
        {"repository"});
  if (name == "replicas") return whole(alone ? 1 : 0);
  if (name == "variables" || name == "secrets") return strings;
  if (name == "autoscaling") {
    Value out = closed(object({{"minReplicas", object({{"type", "integer"}, {"minimum", number(1)}})},
                               {"maxReplicas", object({{"type", "integer"}, {"minimum", number(1)}})}}),
                       {"minReplicas", "maxReplicas"});
    put(out, "type", type);
    return out;
  }
  if (name == "resources") {
    const Value amounts =
        object({{"type", "object"}, {"additionalProperties", object({{"type", texts({"string", "number"})}})}});
    return closed(object({{"requests", amounts}, {"limits", amounts}}));
  }
  if (name == "arguments") return object({{"type", "array"}, {"items", object({{"type", "string"}})}});
  if (name == "env")
    return object(
        {{"type", some() ? texts({"array", "null"}) : text("array")}, {"items", object({{"type", "object"}})}});
  return {};
}

Value workload_schema(std::span<const Side> sides, const std::string& name) {
  std::vector<std::string> members;
  std::vector<const Value*> all;
  bool alone = true;  // the schema is one for all profiles: a bound that one of them has not is none
  for (const Side& side : sides) {
    const Value* mine = side.values.find(name);
    if (mine == nullptr) continue;
    alone = alone && find_workload(side, name)->alone;
    all.push_back(mine);
    for (const render::Member& member : mine->members)
      if (std::ranges::find(members, member.name) == members.end()) members.push_back(member.name);
  }
  Value properties = object();
  std::vector<std::string> required;
  for (const std::string& member : members) {
    std::vector<const Value*> values;
    for (const Value* one : all) values.push_back(one->find(member));
    if (std::ranges::find(values, nullptr) == values.end()) required.push_back(member);
    Value known = named_shape(member, values, alone);
    if (known.kind == Value::Kind::none) {  // a group
      std::vector<std::string> below;
      for (const Value* one : values)
        if (one != nullptr)
          for (const render::Member& more : one->members)
            if (std::ranges::find(below, more.name) == below.end()) below.push_back(more.name);
      Value inner = object();
      for (const std::string& more : below) {
        std::vector<const Value*> kinds;
        for (const Value* one : values) kinds.push_back(one == nullptr ? nullptr : one->find(more));
        put(inner, more, shape(kinds));
      }
      known = closed(std::move(inner));
      if (std::ranges::find(values, nullptr) != values.end()) put(known, "type", texts({"object", "null"}));
    }
    put(properties, member, std::move(known));
  }
  return closed(std::move(properties), required);
}

}  // namespace

Value values_schema(std::span<const Side> sides, std::span<const std::string> names) {
  Value services = object(),
        top = object({{"global", object({{"type", "object"}})}, {"partOf", object({{"type", "string"}})}});
  std::vector<std::string> required{"partOf", "services"}, always;
  for (const std::string& name : names) {
    Value one = workload_schema(sides, name);
    const bool everywhere =
        std::ranges::all_of(sides, [&](const Side& side) { return side.values.find(name) != nullptr; });
    if (!everywhere) put(one, "type", texts({"object", "null"}));
    if (name == gateway_name) {
      put(top, name, std::move(one));
      if (everywhere) required.push_back(name);
    } else {
      put(services, name, std::move(one));
      if (everywhere) always.push_back(name);
    }
  }
  put(top, "services", closed(std::move(services), always));
  Value out = object({{"$schema", "http://json-schema.org/draft-07/schema#"}});
  Value all = closed(std::move(top), required);
  for (render::Member& member : all.members) put(out, member.name, std::move(member.value));
  return out;
}

}  // namespace apigw::emit
