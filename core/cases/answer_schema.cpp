#include "cases/answer_schema.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "prompt/yaml_json.h"

namespace apigw::cases {
namespace {

constexpr schema::Options options{.depth = 256};
constexpr std::size_t most_notes = 5;

// What a keyword of a schema holds.
enum class Holds : std::uint8_t { schema, map, list, nothing };
struct Keyword {
  std::string_view word;
  Holds holds;
};
constexpr Keyword nested[] = {{"properties", Holds::map},
                              {"patternProperties", Holds::map},
                              {"$defs", Holds::map},
                              {"definitions", Holds::map},
                              {"dependentSchemas", Holds::map},
                              {"additionalProperties", Holds::schema},
                              {"items", Holds::schema},
                              {"additionalItems", Holds::schema},
                              {"not", Holds::schema},
                              {"if", Holds::schema},
                              {"then", Holds::schema},
                              {"else", Holds::schema},
                              {"contains", Holds::schema},
                              {"propertyNames", Holds::schema},
                              {"unevaluatedItems", Holds::schema},
                              {"unevaluatedProperties", Holds::schema},
                              {"allOf", Holds::list},
                              {"anyOf", Holds::list},
                              {"oneOf", Holds::list},
                              {"prefixItems", Holds::list}};
// For readers and generators: they forbid nothing. `$id` and `$schema` would give the references another meaning.
constexpr std::string_view said_to_readers[] = {"title",      "description", "default",   "example",      "examples",
                                                "deprecated", "readOnly",    "writeOnly", "externalDocs", "xml",
                                                "$comment",   "$id",         "$schema"};

bool yes(const yaml::Node* node) {
  return node != nullptr && node->value == "true";
}

class Writer {
 public:
  Writer(const yaml::Node& root, bool modern, yaml::Members& members)
      : root_(root), modern_(modern), members_(members) {}

  // False when it would be larger than a schema may be.
  bool write(const yaml::Node& schema, std::string& out) {
    definition(&schema);
    out = R"({"$ref":"#/$defs/d0","$defs":{)";
    for (std::size_t i = 0; i < queue_.size(); ++i) {
      out += fmt::format(R"({}"d{}":)", i == 0 ? "" : ",", i);
      append(*queue_[i], out);
      if (out.size() > options.bytes) return false;
    }
    out += "}}";
    return true;
  }
  void note(std::string text) {
    if (std::ranges::find(notes_, text) == notes_.end() && notes_.size() <= most_notes)
      notes_.push_back(notes_.size() < most_notes ? std::move(text) : "and more");
  }
  [[nodiscard]] std::vector<std::string> take_notes() { return std::move(notes_); }

 private:
  std::size_t definition(const yaml::Node* node) {
    const auto [at, fresh] = numbers_.try_emplace(node, queue_.size());
    if (fresh) queue_.push_back(node);
    return at->second;
  }

  void append(const yaml::Node& node, std::string& out) {
    if (out.size() > options.bytes) return;
    if (node.kind != yaml::Kind::mapping) {
      (void)prompt::append_json(node, options.bytes, out);  // its size is judged by write()
      return;
    }
    const yaml::Node* const ref = node.find("$ref");
    if (ref == nullptr || modern_) return append_mapping(node, out);
    append_reference(node, out);  // 3.0 and 2.0 pass over what stands beside it
  }

