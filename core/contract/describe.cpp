#include "contract/describe.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "contract/json_object.h"
#include "yaml/json.h"

namespace apigw::contract {
namespace {

using yaml::Node;

constexpr std::size_t most_bytes = 16 << 20;

class Writing {
 public:
  Writing(Operations& operations, NamedSchemas& schemas, Description& to)
      : operations_(operations), schemas_(schemas), to_(to), out_(to.json) {}

  void operation(const Described& of) {
    const Node& node = *of.node;
    JsonObject object(out_);
    copy(object, node, {"operationId", "summary", "description", "tags", "deprecated", "externalDocs"});
    parameters(object, of);
    body(object, of);
    answers(object, of);
    object.close();
    for (const std::string_view word : {"callbacks", "servers"}) left_out(node, word);
  }

 private:
  void left_out(const Node& node, std::string_view word) {
    if (node.find(word) != nullptr && std::ranges::find(to_.left_out, word) == to_.left_out.end())
      to_.left_out.push_back(word);
  }

  void plain(const Node& node) {
    if (!yaml::append_json(node, most_bytes, out_)) out_.resize(most_bytes + 1, ' ');
  }
  void copy(JsonObject& object, const Node& from, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      const Node* const value = from.find(word);
      if (value == nullptr) continue;
      object.name(word);
      plain(*value);
    }
  }

  // --- parameters

  void parameters(JsonObject& object, const Described& of) {
    const Operations::Nodes all = operations_.parameters(of);
    bool first = true;
    for (const auto& [key, node] : all) {
      if (text_of(node->find("in")) == "formData") continue;
      if (first) object.name("parameters");
      out_ += first ? '[' : ',';
      first = false;
      parameter(*node);
    }
    if (!first) out_ += ']';
  }

  void parameter(const Node& node) {
    JsonObject object(out_);
    copy(object, node, {"name", "in", "description", "required", "deprecated"});
    if (operations_.swagger()) {
      collection(object, text_of(node.find("collectionFormat")), text_of(node.find("in")) == "query");
      schema(object, &node, true);
    } else {
      copy(object, node, {"style", "explode", "allowReserved"});
      content_of(object, node);
    }
    object.close();
  }

  // Of Swagger 2; tabs between the items of a list have no other name.
  void collection(JsonObject& object, std::string_view format, bool query) {
    if (format == "tsv" && std::ranges::find(to_.left_out, "collectionFormat") == to_.left_out.end())
      to_.left_out.emplace_back("collectionFormat");
    if (format.empty() || !query) return;  // elsewhere commas are usual, and `simple` is their name
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
    if (const Node* const content = node.find("content")) media(object, *content);
    copy(object, node, {"example"});
    const Node* const examples = node.find("examples");
    if (examples == nullptr || examples->entries.empty()) return;
    object.name("examples");
    JsonObject named(out_);
    for (const yaml::Entry& entry : examples->entries) {
      const Node* const example = operations_.followed(entry.value);
      if (example == nullptr) continue;
      named.name(entry.key->value);
      plain(*example);
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
      copy(one, *entry.value, {"encoding"});
      one.close();
    }
    types.close();
  }

  // The same schema for each of some media types.
  void media(JsonObject& object, const std::vector<std::string>& types, const Node* said) {
    object.name("content");
    JsonObject all(out_);
    for (const std::string& type : types) {
      all.name(type);
      JsonObject one(out_);
      schema(one, said);
      one.close();
    }
    all.close();
  }

  // --- bodies

  void body(JsonObject& object, const Described& of) {
    if (operations_.swagger()) return swagger_body(object, of);
    const Node* const said = operations_.followed(of.node->find("requestBody"));
    if (said == nullptr) return;
    object.name("requestBody");
    JsonObject body(out_);
    copy(body, *said, {"description", "required"});
    if (const Node* const content = said->find("content")) media(body, *content);
    body.close();
  }

  void swagger_body(JsonObject& object, const Described& of) {
    std::vector<const Node*> form;
    for (const auto& [key, node] : operations_.parameters(of))
      if (text_of(node->find("in")) == "formData") form.push_back(node);
    if (!form.empty()) return swagger_form(object, of, form);
    const auto said = operations_.body(of);
    if (!said) return;
    object.name("requestBody");
    JsonObject body(out_);
    body.name("required");
    out_ += said->required ? "true" : "false";
    media(body, operations_.types(of, "consumes"), said->media.begin()->second);
    body.close();
  }

  // One object, with a member for each field.
  void swagger_form(JsonObject& object, const Described& of, std::span<const Node* const> fields) {
    object.name("requestBody");
    JsonObject body(out_);
    body.name("content");
    JsonObject types(out_);
    for (const std::string& type : operations_.types(of, "consumes")) {
      types.name(type);
      out_ += R"({"schema":{"type":"object","properties":)";
      JsonObject properties(out_);
      std::string required;
      for (const Node* const field : fields) {
        const std::string name = text_of(field->find("name"));
        properties.name(name);
        out_ += text_of(field->find("type")) == "file" ? R"({"type":"string","format":"binary"})"
                                                       : schemas_.text(*field, true);
        if (text_of(field->find("required")) == "true") required += (required.empty() ? "" : ",") + json::quote(name);
      }
      properties.close();
      if (!required.empty()) out_ += fmt::format(R"(,"required":[{}])", required);
      out_ += "}}";
    }
    types.close();
    body.close();
  }

  // --- answers

  void answers(JsonObject& object, const Described& of) {
    object.name("responses");
    JsonObject all(out_);
    for (const auto& [status, node] : operations_.answers(of)) {
      all.name(status);
      answer(of, *node);
    }
    all.close();
  }

  void answer(const Described& of, const Node& node) {
    JsonObject object(out_);
    object.name("description");
    out_ += json::quote(text_of(node.find("description")));
    if (const Node* const fields = node.find("headers"); fields != nullptr && !fields->entries.empty()) {
      object.name("headers");
      JsonObject all(out_);
      for (const yaml::Entry& field : fields->entries) header(all, field);
      all.close();
    }
    if (operations_.swagger()) {
      const Node* const said = node.find("schema");
      if (said != nullptr && text_of(said->find("type")) != "file")
        media(object, operations_.types(of, "produces"), said);
    } else if (const Node* const content = node.find("content")) {
      media(object, *content);
    }
    left_out(node, "links");
    object.close();
  }

  void header(JsonObject& all, const yaml::Entry& field) {
    const Node* const node = operations_.followed(field.value);
    if (node == nullptr) return;
    all.name(field.key->value);
    JsonObject object(out_);
    copy(object, *node, {"description", "required", "deprecated"});
    if (operations_.swagger()) {
      schema(object, node, true);
    } else {
      content_of(object, *node);
    }
    object.close();
  }

  Operations& operations_;
  NamedSchemas& schemas_;
  Description& to_;
  std::string& out_;
};

}  // namespace

Description Describer::describe(const Described& operation) {
  Description out{.json = {}, .schemas = schemas_.texts(), .left_out = {}};
  if (bytes_ <= most_bytes) Writing(operations_, schemas_, out).operation(operation);
  bytes_ += out.json.size();
  if (bytes_ + schemas_.bytes() > most_bytes) {
    bytes_ = most_bytes + 1;
    out.json.clear();
    out.left_out = {"everything but its path"};
  }
  return out;
}

}  // namespace apigw::contract
