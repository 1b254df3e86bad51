#include "compare/schemas.h"

#include <algorithm>
#include <functional>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "compare/values.h"

namespace apigw::compare {
namespace {

// What became of the values that fit.
enum class Turn : std::uint8_t { narrower, wider, other, words };

constexpr std::string_view words_for_people[] = {"title",    "description", "examples",     "example",
                                                 "$comment", "deprecated",  "externalDocs", "xml"};
constexpr std::string_view lower_bounds[] = {"minimum",  "exclusiveMinimum", "minLength",
                                             "minItems", "minProperties",    "minContains"};
constexpr std::string_view upper_bounds[] = {"maximum",  "exclusiveMaximum", "maxLength",
                                             "maxItems", "maxProperties",    "maxContains"};
constexpr std::string_view known[] = {
    "type",  "enum",        "const", "required", "properties",  "additionalProperties",
    "items", "allOf",       "anyOf", "oneOf",    "prefixItems", "$ref",
    "$defs", "definitions", "$id",   "$schema",  "default",     "format"};

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

class Comparing {
 public:
  Comparing(const Json& before, const Json& after, Maker maker, const Change& of, Changes& changes)
      : before_(before), after_(after), maker_(maker), of_(of), changes_(changes) {}

  void schemas(const Json& before, const Json& after, const std::string& path) {
    const Json& a = resolved(before, before_);
    const Json& b = resolved(after, after_);
    if (&a == &b || !visited_.insert({&a, &b}).second || visited_.size() > most) return;
    if (!a.is_object() || !b.is_object()) return whole(a, b, path);
    types(a, b, path);
    values(a, b, path);
    bounds(a, b, path);
    required(a, b, path);
    properties(a, b, path);
    others(a, b, path);
    items(a, b, path);
    parts(a, b, path);
    rest(a, b, path);
  }

 private:
  static constexpr std::size_t most = 20'000;  // pairs of schemas

  void tell(Turn turn, const std::string& path, const Json* before, const Json* after, std::string_view what) {
    Change change = of_;
    change.kind = Kind::changed;
    change.field += path;
    std::tie(change.before, change.after) = shown(before, after);
    const bool caller = maker_ == Maker::caller;
    switch (turn) {
      case Turn::words:
        change.grade = Grade::cosmetic;
        change.reason = "words for people";
        break;
      case Turn::narrower:
        change.grade = caller ? Grade::breaking : Grade::safe;
        change.reason =
            fmt::format("{}: {}", what, caller ? "values that were taken are refused" : "fewer values come");
        break;
      case Turn::wider:
        change.grade = caller ? Grade::safe : Grade::risky;
        change.reason = fmt::format("{}: {}", what, caller ? "more values are taken" : "values come that never came");
        break;
      case Turn::other:
        change.grade = Grade::risky;
        change.reason = fmt::format("{}: which values fit is not known here", what);
        break;
    }
    changes_.push_back(std::move(change));
  }
  // What is the same for both makers.
  void tell(Grade grade, const std::string& path, const Json* before, const Json* after, std::string reason,
            Kind kind = Kind::changed) {
    Change change = of_;
    change.kind = kind;
    change.field += path;
    std::tie(change.before, change.after) = shown(before, after);
    change.grade = grade;
    change.reason = std::move(reason);
    changes_.push_back(std::move(change));
  }

  // The end of a chain of references without anything beside them.
  static const Json& resolved(const Json& schema, const Json& root) {
    const Json* at = &schema;
    for (int steps = 0; steps < 16 && at->is_object() && at->contains("$ref") && (*at)["$ref"].is_string(); ++steps) {
      const auto& reference = (*at)["$ref"].get_ref<const std::string&>();
      if (!reference.starts_with('#')) break;
      try {
        at = &root.at(Json::json_pointer(reference.substr(1)));
      } catch (const Json::exception&) {
        break;
      }
    }
    return *at;
  }

  static const Json* member(const Json& schema, std::string_view word) {
    const auto at = schema.find(word);
    return at == schema.end() ? nullptr : &*at;
  }

  void whole(const Json& a, const Json& b, const std::string& path) {
    if (a == b) return;
    const bool takes_all = b == Json(true) || b == Json::object(), took_all = a == Json(true) || a == Json::object();
    const Turn turn = takes_all          ? Turn::wider
                      : took_all         ? Turn::narrower
                      : b == Json(false) ? Turn::narrower
                                         : Turn::other;
    tell(turn, path, &a, &b, "what it may be");
  }

  static std::set<std::string> types_of(const Json& schema) {
    std::set<std::string> out;
    const Json* const type = member(schema, "type");
    if (type == nullptr) return {"array", "boolean", "integer", "null", "number", "object", "string"};
    if (type->is_string()) out.insert(type->get<std::string>());
    if (type->is_array())
      for (const Json& one : *type)
        if (one.is_string()) out.insert(one.get<std::string>());
    if (out.contains("number")) out.insert("integer");
    return out;
  }

