#include "prompt/shape.h"

#include <algorithm>

#include "base/json.h"

namespace apigw::prompt {
namespace {

constexpr std::string_view open_keywords[] = {"$ref", "$dynamicRef",       "anyOf",           "oneOf", "allOf",
                                              "if",   "patternProperties", "dependentSchemas"};

// One schema of the text: true, false or an object.
struct Place {
  std::string_view text;
  json::Slice at;

  [[nodiscard]] bool is_true() const { return json::at(text, at) == "true"; }
  [[nodiscard]] bool is_false() const { return json::at(text, at) == "false"; }
};

// Whether `type` admits one of the words, or says nothing.
bool admits(std::string_view text, const json::Document& keywords, std::initializer_list<std::string_view> words) {
  const json::Member* type = keywords.find("type");
  if (!type) return true;
  const auto listed = [&](json::Slice at) {
    const auto word = json::string_at(text, at).value_or("");
    return std::ranges::find(words, std::string_view(word)) != words.end();
  };
  if (type->value.type != json::Type::array) return listed(type->value);
  return std::ranges::any_of(json::elements(text, type->value), listed);
}

// The schema of a property of the top level; nothing where it says nothing.
std::optional<json::Document> property_of(std::string_view schema, std::string_view name) {
  const auto document = json::scan(schema, {.depth = 256});
  const json::Member* properties = document ? document->find("properties") : nullptr;
  if (!properties || properties->value.type != json::Type::object) return std::nullopt;
  const json::Document named = json::members(schema, properties->value);
  const json::Member* property = named.find(name);
  if (!property || property->value.type != json::Type::object) return std::nullopt;
  return json::members(schema, property->value);
}

bool is_index(std::string_view step) {
  return !step.empty() && step.find_first_not_of("0123456789") == std::string_view::npos;
}

bool walk(Place place, std::span<const std::string> steps, std::vector<std::string>& known) {
  if (steps.empty() || place.is_true()) return true;
  if (place.is_false()) return false;
  const json::Document keywords = json::members(place.text, place.at);
  const auto below = [&](const json::Member& member) {
    return walk({place.text, member.value}, steps.subspan(1), known);
  };
  for (const std::string_view word : open_keywords)
    if (keywords.find(word) != nullptr) return true;
  const std::string& step = steps.front();
  if (step == "*" || is_index(step)) {
    const json::Member* items = keywords.find("items");
    const json::Member* others = keywords.find("additionalProperties");
    if (items && keywords.find("prefixItems") == nullptr && items->value.type == json::Type::object)
      return below(*items);
    if (step == "*" && others && others->value.type == json::Type::object && !keywords.find("properties"))
      return below(*others);
    return admits(place.text, keywords, {"array", "object"});
  }
  const json::Member* properties = keywords.find("properties");
  if (properties) {
    const json::Document named = json::members(place.text, properties->value);
    if (const json::Member* found = named.find(step)) return below(*found);
    for (const json::Member& member : named.members) known.push_back(json::key_of(member));
  }
  const json::Member* others = keywords.find("additionalProperties");
  if (others && others->value.type == json::Type::object) return below(*others);
  if (others) return json::at(place.text, others->value) == "true";
  return !properties && admits(place.text, keywords, {"object"});
}

}  // namespace

bool can_hold(std::string_view schema, std::span<const std::string> steps, std::vector<std::string>& known) {
  const auto document = json::scan(schema, {.depth = 256});
  return !document || walk({schema, document->root}, steps, known);
}

std::vector<std::string> names_of(std::string_view schema) {
  std::vector<std::string> names;
  const auto document = json::scan(schema, {.depth = 256});
  const json::Member* properties = document ? document->find("properties") : nullptr;
  if (!properties || properties->value.type != json::Type::object) return names;
  for (const json::Member& member : json::members(schema, properties->value).members)
    names.push_back(json::key_of(member));
  return names;
}

std::vector<std::string> required_of(std::string_view schema) {
  std::vector<std::string> names;
  const auto document = json::scan(schema, {.depth = 256});
  const json::Member* required = document ? document->find("required") : nullptr;
  if (!required || required->value.type != json::Type::array) return names;
  for (const json::Slice item : json::elements(schema, required->value))
    names.push_back(json::string_at(schema, item).value_or(""));
  return names;
}

bool may_be_text(std::string_view schema, std::string_view name) {
  const auto keywords = property_of(schema, name);
  return !keywords || admits(schema, *keywords, {"string"});
}

bool is_text(std::string_view schema, std::string_view name) {
  const auto keywords = property_of(schema, name);
  return keywords && keywords->find("type") != nullptr && admits(schema, *keywords, {"string"});
}

}  // namespace apigw::prompt
