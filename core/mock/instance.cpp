#include "mock/instance.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "mock/plausible.h"
#include "mock/words.h"

namespace apigw::mock {

namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned deepest = 12;              // levels before recursion is cut
constexpr unsigned most_values = 5'000;       // in one instance
constexpr std::size_t most_elements = 100;    // of one array
constexpr std::size_t longest_text = 10'000;  // bytes of one string
constexpr unsigned longest_ref_chain = 16;

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::size_t size_at(const Json& schema, const char* key, std::size_t otherwise) {
  const Json* value = member(schema, key);
  return value != nullptr && value->is_number_integer() && value->get<long long>() >= 0 ? value->get<std::size_t>()
                                                                                        : otherwise;
}

std::optional<double> number_at(const Json& schema, const char* key) {
  const Json* value = member(schema, key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->get<double>();
}

// Adds what `extra` says to `into`: properties and required are united, of other keywords the first stands.
void merge(Json& into, const Json& extra) {
  if (!extra.is_object()) return;
  for (const auto& [key, value] : extra.items()) {
    if (!into.contains(key)) {
      into[key] = value;
    } else if (key == "properties" && value.is_object() && into[key].is_object()) {
      for (const auto& [name, schema] : value.items()) {
        if (!into[key].contains(name)) into[key][name] = schema;
      }
    } else if (key == "required" && value.is_array() && into[key].is_array()) {
      for (const auto& name : value) into[key].push_back(name);
    }
  }
}

class Maker {
 public:
  Maker(const Json& root, const Material& material) : root_(root), material_(material) {}

  // `nth` tells the elements of one array apart.
  Json make(const Json& raw, std::string_view name, unsigned depth, unsigned nth = 0) {
    if (++made_ > most_values || depth > deepest) return nullptr;
    if (raw.is_boolean()) return std::string(plausible_text(name, "", material_, nth));
    const Json schema = resolved(raw, depth);
    if (const Json* fixed = member(schema, "const")) return *fixed;
    if (const Json* choices = member(schema, "enum");
        choices != nullptr && choices->is_array() && !choices->empty()) {
      return choose(*choices, nth);
    }
    const std::string type = type_of(schema, depth);
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, name, depth);
    if (type == "string") return string(schema, name, nth);
    if (type == "integer" || type == "number") return number(schema, name, type == "integer", nth);
    if (type == "boolean") return nth % 2 == 0;
    return nullptr;
  }

 private:
  // Follows local references, merges allOf and one branch of anyOf or oneOf.
  Json resolved(const Json& raw, unsigned depth) {
    if (++made_ > most_values || depth > deepest) return Json::object();
    Json schema = raw;
    for (unsigned step = 0; step < longest_ref_chain; ++step) {
      if (const Json* ref = member(schema, "$ref"); ref != nullptr && ref->is_string()) {
        const Json* target = find(ref->get<std::string>());
        schema.erase("$ref");
        if (target != nullptr) merge(schema, *target);
      } else if (const Json* all = member(schema, "allOf"); all != nullptr && all->is_array()) {
        const Json parts = *all;
        schema.erase("allOf");
        for (const Json& part : parts) merge(schema, part.contains("$ref") ? resolved(part, depth + 1) : part);
      } else if (!take_branch(schema, "anyOf", depth) && !take_branch(schema, "oneOf", depth)) {
        break;
      }
    }
    return schema;
  }

  // Deep inside, a branch that is null ends a recursion.
  static bool take_branch(Json& schema, const char* key, unsigned depth) {
    const Json* branches = member(schema, key);
    if (branches == nullptr || !branches->is_array() || branches->empty()) return false;
    const Json all = *branches;
    schema.erase(key);
    const auto is_null = [](const Json& branch) {
      return branch.is_object() && branch.value("type", Json()) == "null";
    };
    const auto wanted = std::ranges::find_if(all, [&](const Json& branch) { return is_null(branch) == (depth > 4); });
    merge(schema, wanted == all.end() ? all.front() : *wanted);
    return true;
  }

  [[nodiscard]] const Json* find(const std::string& ref) const {
    if (!ref.starts_with('#')) return nullptr;
    try {
      const Json::json_pointer pointer(ref.substr(1));
      return root_.contains(pointer) ? &root_.at(pointer) : nullptr;
    } catch (const Json::exception&) {
      return nullptr;
    }
  }

  static std::string type_of(const Json& schema, unsigned depth) {
    if (const Json* type = member(schema, "type")) {
      if (type->is_string()) return type->get<std::string>();
      std::string first;
      for (const Json& one : type->is_array() ? *type : Json::array()) {
        if (!one.is_string()) continue;
        const bool null = one == "null";
        if (first.empty() || (null ? depth > 4 : first == "null")) first = one.get<std::string>();
      }
      if (!first.empty()) return first;
    }
    if (member(schema, "properties") != nullptr || member(schema, "required") != nullptr) return "object";
    if (member(schema, "items") != nullptr || member(schema, "prefixItems") != nullptr) return "array";
    if (member(schema, "minimum") != nullptr || member(schema, "maximum") != nullptr) return "number";
    return "string";
  }

  // The value that the text speaks of, the text's sentiment when that is among them, else the first.
  [[nodiscard]] Json choose(const Json& choices, unsigned nth) const {
    if (nth > 0) return choices.at(nth % choices.size());
    const std::string_view sentiment = sentiment_of(material_.text);
    for (const Json& choice : choices) {
      if (choice.is_string() && text::iequals(choice.get<std::string>(), sentiment)) return choice;
    }
    const std::string spaced = spaced_words(material_.text);
    for (const Json& choice : choices) {
      if (choice.is_string() && stands_in(spaced, text::lower(choice.get<std::string>()))) return choice;
    }
    return choices.at(0);
  }

  Json object(const Json& schema, unsigned depth) {
    Json made = Json::object();
    const Json* properties = member(schema, "properties");
    const Json* required = member(schema, "required");
    const auto needs = [&](const std::string& name) {
      return required != nullptr && required->is_array() &&
             std::ranges::find(*required, Json(name)) != required->end();
    };
    if (properties != nullptr && properties->is_object()) {
      for (const auto& [name, inner] : properties->items()) {
        // Optional members deep inside are left out: that is where recursive schemas end.
        if (depth < 4 || needs(name)) made[name] = make(inner, name, depth + 1);
      }
    }
    const Json* others = member(schema, "additionalProperties");
    const Json free = others != nullptr && others->is_object() ? *others : Json{{"type", "string"}};
    for (const Json& name : required != nullptr && required->is_array() ? *required : Json::array()) {
      if (name.is_string() && !made.contains(name.get<std::string>())) {
        made[name.get<std::string>()] = make(free, name.get<std::string>(), depth + 1);
      }
    }
    const std::size_t least = std::min(size_at(schema, "minProperties", 0), most_elements);
    for (unsigned i = 1; made.size() < least; ++i) made["key" + std::to_string(i)] = make(free, "", depth + 1, i);
    return made;
  }

  Json array(const Json& schema, std::string_view name, unsigned depth) {
    const std::size_t least = std::min(size_at(schema, "minItems", 0), most_elements);
    const std::size_t most = std::max(size_at(schema, "maxItems", most_elements), least);
    const std::size_t count = std::min(depth > 4 ? least : std::max<std::size_t>(least, 2), most);
    const Json* first = member(schema, "prefixItems");
    const Json* items = member(schema, "items");
    Json made = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
      const bool in_prefix = first != nullptr && first->is_array() && i < first->size();
      if (!in_prefix && items != nullptr && items->is_boolean() && !items->get<bool>()) break;
      const Json& inner = in_prefix ? first->at(i) : items != nullptr ? *items : anything_;
      made.push_back(make(inner, name, depth + 1, static_cast<unsigned>(i)));
    }
    return made;
  }

