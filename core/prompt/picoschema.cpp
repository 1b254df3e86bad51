#include "prompt/picoschema.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "yaml/json.h"

namespace apigw::prompt {

namespace {

constexpr std::size_t most_text = 1u << 20;
constexpr std::array<std::string_view, 6> scalar_types{"string", "number", "integer", "boolean", "null", "any"};
constexpr std::array<std::string_view, 3> kinds{"array", "object", "enum"};
// What other notations call them.
constexpr std::pair<std::string_view, std::string_view> other_words[] = {
    {"bool", "boolean"}, {"double", "number"}, {"float", "number"},
    {"int", "integer"},  {"str", "string"},    {"text", "string"},
};
constexpr std::string_view wildcard = "(*)";

bool listed(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

struct Described {
  std::string_view word, description;
};

// `string, what it is` in its two halves.
Described described(std::string_view s) {
  const auto comma = s.find(',');
  if (comma == std::string_view::npos) return {text::trim(s), {}};
  return {text::trim(s.substr(0, comma)), text::trim(s.substr(comma + 1))};
}

// `name?(kind, description)`
struct Field {
  std::string_view name, kind, description;
  bool optional = false;
};

// Members of a JSON object in the making: `"type":"string"`.
using Members = std::vector<std::string>;

std::string object_of(const Members& members) {
  return "{" + text::join(members, ",") + "}";
}

class Expansion {
 public:
  explicit Expansion(diag::Report& report) : report_(report) {}

  // The schema that a node describes, null admitted when it is optional. `description` of the field, if it has one.
  std::string schema(const yaml::Node& node, bool optional, std::string_view description = {}) {
    if (node.kind == yaml::Kind::scalar) return scalar(node, optional, description);
    if (node.kind == yaml::Kind::mapping) return object(node, optional, description);
    wrong(642, node.span,
          node.is_null() ? "a field says nothing about its type" : "a list stands where a type should",
          "write a type such as 'string', or fields");
    return "{}";
  }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool too_large() const { return written_ > most_text; }

 private:
  void wrong(int code, Span where, std::string message, std::string help) {
    good_ = false;
    report_.add(code, where, std::move(message)).helps.push_back(std::move(help));
  }

  // Aliases expand a small file into a large schema; past the limit nothing is worth writing.
  std::string written(std::string s) {
    written_ += s.size();
    return too_large() ? "{}" : s;
  }

  static Members typed(std::string_view type, bool optional, std::string_view description) {
    Members members{optional && type != "null" ? fmt::format(R"("type":["{}","null"])", type)
                                               : fmt::format(R"("type":"{}")", type)};
    describe(members, description);
    return members;
  }
  static void describe(Members& members, std::string_view description) {
    if (!description.empty()) members.push_back(R"("description":)" + json::quote(description));
  }

  std::string scalar(const yaml::Node& node, bool optional, std::string_view outer) {
    const Described said = described(node.value);
    const std::string_view description = outer.empty() ? said.description : outer;
    if (said.word == "any") {
      Members members;
      describe(members, description);
      return written(object_of(members));
    }
    if (!listed(scalar_types, said.word)) {
      unknown_type(node, said.word);
      return "{}";
    }
    return written(object_of(typed(said.word, optional, description)));
  }

  void unknown_type(const yaml::Node& node, std::string_view word) {
    const std::string shown = text::printable(word, 60);
    auto meant = text::closest(word.substr(0, 60), scalar_types);
    for (const auto& [other, ours] : other_words) meant = word == other ? ours : meant;
    wrong(641, node.span, fmt::format("a schema has no type '{}'", shown),
          meant                 ? fmt::format("replace with '{}'", *meant)
          : listed(kinds, word) ? fmt::format("write the '{}' behind the field's name, in parentheses", word)
                                : "use string, number, integer, boolean, null or any");
  }

  std::string object(const yaml::Node& node, bool optional, std::string_view description) {
    Members properties;
    std::vector<std::string> required;
    std::string others = "false";
    std::unordered_set<std::string_view> named;
    for (const yaml::Entry& entry : node.entries) {
      if (entry.key->value == wildcard) {
        others = schema(*entry.value, false);
        continue;
      }
      const auto field = field_of(*entry.key);
      if (!field || (!named.insert(field->name).second && twice(*entry.key, field->name))) continue;
      const std::string name = json::quote(field->name);
      properties.push_back(name + ":" + value_of(*field, *entry.value));
      if (!field->optional) required.push_back(name);
      if (too_large()) return "{}";
    }
    Members members = typed("object", optional, description);
    members.push_back(R"("properties":)" + object_of(properties));
    if (!required.empty()) members.push_back(R"("required":[)" + text::join(required, ",") + "]");
    members.push_back(R"("additionalProperties":)" + others);
    return written(object_of(members));
  }

  // `a` and `a?` are one field, though the parser sees two keys.
  bool twice(const yaml::Node& key, std::string_view name) {
    wrong(642, key.span, fmt::format("the field '{}' is described twice", text::printable(name, 60)),
          "keep one of the two lines");
    return true;
  }

  static std::string_view name_of(std::string_view key) {
    std::string_view name = text::trim(key.substr(0, key.find('(')));
    if (name.ends_with('?')) name.remove_suffix(1);
    return name;
  }

  std::optional<Field> field_of(const yaml::Node& key) {
    const std::string_view whole = key.value;
    Field field{.name = name_of(whole)};
    const auto open = whole.find('(');
    field.optional = text::trim(whole.substr(0, open)).ends_with('?');
    if (field.name.empty()) {
      wrong(642, key.span, "a field has no name", "write name, name? or name(array, description)");
      return std::nullopt;
    }
    if (open == std::string_view::npos) return field;
    const std::string_view inside = text::trim(whole.substr(open + 1));
    const Described said = inside.ends_with(')') ? described(inside.substr(0, inside.size() - 1)) : Described{};
    if (!listed(kinds, said.word)) {
      wrong(642, key.span,
            inside.ends_with(')') ? fmt::format("'{}' is not what a field can be", text::printable(said.word, 60))
                                  : "what stands behind the field's name does not end with ')'",
            "in parentheses stand array, object or enum, then a comma and a description");
      return std::nullopt;
    }
    field.kind = said.word;
    field.description = said.description;
    return field;
  }

  std::string value_of(const Field& field, const yaml::Node& node) {
    if (field.kind == "enum") return enumeration(field, node);
    if (field.kind != "array") {
      if (field.kind == "object" && node.kind != yaml::Kind::mapping) {
        wrong(642, node.span, "an object needs its fields", "write them below, one a line");
        return "{}";
      }
      return schema(node, field.optional, field.description);
    }
    Members members = typed("array", field.optional, field.description);
    members.push_back(R"("items":)" + schema(node, false));
    return written(object_of(members));
  }

  std::string enumeration(const Field& field, const yaml::Node& node) {
    if (node.kind != yaml::Kind::sequence || node.items.empty()) {
      wrong(642, node.span, "an enum needs the list of its values", "write them in brackets: [small, large]");
      return "{}";
    }
    std::string values;
    if (!yaml::append_json(node, most_text, values)) written_ = most_text + 1;
    const bool has_null = std::ranges::any_of(node.items, [](const yaml::Node* item) {
      return item->is_null() || (item->style == yaml::Style::plain && (item->value == "null" || item->value == "~"));
    });
    if (field.optional && !has_null) values.insert(values.size() - 1, ",null");
    Members members;
    describe(members, field.description);
    members.push_back(R"("enum":)" + values);
    return written(object_of(members));
  }

  diag::Report& report_;
  bool good_ = true;
  std::size_t written_ = 0;  // bytes of schemas, inner ones counted again: grows at least as fast as the text
};

}  // namespace

bool is_json_schema(const yaml::Node& schema) {
  constexpr std::array<std::string_view, 8> types{"string", "number", "integer", "boolean",
                                                  "null",   "any",    "object",  "array"};
  constexpr std::array<std::string_view, 4> with_lists{"anyOf", "oneOf", "allOf", "enum"};
  for (const yaml::Entry& entry : schema.entries) {
    const std::string_view key = entry.key->value;
    const yaml::Node& value = *entry.value;
    if (key.starts_with('$') || (key == "properties" && value.kind == yaml::Kind::mapping)) return true;
    if (key == "type" && (value.kind == yaml::Kind::sequence || listed(types, value.value))) return true;
    if (listed(with_lists, key) && value.kind == yaml::Kind::sequence) return true;
  }
  return false;
}

std::optional<std::string> expand_picoschema(const yaml::Node& schema, diag::Report& report) {
  Expansion expansion(report);
  std::string text = expansion.schema(schema, false);
  if (expansion.good() && expansion.too_large()) {
    report.add(642, schema.span, "this schema is too large once its aliases are expanded");
    return std::nullopt;
  }
  return expansion.good() ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace apigw::prompt