  void types(const Json& a, const Json& b, const std::string& path) {
    const auto before = types_of(a), after = types_of(b);
    if (before == after) return;
    const bool lost = !std::ranges::includes(after, before), won = !std::ranges::includes(before, after);
    const Json *old = member(a, "type"), *now = member(b, "type");
    if (lost && won)  // nothing that fitted one need fit the other
      tell(Grade::breaking, path + ".type", old, now, "another type");
    else
      tell(lost ? Turn::narrower : Turn::wider, path + ".type", old, now, lost ? "fewer types" : "more types");
  }

  static const Json* values_of(const Json& schema, Json& made) {
    if (const Json* const all = member(schema, "enum"); all != nullptr && all->is_array()) return all;
    const Json* const one = member(schema, "const");
    if (one == nullptr) return nullptr;
    made = Json::array({*one});
    return &made;
  }

  void values(const Json& a, const Json& b, const std::string& path) {
    Json made_a, made_b;
    const Json *before = values_of(a, made_a), *after = values_of(b, made_b);
    if (before == nullptr && after == nullptr) return;
    const auto within = [](const Json* some, const Json* all) {
      if (all == nullptr) return true;
      return some != nullptr &&
             std::ranges::all_of(*some, [&](const Json& one) { return std::ranges::find(*all, one) != all->end(); });
    };
    const bool kept = within(before, after), new_ones = !within(after, before);
    if (!kept) tell(Turn::narrower, path + ".enum", before, after, "fewer values");
    if (new_ones) tell(Turn::wider, path + ".enum", before, after, "more values");
  }

  void bounds(const Json& a, const Json& b, const std::string& path) {
    const auto look = [&](std::string_view word, bool upper) {
      const Json *before = member(a, word), *after = member(b, word);
      if (before == nullptr && after == nullptr) return;
      if (before != nullptr && after != nullptr && *before == *after) return;
      const bool comparable = (before == nullptr || before->is_number()) && (after == nullptr || after->is_number());
      const bool tighter =
          before == nullptr ||
          (after != nullptr && comparable &&
           (upper ? after->get<double>() < before->get<double>() : after->get<double>() > before->get<double>()));
      tell(!comparable ? Turn::other
           : tighter   ? Turn::narrower
                       : Turn::wider,
           fmt::format("{}.{}", path, word), before, after, tighter ? "a tighter bound" : "a looser bound");
    };
    for (const std::string_view word : lower_bounds) look(word, false);
    for (const std::string_view word : upper_bounds) look(word, true);
  }

  static std::set<std::string> required_of(const Json& schema) {
    std::set<std::string> out;
    if (const Json* const names = member(schema, "required"); names != nullptr && names->is_array())
      for (const Json& name : *names)
        if (name.is_string()) out.insert(name.get<std::string>());
    return out;
  }

  void required(const Json& a, const Json& b, const std::string& path) {
    const auto before = required_of(a), after = required_of(b);
    const Json was = "optional", is = "required";
    for (const std::string& name : after)
      if (!before.contains(name))
        tell(maker_ == Maker::caller ? Grade::breaking : Grade::safe, path + "." + name,
             has_property(a, name) ? &was : nullptr, &is,
             maker_ == Maker::caller ? "callers that leave it out are refused" : "it always comes now",
             has_property(a, name) ? Kind::changed : Kind::added);
    for (const std::string& name : before)
      if (!after.contains(name) && (has_property(b, name) || !has_property(a, name)))  // else it is gone altogether
        tell(maker_ == Maker::caller ? Grade::safe : Grade::breaking, path + "." + name, &is, &was,
             maker_ == Maker::caller ? "it may be left out" : "it may be missing in an answer");
  }

  static bool has_property(const Json& schema, const std::string& name) {
    const Json* const all = member(schema, "properties");
    return all != nullptr && all->is_object() && all->contains(name);
  }

  static bool closed(const Json& schema) {
    const Json* const others = member(schema, "additionalProperties");
    return others != nullptr && *others == Json(false);
  }

  void properties(const Json& a, const Json& b, const std::string& path) {
    static const Json none = Json::object();
    const Json *before = member(a, "properties"), *after = member(b, "properties");
    if (before == nullptr || !before->is_object()) before = &none;
    if (after == nullptr || !after->is_object()) after = &none;
    for (const auto& [name, schema] : before->items()) {
      if (after->contains(name))
        schemas(schema, (*after)[name], path + "." + name);
      else
        gone(b, schema, path + "." + name);
    }
    for (const auto& [name, schema] : after->items())
      if (!before->contains(name) && !required_of(b).contains(name))
        tell(Grade::safe, path + "." + name, nullptr, &schema,
             maker_ == Maker::caller ? "a new one that may be left out" : "a new one in answers", Kind::added);
  }

