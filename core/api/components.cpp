#include "api/components.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace apigw::api {
namespace {

using Json = Components::Json;

// What they hold is no schema, whatever it looks like.
constexpr std::string_view values[] = {"example", "examples", "default", "enum", "const"};
// The members of what they hold are names, no words of OpenAPI.
constexpr std::string_view of_names[] = {"responses",         "headers",          "content", "properties",
                                         "patternProperties", "dependentSchemas", "$defs"};
// They give references another meaning.
constexpr std::string_view of_places[] = {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor"};

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Of the gateway's own answers.
std::map<std::string, std::string> own_schemas() {
  const Json count{{"type", "integer"}};
  const Json own{
      {"Problem",
       {{"type", "object"},
        {"properties",
         {{"type", {{"type", "string"}}},
          {"title", {{"type", "string"}}},
          {"status", count},
          {"detail", {{"type", "string"}}},
          {"code", {{"type", "string"}}},
          {"request_id", {{"type", "string"}}},
          {"errors",
           {{"type", "array"},
            {"items",
             {{"type", "object"},
              {"properties", {{"pointer", {{"type", "string"}}}, {"detail", {{"type", "string"}}}}}}}}}}}}},
      {"Usage",
       {{"type", {"object", "null"}},
        {"properties",
         {{"input_tokens", count},
          {"output_tokens", count},
          {"cache_read_tokens", count},
          {"cache_write_tokens", count},
          {"reasoning_tokens", count}}}}}};
  std::map<std::string, std::string> out;
  for (const auto& [name, schema] : own.items()) out[name] = schema.dump();
  return out;
}

// Whether every reference in `value` begins with `place` and names one of `definitions`.
bool refers_only_to(const Json& definitions, std::string_view place, const Json& value) {
  const auto good = [&](const Json& part) { return refers_only_to(definitions, place, part); };
  if (value.is_array()) return std::ranges::all_of(value, good);
  if (!value.is_object()) return true;
  return std::ranges::all_of(value.items(), [&](const auto& member) {
    if (among(of_places, member.key())) return false;
    if (member.key() != "$ref" || !member.value().is_string()) return good(member.value());
    const std::string to = member.value().template get<std::string>();
    return to.starts_with(place) && definitions.contains(to.substr(place.size()));
  });
}

}  // namespace

Components::Components() : schemas_(own_schemas()) {}

Json Components::take_in(const std::string& text, const std::string& id) {
  Json schema = Json::parse(text, nullptr, false);
  if (schema.is_discarded()) return Json::object();
  if (!schema.is_object()) return schema;
  schema.erase("$schema");
  if (!text.contains("\"$ref\"")) return schema;
  const auto found = schema.find("$defs");
  const auto named = [](const auto& member) { return contract::is_component_name(member.key()); };
  if (found == schema.end() || !found->is_object() || !std::ranges::all_of(found->items(), named) ||
      !refers_only_to(*found, definition, schema)) {
    if (!schema.contains("$id")) schema["$id"] = id;
    return schema;
  }
  Texts& texts = definitions_.emplace_back();
  for (const auto& [name, one] : found->items()) texts[name] = one.dump();
  schema.erase("$defs");
  lead(schema, texts, definition);
  return schema;
}

void Components::lead(Json& value, const Texts& texts, std::string_view place) {
  lead_one(value, texts, place);
  while (!unread_.empty()) {
    const Unread next = std::move(unread_.back());
    unread_.pop_back();
    Json schema = Json::parse(*next.text, nullptr, false);
    lead_one(schema, *next.from, next.place);
    schemas_[next.name] = schema.dump();
  }
}

// `named`: the members of the object are somebody's names.
void Components::lead_one(Json& value, const Texts& texts, std::string_view place, bool named) {
  if (value.is_array())
    for (Json& item : value) lead_one(item, texts, place);
  if (!value.is_object()) return;
  for (auto& [word, member] : value.items()) {
    if (!named && among(values, word)) continue;
    if (named || word != "$ref" || !member.is_string()) {
      lead_one(member, texts, place, !named && among(of_names, word));
      continue;
    }
    const std::string to = member.get<std::string>();
    if (to.starts_with(place)) member = std::string(component) + name_of(to.substr(place.size()), texts, place);
  }
}

const std::string& Components::name_of(const std::string& given, const Texts& texts, std::string_view place) {
  const auto [at, fresh] = names_.try_emplace({&texts, given}, given);
  const auto found = texts.find(given);
  if (!fresh || found == texts.end() || same(given, found->second)) return at->second;
  for (unsigned n = 2; schemas_.contains(at->second); ++n) at->second = fmt::format("{}_{}", given, n);
  schemas_[at->second];
  unread_.push_back({at->second, &found->second, &texts, place});
  return at->second;
}

// A document that was ours once brings our own schemas back.
bool Components::same(const std::string& name, const std::string& text) const {
  const auto known = schemas_.find(name);
  return known != schemas_.end() && !text.contains("$ref") &&
         Json::parse(known->second, nullptr, false) == Json::parse(text, nullptr, false);
}

Json Components::json() && {
  Json schemas = Json::object();
  for (const auto& [name, schema] : schemas_) schemas[name] = Json::parse(schema, nullptr, false);
  return {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}}, {"schemas", std::move(schemas)}};
}

}  // namespace apigw::api
