// Gemini's own form of a schema, a subset of OpenAPI's with types in capitals, read as JSON Schema, which is what the
// hub carries.
#include <algorithm>

#include "base/text.h"
#include "dialects/gemini.h"

namespace apigw::dialects::gemini {

namespace {

using json::Document;
using json::Slice;
using json::Type;

struct OwnKeyword {
  std::string_view snake, camel;
};
constexpr auto own_keywords = std::to_array<OwnKeyword>({
    {"any_of", "anyOf"},
    {"max_items", "maxItems"},
    {"max_length", "maxLength"},
    {"max_properties", "maxProperties"},
    {"min_items", "minItems"},
    {"min_length", "minLength"},
    {"min_properties", "minProperties"},
    {"property_ordering", "propertyOrdering"},
});

class Reader {
 public:
  Reader(std::string_view text, std::string& out) : text_(text), json_(out) {}

  void root(Slice slice) {
    json_.open_object();
    members(slice);
    json_.close();
  }

 private:
  void members(Slice slice) {
    const Document object = json::members(text_, slice);
    const json::Member* nullable = object.find("nullable");
    const bool null = nullable != nullptr && json::at(text_, nullable->value) == "true";
    for (const json::Member& member : object.members) keyword(member, null);
  }

  void keyword(const json::Member& member, bool nullable) {
    const auto row = std::ranges::find(own_keywords, member.key, &OwnKeyword::snake);
    const std::string_view key = row == own_keywords.end() ? member.key : row->camel;
    if (key == "nullable") return;
    if (key == "type" && member.value.type == Type::string) return type(member.value, nullable);
    if (key == "items" && member.value.type == Type::object) return schema(key, member.value);
    if (key == "properties" && member.value.type == Type::object) {
      json_.open_object(key);
      for (const json::Member& one : json::members(text_, member.value).members) {
        if (one.value.type == Type::object)
          schema(one.key, one.value);
        else
          json_.member(one.key, raw(one.value));
      }
      return json_.close();
    }
    if (key == "anyOf" && member.value.type == Type::array) {
      json_.open_array(key);
      for (const Slice one : json::elements(text_, member.value)) {
        if (one.type != Type::object) {
          json_.element(raw(one));
          continue;
        }
        json_.open_object();
        members(one);
        json_.close();
      }
      return json_.close();
    }
    // Whole numbers of 64 bits may be written as texts.
    const std::string_view digits = word_at(text_, member.value);
    const bool bound = key.starts_with("min") || key.starts_with("max");
    if (bound && !digits.empty() && text::parse_number(digits))
      return json_.member(key, json::Raw{std::string(digits)});
    json_.member(key, raw(member.value));
  }

  void schema(std::string_view key, Slice slice) {
    json_.open_object(key);
    members(slice);
    json_.close();
  }

  void type(Slice value, bool nullable) {
    const std::string word = text::lower(word_at(text_, value));
    if (word == "type_unspecified") return;
    if (!nullable) return json_.member("type", word);
    json_.open_array("type");
    json_.element(word);
    json_.element(std::string_view("null"));
    json_.close();
  }

  [[nodiscard]] json::Raw raw(Slice slice) const { return {std::string(json::at(text_, slice))}; }

  std::string_view text_;
  JsonWriter json_;
};

}  // namespace

json::Raw json_schema(std::string_view text, Slice schema) {
  json::Raw out{std::string()};
  Reader(text, out.text).root(schema);
  return out;
}

}  // namespace apigw::dialects::gemini
