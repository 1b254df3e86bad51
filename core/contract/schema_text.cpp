#include "contract/schema_text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "contract/json_object.h"
#include "schema/keywords.h"
#include "yaml/json.h"

namespace apigw::contract {
namespace {

using schema::Holds;

constexpr std::size_t most_bytes = 1 << 20;

constexpr std::string_view for_readers[] = {"xml", "nullable"};  // `nullable` of old documents is said in other words
constexpr std::string_view of_places[] = {"$id", "$schema"};     // would give references another meaning
// Of a parameter of Swagger 2, beside its schema.
constexpr std::string_view parameter_words[] = {"name",           "in", "required", "description", "collectionFormat",
                                                "allowEmptyValue"};

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_true(const yaml::Node* node) {
  return node != nullptr && node->kind == yaml::Kind::scalar && node->value == "true";
}

// Bounded, whatever aliases there are.
bool holds_reference(const yaml::Node& node) {
  std::string text;
  return !yaml::append_json(node, most_bytes, text) || text.contains("\"$ref\"");
}

// What stands for a schema where another refers to it; `reference`: as the document says it.
using Refer = std::function<std::string(const yaml::Node& node, std::string_view reference)>;

class Text {
 public:
  Text(Dialect dialect, Side side, const yaml::Node* parameter, Refer refer)
      : dialect_(dialect), side_(side), parameter_(parameter), refer_(std::move(refer)) {}

  void add(std::string_view json) { out_ += json; }
  [[nodiscard]] bool too_large() const { return out_.size() > most_bytes; }

  SchemaText take() {
    result_.too_large = too_large();
    result_.json = std::move(out_);
    return std::move(result_);
  }

  void write(const yaml::Node& schema) {
    if (too_large()) return;
    if (schema.kind != yaml::Kind::mapping) return side_ == Side::both ? yes_or_no(schema) : plain(schema);
    const bool null = !dialect_.modern && (is_true(schema.find("nullable")) || is_true(schema.find("x-nullable")));
    // Without a type to widen, null is one of two.
    const bool beside = null && schema.find("type") == nullptr && schema.find("$ref") == nullptr;
    if (beside) out_ += R"({"anyOf":[{"type":"null"},)";
    JsonObject members(out_);
    if (schema.find("$ref") != nullptr) reference(schema, members);
    // Beside a reference the old dialects pass over everything.
    if (schema.find("$ref") == nullptr || dialect_.modern)
      for (const yaml::Entry& entry : schema.entries)
        if (schema.find(entry.key->value) == entry.value)  // of duplicates the last
          member(schema, entry.key->value, *entry.value, null, members);
    members.close();
    if (beside) out_ += "]}";
  }

 private:
  void reference(const yaml::Node& schema, JsonObject& members) {
    const auto to = yaml::follow(schema, dialect_.root, dialect_.members);
    if (!to) return result_.broken.push_back(to.error());
    members.name("$ref");
    out_ += json::quote(refer_(**to, schema.find("$ref")->value));
  }

  void member(const yaml::Node& schema, std::string_view word, const yaml::Node& value, bool null,
              JsonObject& members) {
    if (word == "$ref" || word.starts_with("x-") || among(of_places, word)) return;
    if (among(for_readers, word) && (side_ != Side::both || (word == "nullable" && !dialect_.modern))) return;
    if (&schema == parameter_ && among(parameter_words, word)) return;
    if (word == "discriminator") {
      if (!among(result_.passed_over, "discriminator")) result_.passed_over.emplace_back("discriminator");
      return;
    }
    if (!dialect_.modern && bound(schema, word, value, members)) return;
    // A reference below a word that nobody knows leads nobody anywhere.
    if (side_ == Side::both && schema::find_keyword(word, schema::Draft::draft2020_12) == nullptr &&
        holds_reference(value))
      return;
    members.name(word);
    if (word == "type" && null && value.kind == yaml::Kind::scalar)
      out_ += fmt::format(R"([{},"null"])", json::quote(value.value));
    else if (word == "required" && value.kind == yaml::Kind::sequence)
      required(schema, value);
    else
      parts(word, value);
  }

  // `exclusiveMinimum: true` makes another keyword of `minimum`; whether the word is said with that.
  bool bound(const yaml::Node& schema, std::string_view word, const yaml::Node& value, JsonObject& members) {
    if (word == "exclusiveMinimum" || word == "exclusiveMaximum")
      return value.value == "true" || value.value == "false";
    if (word != "minimum" && word != "maximum") return false;
    const std::string_view strict = word == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
    if (!is_true(schema.find(strict))) return false;
    members.name(strict);
    plain(value);
    return true;
  }

