#include "contract/describe.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "contract/json_object.h"
#include "yaml/json.h"

namespace apigw::contract {
namespace {

using yaml::Node;

constexpr std::size_t most_bytes = 16 << 20;

bool is_status(std::string_view word) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return word == "default" || (word.size() == 3 && word[0] >= '1' && word[0] <= '5' &&
                               ((digit(word[1]) && digit(word[2])) || word.substr(1) == "XX"));
}

bool is_mapping(const Node* node) {
  return node != nullptr && node->kind == yaml::Kind::mapping;
}

bool yes(const Node* node) {
  return text_of(node) == "true";
}

class Writing {
 public:
  Writing(Operations& operations, NamedSchemas& schemas, Description& to)
      : operations_(operations), schemas_(schemas), to_(to), out_(to.json) {}

  void operation(const Described& of) {
    const Node& node = *of.node;
    JsonObject object(out_);
    texts(object, node, {"operationId", "summary", "description"});
    tags(object, node.find("tags"));
    truths(object, node, {"deprecated"});
    if (const Node* const elsewhere = node.find("externalDocs"); is_mapping(elsewhere)) {
      object.name("externalDocs");
      JsonObject docs(out_);
      texts(docs, *elsewhere, {"description", "url"});
      docs.close();
    }
    parameters(object, of);
    operations_.swagger() ? swagger_body(object, of) : body(object, of);
    answers(object, of);
    object.close();
    left_out(node, "callbacks");
    left_out(node, "servers");
  }

 private:
  void left_out(std::string_view word) {
    if (std::ranges::find(to_.left_out, word) == to_.left_out.end()) to_.left_out.push_back(word);
  }
  void left_out(const Node& node, std::string_view word) {
    if (node.find(word) != nullptr) left_out(word);
  }

  using Words = std::initializer_list<std::string_view>;
  void texts(JsonObject& object, const Node& from, Words words) {
    for (const std::string_view word : words) {
      const std::string text = text_of(from.find(word));
      if (text.empty()) continue;
      object.name(word);
      out_ += json::quote(text);
    }
  }
  void truths(JsonObject& object, const Node& from, Words words) {
    for (const std::string_view word : words) {
      const std::string text = text_of(from.find(word));
      if (text != "true" && text != "false") continue;
      object.name(word);
      out_ += text;
    }
  }
  void plain(JsonObject& object, const Node& from, std::string_view word, std::string_view as) {
    const Node* const value = from.find(word);
    if (value == nullptr) return;
    object.name(as);
    value_of(*value);
  }
  void value_of(const Node& node) {
    if (!yaml::append_json(node, most_bytes, out_)) out_.resize(most_bytes + 1, ' ');
  }

  void tags(JsonObject& object, const Node* list) {
    if (list == nullptr || list->items.empty()) return;
    object.name("tags");
    for (const Node* const tag : list->items)
      out_ += fmt::format("{}{}", tag == list->items.front() ? '[' : ',', json::quote(text_of(tag)));
    out_ += ']';
  }

  // --- parameters

  void parameters(JsonObject& object, const Described& of) {
    bool first = true;
    for (const auto& [key, node] : operations_.parameters(of)) {
      const std::string in = text_of(node->find("in"));
      const bool known = in == "path" || in == "query" || in == "header" || in == "cookie";
      if (!known || text_of(node->find("name")).empty()) continue;
      if (first) object.name("parameters");
      out_ += first ? '[' : ',';
      first = false;
      parameter(*node, in);
    }
    if (!first) out_ += ']';
  }

  void parameter(const Node& node, std::string_view in) {
    JsonObject object(out_);
    texts(object, node, {"name", "in", "description"});
    if (in == "path" || yes(node.find("required"))) {
      object.name("required");
      out_ += "true";
    }
    truths(object, node, {"deprecated", "allowEmptyValue"});
    if (operations_.swagger()) {
      collection(object, text_of(node.find("collectionFormat")), in == "query");
      schema(object, &node, true);
    } else {
      texts(object, node, {"style"});
      truths(object, node, {"explode", "allowReserved"});
      if (node.find("schema") == nullptr && !is_mapping(node.find("content"))) {
        object.name("schema");
        out_ += "{}";
      }
      content_of(object, node);
    }
    object.close();
  }