  void append_reference(const yaml::Node& node, std::string& out) {
    const auto found = yaml::follow(node, root_, members_);
    if (found) {
      out += fmt::format(R"({{"$ref":"#/$defs/d{}"}})", definition(*found));
      return;
    }
    note(fmt::format("{}: what it stands for is not checked", found.error().why));
    out += "true";
  }

  void append_mapping(const yaml::Node& node, std::string& out) {
    const bool nullable = !modern_ && (yes(node.find("nullable")) || yes(node.find("x-nullable")));
    const bool wrapped = nullable && node.find("type") == nullptr;
    if (wrapped) out += R"({"anyOf":[{"type":"null"},)";
    out += '{';
    bool first = true;
    for (const yaml::Entry& entry : node.entries) {
      const std::string_view word = entry.key->value;
      if (dropped(word) || (word == "minimum" && yes(node.find("exclusiveMinimum"))) ||
          (word == "maximum" && yes(node.find("exclusiveMaximum"))))
        continue;
      std::string value = value_of(node, word, *entry.value, nullable);
      if (value.empty()) continue;
      out += fmt::format("{}{}:{}", first ? "" : ",", json::quote(word == "$ref" ? "allOf" : word), value);
      first = false;
    }
    out += '}';
    if (wrapped) out += "]}";
  }

  bool dropped(std::string_view word) {
    if (word == "discriminator") note("'discriminator' of a schema is not checked");
    return word == "discriminator" || word == "nullable" || word.starts_with("x-") ||
           std::ranges::find(said_to_readers, word) != std::end(said_to_readers);
  }

  // Of one keyword; empty: it says nothing.
  std::string value_of(const yaml::Node& schema, std::string_view word, const yaml::Node& value, bool nullable) {
    std::string out;
    if (word == "$ref") {  // beside others: one more thing that must hold
      append_reference(schema, out);
      return schema.find("allOf") == nullptr ? "[" + out + "]" : "";
    }
    if (const auto* row = std::ranges::find(nested, word, &Keyword::word); row != std::end(nested)) {
      append_nested(row->holds, value, out);
      if (word == "allOf" && schema.find("$ref") != nullptr && out.ends_with(']')) {
        std::string reference;
        append_reference(schema, reference);
        out.insert(out.size() - 1, fmt::format("{}{}", out.size() > 2 ? "," : "", reference));
      }
      return out;
    }
    if (word == "exclusiveMinimum" || word == "exclusiveMaximum") {
      if (value.value == "false") return {};
      const yaml::Node* bound = schema.find(word == "exclusiveMinimum" ? "minimum" : "maximum");
      return value.value != "true" ? json(value) : bound == nullptr ? std::string() : json(*bound);
    }
    if (word == "type" && nullable && value.kind == yaml::Kind::scalar)
      return fmt::format(R"([{},"null"])", json::quote(value.value));
    if (word == "required" && value.kind == yaml::Kind::sequence) return required(schema, value);
    return json(value);
  }

  void append_nested(Holds holds, const yaml::Node& value, std::string& out) {
    if (holds == Holds::map && value.kind == yaml::Kind::mapping) {
      out += '{';
      for (const yaml::Entry& entry : value.entries) {
        out += fmt::format("{}{}:", &entry == &value.entries.front() ? "" : ",", json::quote(entry.key->value));
        append(*entry.value, out);
      }
      out += '}';
    } else if (value.kind == yaml::Kind::sequence) {
      out += '[';
      for (const yaml::Node* item : value.items) {
        if (item != value.items.front()) out += ',';
        append(*item, out);
      }
      out += ']';
    } else {
      append(value, out);
    }
  }

  // The names that an answer must hold.
  std::string required(const yaml::Node& schema, const yaml::Node& names) {
    const yaml::Node* const properties = schema.find("properties");
    std::string out = "[";
    for (const yaml::Node* name : names.items) {
      const yaml::Node* property = properties == nullptr ? nullptr : members_.find(*properties, name->value);
      if (property != nullptr)
        if (const auto found = yaml::follow(*property, root_, members_); found && yes((*found)->find("writeOnly")))
          continue;
      out += fmt::format("{}{}", out.size() == 1 ? "" : ",", json::quote(name->value));
    }
    return out + "]";
  }

  static std::string json(const yaml::Node& node) {
    std::string out;
    return prompt::append_json(node, options.bytes, out) ? out : std::string(options.bytes + 1, ' ');
  }

  const yaml::Node& root_;
  bool modern_;
  yaml::Members& members_;
  std::map<const yaml::Node*, std::size_t> numbers_;
  std::vector<const yaml::Node*> queue_;  // definitions, in the order of their numbers
  std::vector<std::string> notes_;
};

}  // namespace

AnswerSchema read_answer_schema(const yaml::Node& schema, const yaml::Node& root, bool modern, yaml::Members& members,
                                std::size_t& left) {
  Writer writer(root, modern, members);
  std::string text;
  AnswerSchema out;
  if (left == 0) {
    writer.note("the schema of the answer is not checked: the schemas of the document are too large together");
  } else if (!writer.write(schema, text)) {
    writer.note("the schema of the answer is not checked: it is larger than 1 MiB");
  } else if (auto compiled = schema::compile(text, options); !compiled) {
    const schema::Finding& first = compiled.error().front();
    writer.note(fmt::format("the schema of the answer is not checked: {}{}",
                            first.keyword.empty() ? "" : fmt::format("'{}' ", text::printable(first.keyword, 60)),
                            first.why));
  } else {
    for (const schema::Finding& finding : compiled->unclaimed())
      writer.note(fmt::format("schema keyword '{}' is not checked", text::printable(finding.keyword, 60)));
    out.schema = std::move(*compiled);
  }
  left -= std::min(left, text.size());
  out.unchecked = writer.take_notes();
  return out;
}

}  // namespace apigw::cases