  void gone(const Json& owner, const Json& schema, const std::string& path) {
    if (maker_ == Maker::service)
      tell(Grade::breaking, path, &schema, nullptr, "it is in no answer any more", Kind::removed);
    else if (closed(owner))
      tell(Grade::breaking, path, &schema, nullptr, "callers that send it are refused", Kind::removed);
    else
      tell(Grade::risky, path, &schema, nullptr, "what callers send there has no meaning any more", Kind::removed);
  }

  void others(const Json& a, const Json& b, const std::string& path) {
    const Json *before = member(a, "additionalProperties"), *after = member(b, "additionalProperties");
    static const Json all = true;
    if (before == nullptr) before = &all;
    if (after == nullptr) after = &all;
    schemas(*before, *after, path + ".additionalProperties");
  }

  void items(const Json& a, const Json& b, const std::string& path) {
    static const Json all = true;
    const Json *before = member(a, "items"), *after = member(b, "items");
    if (before != nullptr || after != nullptr)
      schemas(before != nullptr ? *before : all, after != nullptr ? *after : all, path + "[]");
    const Json *first = member(a, "prefixItems"), *now = member(b, "prefixItems");
    if (first == nullptr && now == nullptr) return;
    if (first == nullptr || now == nullptr || first->size() != now->size()) {
      tell(Turn::other, path + ".prefixItems", first, now, "other first items");
      return;
    }
    for (std::size_t i = 0; i < first->size(); ++i) schemas((*first)[i], (*now)[i], fmt::format("{}[{}]", path, i));
  }

  // Parts that are the same are set aside; of what is left, pairs are compared, and what has no partner is gone or
  // new.
  void parts(const Json& a, const Json& b, const std::string& path) {
    for (const std::string_view word : {"allOf", "anyOf", "oneOf"}) {
      std::vector<const Json*> before = list_of(member(a, word)), after = list_of(member(b, word));
      std::erase_if(before, [&](const Json* one) {
        const auto same = std::ranges::find_if(after, [&](const Json* other) { return *one == *other; });
        if (same == after.end()) return false;
        after.erase(same);
        return true;
      });
      const std::size_t pairs = std::min(before.size(), after.size());
      for (std::size_t i = 0; i < pairs; ++i) schemas(*before[i], *after[i], fmt::format("{}.{}", path, word));
      const bool every = word == "allOf";
      for (std::size_t i = pairs; i < before.size(); ++i)
        tell(every ? Turn::wider : Turn::narrower, fmt::format("{}.{}", path, word), before[i], nullptr,
             every ? "one condition less" : "one form less");
      for (std::size_t i = pairs; i < after.size(); ++i)
        tell(every ? Turn::narrower : Turn::wider, fmt::format("{}.{}", path, word), nullptr, after[i],
             every ? "one condition more" : "one form more");
    }
  }

  static std::vector<const Json*> list_of(const Json* list) {
    std::vector<const Json*> out;
    if (list != nullptr && list->is_array())
      for (const Json& one : *list) out.push_back(&one);
    return out;
  }

  void rest(const Json& a, const Json& b, const std::string& path) {
    std::set<std::string> all;
    for (const Json* one : {&a, &b})
      for (const auto& [name, value] : one->items()) all.insert(name);
    for (const std::string& name : all) {
      if (among(lower_bounds, name) || among(upper_bounds, name)) continue;
      const Json *before = member(a, name), *after = member(b, name);
      if (before != nullptr && after != nullptr && *before == *after) continue;
      const std::string at = path + "." + name;
      if (among(words_for_people, name) || name.starts_with("x-"))
        tell(Turn::words, at, before, after, name);
      else if (name == "default")
        tell(Grade::risky, at, before, after, "what holds without it is another value");
      else if (name == "format")
        tell(Grade::risky, at, before, after, "read by those who check formats");
      else if (!among(known, name))
        tell(before == nullptr  ? Turn::narrower
             : after == nullptr ? Turn::wider
                                : Turn::other,
             at, before, after, name);
    }
  }

  const Json &before_, &after_;
  const Maker maker_;
  const Change& of_;
  Changes& changes_;
  std::set<std::pair<const Json*, const Json*>> visited_;
};

}  // namespace

void compare_schemas(std::string_view before, std::string_view after, Maker maker, const Change& of,
                     Changes& changes) {
  if (before == after) return;
  const Json a = Json::parse(before, nullptr, false), b = Json::parse(after, nullptr, false);
  if (a.is_discarded() || b.is_discarded()) {
    Change change = of;
    change.reason = "the schema is another one";
    changes.push_back(std::move(change));
    return;
  }
  Comparing(a, b, maker, of, changes).schemas(a, b, {});
}

}  // namespace apigw::compare