  // Of Swagger 2. In queries all but tabs have a name; elsewhere commas are usual, and nothing else has one.
  void collection(JsonObject& object, std::string_view format, bool query) {
    if (format == "tsv" || (!query && !format.empty() && format != "csv")) left_out("collectionFormat");
    if (format.empty() || !query) return;
    if (format != "multi") {
      object.name("style");
      out_ += json::quote(format == "ssv" ? "spaceDelimited" : format == "pipes" ? "pipeDelimited" : "form");
    }
    object.name("explode");
    out_ += format == "multi" ? "true" : "false";
  }

  // What a parameter, a header or a media type of OpenAPI 3 has to say of its value.
  void content_of(JsonObject& object, const Node& node) {
    if (const Node* const said = node.find("schema")) schema(object, said);
    if (const Node* const content = node.find("content"); is_mapping(content)) media(object, *content);
    plain(object, node, "example", "example");
    const Node* const examples = node.find("examples");
    if (!is_mapping(examples) || examples->entries.empty()) return;
    object.name("examples");
    JsonObject named(out_);
    for (const yaml::Entry& entry : examples->entries) {
      const Node* const example = operations_.followed(entry.value);
      if (!is_mapping(example)) continue;
      named.name(entry.key->value);
      value_of(*example);
    }
    named.close();
  }

  // `parameter`: of Swagger 2, whose schema it is beside its other words.
  void schema(JsonObject& object, const Node* node, bool parameter = false) {
    if (node == nullptr) return;
    object.name("schema");
    out_ += schemas_.text(*node, parameter);
  }

  void media(JsonObject& object, const Node& content) {
    object.name("content");
    JsonObject types(out_);
    for (const yaml::Entry& entry : content.entries) {
      types.name(entry.key->value);
      JsonObject one(out_);
      content_of(one, *entry.value);
      encoding(one, entry.value->find("encoding"));
      one.close();
    }
    types.close();
  }

  void encoding(JsonObject& object, const Node* fields) {
    if (!is_mapping(fields)) return;
    object.name("encoding");
    JsonObject all(out_);
    for (const yaml::Entry& field : fields->entries) {
      all.name(field.key->value);
      JsonObject one(out_);
      texts(one, *field.value, {"contentType", "style"});
      truths(one, *field.value, {"explode", "allowReserved"});
      left_out(*field.value, "headers");
      one.close();
    }
    all.close();
  }

  // --- bodies

  void body(JsonObject& object, const Described& of) {
    const Node* const said = operations_.followed(of.node->find("requestBody"));
    const Node* const content = said == nullptr ? nullptr : said->find("content");
    if (!is_mapping(content)) return;
    object.name("requestBody");
    JsonObject body(out_);
    texts(body, *said, {"description"});
    truths(body, *said, {"required"});
    media(body, *content);
    body.close();
  }

  void swagger_body(JsonObject& object, const Described& of) {
    std::vector<const Node*> form;
    const Node* whole = nullptr;
    for (const Node* const node : operations_.given(of).nodes) {
      const std::string in = text_of(node->find("in"));
      if (in == "formData" && !text_of(node->find("name")).empty()) form.push_back(node);
      if (in == "body") whole = node;
    }
    if (!form.empty()) return swagger_form(object, of, form);
    if (whole == nullptr) return;
    object.name("requestBody");
    JsonObject body(out_);
    texts(body, *whole, {"description"});
    truths(body, *whole, {"required"});
    body.name("content");
    JsonObject types(out_);
    for (const std::string& type : operations_.types(of, "consumes")) {
      types.name(type);
      JsonObject one(out_);
      schema(one, whole->find("schema"));
      one.close();
    }
    types.close();
    body.close();
  }