  [[nodiscard]] Json string(const Json& schema, std::string_view name, unsigned nth) const {
    const Json* format = member(schema, "format");
    const std::string kind = format != nullptr && format->is_string() ? format->get<std::string>() : std::string();
    std::string made = plausible_text(name, kind, material_, kind.empty() ? nth : 0);
    const std::size_t least = std::min(size_at(schema, "minLength", 0), longest_text);
    const std::size_t most = std::max(std::min(size_at(schema, "maxLength", longest_text), longest_text), least);
    // Lengths count characters.
    std::size_t at = 0, characters = 0;
    for (; at < made.size() && characters < most; ++characters) {
      at += std::max<std::size_t>(text::character_size(std::string_view(made).substr(at)), 1);
    }
    made.resize(std::min(at, made.size()));
    for (; characters < least; ++characters) made += static_cast<char>('a' + characters % 26);
    return made;
  }

  [[nodiscard]] Json number(const Json& schema, std::string_view name, bool whole, unsigned nth) const {
    const double step = std::max(number_at(schema, "multipleOf").value_or(0), 0.0);
    const double unit = step > 0 ? step : whole ? 1 : 0.5;
    std::optional<double> least = number_at(schema, "minimum"), most = number_at(schema, "maximum");
    if (const auto above = number_at(schema, "exclusiveMinimum"))
      least = std::max(least.value_or(*above + unit), *above + unit);
    if (const auto below = number_at(schema, "exclusiveMaximum"))
      most = std::min(most.value_or(*below - unit), *below - unit);
    // A bound between whole numbers lies outside of them.
    if (whole && least) least = std::ceil(*least);
    if (whole && most) most = std::floor(*most);
    double made = plausible_number(name, whole, material_, nth);
    // A number of the text that does not fit was meant for something else.
    if ((most && made > *most) || (least && made < *least)) made = plausible_number(name, whole, {}, nth);
    if (most) made = std::min(made, *most);
    if (least) made = std::max(made, *least);
    if (step > 0) {
      made = std::ceil(made / step) * step;
      if (most && made > *most) made = std::floor(*most / step) * step;
    }
    if (std::abs(made) < 9e15 && (whole || made == std::floor(made))) return static_cast<long long>(made);
    return made;
  }

  const Json& root_;
  const Material& material_;
  const Json anything_ = Json{{"type", "string"}};
  unsigned made_ = 0;  // values and resolutions, against most_values
};

}  // namespace

Json instance_of(const Json& schema, std::string_view text, std::string_view answer) {
  const Material material{.text = text, .answer = answer};
  return Maker(schema, material).make(schema, "", 0);
}

}  // namespace apigw::mock