  // Without the names of members that only the other side has.
  void required(const yaml::Node& schema, const yaml::Node& names) {
    if (side_ == Side::both) return plain(names);
    const std::string_view others = side_ == Side::request ? "readOnly" : "writeOnly";
    const yaml::Node* properties = schema.find("properties");
    out_ += '[';
    bool first = true;
    for (const yaml::Node* one : names.items) {
      const yaml::Node* property = properties == nullptr ? nullptr : dialect_.members.find(*properties, one->value);
      if (property != nullptr) {
        const auto said = yaml::follow(*property, dialect_.root, dialect_.members);
        if (said && is_true((*said)->find(others))) continue;
      }
      out_ += first ? "" : ",";
      first = false;
      plain(*one);
    }
    out_ += ']';
  }

  // What is neither an object nor a boolean is no schema.
  void yes_or_no(const yaml::Node& schema) {
    out_ += is_true(&schema) ? "true" : schema.value == "false" ? "false" : "{}";
  }

  // A keyword's value, in which schemas may stand.
  void parts(std::string_view word, const yaml::Node& value) {
    const schema::Keyword* keyword = schema::find_keyword(word, schema::Draft::draft2020_12);
    const Holds holds = keyword == nullptr ? Holds::nothing : keyword->holds;
    const bool list = value.kind == yaml::Kind::sequence, map = value.kind == yaml::Kind::mapping;
    if (list && (holds == Holds::list || holds == Holds::schema_or_list))
      items(value);
    else if (map && (holds == Holds::map || holds == Holds::map_or_names))
      entries(value);
    else if (holds == Holds::schema || holds == Holds::schema_or_list)
      write(value);
    else
      plain(value);
  }

  void items(const yaml::Node& list) {
    out_ += '[';
    for (const yaml::Node* item : list.items) {
      if (item != list.items.front()) out_ += ',';
      write(*item);
    }
    out_ += ']';
  }

  void entries(const yaml::Node& map) {
    JsonObject members(out_);
    for (const yaml::Entry& entry : map.entries) {
      if (map.entries.size() <= 32 && map.find(entry.key->value) != entry.value) continue;
      members.name(entry.key->value);
      if (entry.value->kind == yaml::Kind::sequence)
        plain(*entry.value);
      else
        write(*entry.value);
    }
    members.close();
  }

  // What does not fit leaves the whole too large.
  void plain(const yaml::Node& node) {
    if (!yaml::append_json(node, most_bytes, out_)) out_.resize(most_bytes + 1, ' ');
  }

  const Dialect dialect_;
  const Side side_;
  const yaml::Node* const parameter_;
  const Refer refer_;
  std::string out_;
  SchemaText result_;
};

}  // namespace

bool is_component_name(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-").contains(c);
  };
  return !name.empty() && std::ranges::all_of(name, good);
}

SchemaText schema_text(const yaml::Node& schema, Dialect dialect, Side side, bool parameter) {
  std::vector<const yaml::Node*> referred{&schema};  // by number
  std::map<const yaml::Node*, std::size_t> numbers{{&schema, 0}};
  Text text(dialect, side, parameter ? &schema : nullptr, [&](const yaml::Node& node, std::string_view) {
    const auto [at, fresh] = numbers.try_emplace(&node, referred.size());
    if (fresh) referred.push_back(&node);
    return fmt::format("#/$defs/{}", at->second);
  });
  text.add(R"({"$ref":"#/$defs/0","$defs":{)");
  for (std::size_t i = 0; i < referred.size() && !text.too_large(); ++i) {
    text.add(fmt::format(R"({}"{}":)", i == 0 ? "" : ",", i));
    text.write(*referred[i]);
  }
  text.add("}}");
  return text.take();
}

std::string NamedSchemas::named(const yaml::Node& node, std::string_view reference) {
  const auto [at, fresh] = names_.try_emplace(&node);
  if (!fresh) return at->second;
  std::string name = fmt::format("schema_{}", names_.size());
  for (const std::string_view place : {"#/components/schemas/", "#/definitions/"})
    if (reference.starts_with(place) && is_component_name(reference.substr(place.size())))
      name = reference.substr(place.size());
  while (!texts_->try_emplace(name).second) name += '_';
  unwritten_.emplace_back(&node, name);
  return at->second = std::move(name);
}

std::string NamedSchemas::written(const yaml::Node& schema, bool parameter) {
  Text text(dialect_, Side::both, parameter ? &schema : nullptr,
            [this](const yaml::Node& node, std::string_view reference) {
              return "#/components/schemas/" + named(node, reference);
            });
  text.write(schema);
  SchemaText out = text.take();
  for (const std::string_view word : out.passed_over) left_out_.insert(word);
  if (!out.broken.empty()) left_out_.insert("a reference");
  // A number that no program holds is no JSON to most.
  if (out.too_large || !nlohmann::json::accept(out.json)) {
    left_out_.insert("a schema");
    out.json = "{}";
  }
  bytes_ += out.json.size();
  return std::move(out.json);
}

std::string NamedSchemas::text(const yaml::Node& schema, bool parameter) {
  std::string out = written(schema, parameter);
  while (!unwritten_.empty()) {
    const auto [node, name] = std::move(unwritten_.back());
    unwritten_.pop_back();
    (*texts_)[name] = written(*node, false);
  }
  return out;
}

}  // namespace apigw::contract