  // One object, with a member for each field.
  void swagger_form(JsonObject& object, const Described& of, std::span<const Node* const> fields) {
    const bool file =
        std::ranges::any_of(fields, [](const Node* field) { return text_of(field->find("type")) == "file"; });
    std::vector<std::string> types = operations_.types(of, "consumes");
    std::erase(types, "application/json");
    if (types.empty()) types.emplace_back(file ? "multipart/form-data" : "application/x-www-form-urlencoded");
    object.name("requestBody");
    JsonObject body(out_);
    body.name("required");
    out_ += std::ranges::any_of(fields, [](const Node* field) { return yes(field->find("required")); }) ? "true"
                                                                                                        : "false";
    body.name("content");
    JsonObject all(out_);
    for (const std::string& type : types) {
      all.name(type);
      out_ += R"({"schema":{"type":"object","properties":)";
      JsonObject properties(out_);
      std::string required;
      for (const Node* const field : fields) {
        const std::string name = text_of(field->find("name"));
        properties.name(name);
        out_ += text_of(field->find("type")) == "file" ? R"({"type":"string","format":"binary"})"
                                                       : schemas_.text(*field, true);
        if (yes(field->find("required"))) required += (required.empty() ? "" : ",") + json::quote(name);
      }
      properties.close();
      if (!required.empty()) out_ += fmt::format(R"(,"required":[{}])", required);
      out_ += "}}";
    }
    all.close();
    body.close();
  }

  // --- answers

  void answers(JsonObject& object, const Described& of) {
    const auto all = operations_.answers(of);
    object.name("responses");
    JsonObject told(out_);
    for (const auto& [status, node] : all) {
      if (!is_status(status) || !is_mapping(node)) continue;
      told.name(status);
      answer(of, *node);
    }
    told.close();
    const Node* const said = of.node->find("responses");
    if (said != nullptr && said->entries.size() > all.size()) left_out("a reference");
  }

  void answer(const Described& of, const Node& node) {
    JsonObject object(out_);
    object.name("description");
    out_ += json::quote(text_of(node.find("description")));
    if (const Node* const fields = node.find("headers"); is_mapping(fields)) headers(object, *fields);
    if (operations_.swagger())
      swagger_content(object, of, node);
    else if (const Node* const content = node.find("content"); is_mapping(content))
      media(object, *content);
    left_out(node, "links");
    object.close();
  }

  void swagger_content(JsonObject& object, const Described& of, const Node& node) {
    const Node* const said = node.find("schema");
    const Node* const examples = node.find("examples");
    if (said == nullptr && !is_mapping(examples)) return;
    std::vector<std::string> types;
    if (said != nullptr) types = operations_.types(of, "produces");
    if (is_mapping(examples))
      for (const yaml::Entry& example : examples->entries)
        if (std::ranges::find(types, example.key->value) == types.end()) types.push_back(example.key->value);
    object.name("content");
    JsonObject all(out_);
    for (const std::string& type : types) {
      all.name(type);
      JsonObject one(out_);
      if (said != nullptr && text_of(said->find("type")) == "file") {
        one.name("schema");
        out_ += R"({"type":"string","format":"binary"})";
      } else {
        schema(one, said);
      }
      if (is_mapping(examples)) plain(one, *examples, type, "example");
      one.close();
    }
    all.close();
  }

  void headers(JsonObject& object, const Node& fields) {
    object.name("headers");
    JsonObject all(out_);
    for (const yaml::Entry& field : fields.entries) {
      const Node* const node = operations_.followed(field.value);
      if (!is_mapping(node)) continue;
      all.name(field.key->value);
      JsonObject one(out_);
      texts(one, *node, {"description"});
      truths(one, *node, {"required", "deprecated"});
      if (operations_.swagger())
        schema(one, node, true);
      else
        content_of(one, *node);
      one.close();
    }
    all.close();
  }

  Operations& operations_;
  NamedSchemas& schemas_;
  Description& to_;
  std::string& out_;
};

}  // namespace

Description Describer::describe(const Described& operation) {
  Description out{.json = {}, .schemas = schemas_.texts(), .left_out = {}};
  const std::set<std::string_view> before = schemas_.left_out();
  if (bytes_ <= most_bytes) Writing(operations_, schemas_, out).operation(operation);
  for (const std::string_view word : schemas_.left_out())
    if (!before.contains(word)) out.left_out.push_back(word);
  bytes_ += out.json.size();
  const bool too_much = bytes_ + schemas_.bytes() > most_bytes;
  if (too_much) bytes_ = most_bytes + 1;
  // A number that no program holds is no JSON to most.
  if (too_much || !nlohmann::json::accept(out.json)) {
    out.json.clear();
    out.left_out = {"everything but its path"};
  }
  return out;
}

}  // namespace apigw::contract
