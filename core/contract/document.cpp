// Compiles the operations of a document; every part that is not judged is told.
#include "contract/document.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "schema/schema.h"

namespace apigw::contract {
namespace {

bool is_true(const yaml::Node* node) {
  return node != nullptr && node->kind == yaml::Kind::scalar && node->value == "true";
}

bool is_json(std::string_view media) {
  return media == "application/json" || media.ends_with("+json") || media.ends_with("/*");
}

// The texts of a schema's values that are no strings, and whether it is a list or an object.
struct Shape {
  bool number = false, boolean = false, list = false, object = false;
};

class Compiling {
 public:
  // `left`: bytes of schemas that may still be compiled.
  Compiling(Operations& operations, std::size_t& left, diag::Report& report)
      : operations_(operations),
        dialect_(operations.dialect()),
        swagger_(operations.swagger()),
        left_(left),
        report_(report) {}

  // Null when something is malformed.
  std::shared_ptr<const Operation> operation(Operation out, const Described& described) {
    const yaml::Node& node = *described.node;
    what_ = fmt::format("{} {}", out.method, text::printable(out.path, 100));
    out.where = node.span;
    const Operations::Given given = operations_.given(described);
    for (const yaml::BrokenReference& broken : given.broken) refuse(broken);
    for (const yaml::Node* one : given.nodes) parameter(*one, described, out);
    if (const yaml::Node* body = swagger_ ? nullptr : node.find("requestBody")) request_body(*body, out);
    return good_ ? std::make_shared<const Operation>(std::move(out)) : nullptr;
  }

 private:
  // --- findings

  const yaml::Node* follow(const yaml::Node& node) {
    const auto to = yaml::follow(node, dialect_.root, dialect_.members);
    if (!to) refuse(to.error());
    return to.value_or(nullptr);
  }
  diag::Diagnostic& refuse(Span where, std::string_view why) {
    good_ = false;
    return report_.add(353, where, fmt::format("{} cannot be judged: {}", what_, why));
  }
  void refuse(const yaml::BrokenReference& broken) {
    auto& finding = refuse(broken.where, broken.why);
    if (broken.outside) finding.helps.push_back("bundle the documents into one first");
  }
  void passed_over(Span where, std::string_view what) {
    report_.add(354, where, fmt::format("{} of {} is not judged", what, what_));
  }

  std::nullopt_t exhausted(const yaml::Node& node) {
    left_ = 0;
    refuse(node.span, "the schemas of the document, each with all that it refers to, are larger than 8 MiB together")
        .helps.push_back("name fewer of its operations, or split the document");
    return std::nullopt;
  }

  std::optional<schema::Schema> schema_of(const yaml::Node& node, bool inline_parameter = false) {
    if (left_ == 0) return exhausted(node);
    const SchemaText text = schema_text(node, dialect_, Side::request, inline_parameter);
    for (const yaml::BrokenReference& broken : text.broken) refuse(broken);
    if (text.too_large) refuse(node.span, "the schema and what it refers to are larger than 1 MiB");
    if (text.too_large || !text.broken.empty()) return std::nullopt;
    if (text.json.size() > left_) return exhausted(node);
    left_ -= text.json.size();
    auto compiled = schema::compile(text.json, {.depth = 256});
    if (!compiled) {
      const schema::Finding& first = compiled.error().front();
      refuse(node.span, first.keyword.empty()
                            ? first.why
                            : fmt::format("'{}' {}", text::printable(first.keyword, 60), first.why));
      return std::nullopt;
    }
    for (const std::string_view word : text.passed_over)
      passed_over(node.span, fmt::format("'{}' in a schema", word));
    for (const schema::Finding& finding : compiled->unclaimed())
      passed_over(node.span, fmt::format("'{}' in a schema", text::printable(finding.keyword, 60)));
    return std::move(*compiled);
  }

  // --- parameters

  void parameter(const yaml::Node& node, const Described& described, Operation& out) {
    const std::string in = text_of(node.find("in")), name = text_of(node.find("name"));
    const std::string what = fmt::format("{} parameter '{}'", text::printable(in, 20), text::printable(name, 60));
    if (swagger_ && in == "body") return swagger_body(node, described, out);
    if (in == "cookie" || in == "formData") return passed_over(node.span, what);
    if (in != "path" && in != "query" && in != "header") {
      const std::string shown = in.empty() ? "no place" : fmt::format("the place '{}'", text::printable(in, 20));
      refuse(node.span, fmt::format("parameter '{}' has {}", text::printable(name, 60), shown))
          .helps.push_back("in: path, query, header or cookie");
      return;
    }
    const std::string lowered = text::lower(name);
    // By the specification these are said by other parts of a document.
    if (in == "header" && (lowered == "accept" || lowered == "content-type" || lowered == "authorization")) return;
    const yaml::Node* said = swagger_ ? &node : node.find("schema");
    if (said == nullptr) return passed_over(node.span, what);
    const Shape shape = shape_of(*said);
    if (shape.object) return passed_over(node.span, what);
    auto compiled = schema_of(*said, swagger_);
    if (!compiled) return;
    Parameter made{.name = in == "header" ? lowered : name, .schema = std::move(*compiled)};
    made.in = in == "path" ? In::path : in == "query" ? In::query : In::header;
    made.required = made.in == In::path || is_true(node.find("required"));
    made.number = shape.number;
    made.boolean = shape.boolean;
    made.list = shape.list;
    made.separator = separator_of(node, made.in);
    out.parameters.push_back(std::move(made));
  }

  // `collectionFormat` of Swagger 2, `style` and `explode` of OpenAPI 3; a space in a query is sent as + or %20.
  [[nodiscard]] char separator_of(const yaml::Node& node, In in) const {
    if (swagger_) {
      const std::string form = text_of(node.find("collectionFormat"));
      return form == "multi" ? '\0' : form == "ssv" ? ' ' : form == "tsv" ? '\t' : form == "pipes" ? '|' : ',';
    }
    if (in != In::query) return ',';
    const std::string style = text_of(node.find("style"));
    const yaml::Node* explode = node.find("explode");
    const bool exploded = explode == nullptr ? style.empty() || style == "form" : is_true(explode);
    return exploded ? '\0' : style == "spaceDelimited" ? ' ' : style == "pipeDelimited" ? '|' : ',';
  }

  Shape shape_of(const yaml::Node& node, int depth = 0) {
    constexpr int deepest = 6;
    Shape out;
    const auto followed = yaml::follow(node, dialect_.root, dialect_.members);
    if (!followed || depth > deepest) return out;  // reported when the schema is compiled
    const yaml::Node* const schema = *followed;
    const yaml::Node* type = schema->find("type");
    std::vector<std::string> types;
    if (type != nullptr && type->kind == yaml::Kind::scalar) types.push_back(type->value);
    if (type != nullptr)
      for (const yaml::Node* one : type->items) types.push_back(one->value);
    for (const std::string& one : types) {
      out.number = out.number || one == "number" || one == "integer";
      out.boolean = out.boolean || one == "boolean";
      out.list = out.list || one == "array";
      out.object = out.object || one == "object";
    }
    if (out.list) {
      const yaml::Node* items = schema->find("items");
      const Shape item = items == nullptr ? Shape{} : shape_of(*items, depth + 1);
      out.number = out.number || item.number;
      out.boolean = out.boolean || item.boolean;
      out.object = out.object || item.object || item.list;
    }
    if (types.empty()) values_of(*schema, out);
    for (const std::string_view word : {"allOf", "anyOf", "oneOf"}) {
      const yaml::Node* parts = schema->find(word);
      if (parts == nullptr) continue;
      for (const yaml::Node* part : parts->items) {
        const Shape inner = shape_of(*part, depth + 1);
        out.number = out.number || inner.number;
        out.boolean = out.boolean || inner.boolean;
        out.list = out.list || inner.list;
        out.object = out.object || inner.object;
      }
    }
    return out;
  }

  // Of a schema that says values, and no type.
  static void values_of(const yaml::Node& schema, Shape& out) {
    const auto look = [&](const yaml::Node* value) {
      if (value == nullptr || value->kind != yaml::Kind::scalar || value->style != yaml::Style::plain) return;
      const auto scanned = json::scan(value->value);
      out.number = out.number || (scanned && scanned->root.type == json::Type::number);
      out.boolean = out.boolean || value->value == "true" || value->value == "false";
    };
    look(schema.find("const"));
    if (const yaml::Node* values = schema.find("enum"))
      for (const yaml::Node* value : values->items) look(value);
    for (const std::string_view bound : {"minimum", "maximum", "multipleOf"}) look(schema.find(bound));
  }

  // --- bodies

  void request_body(const yaml::Node& node, Operation& out) {
    const yaml::Node* body = follow(node);
    if (body == nullptr) return;
    Body made{.required = is_true(body->find("required")), .media = {}};
    const yaml::Node* content = body->find("content");
    if (content != nullptr && content->kind == yaml::Kind::mapping)
      for (const yaml::Entry& entry : content->entries) media(entry.key->value, entry.value->find("schema"), made);
    if (!made.media.empty()) out.body = std::move(made);
  }

  void swagger_body(const yaml::Node& node, const Described& described, Operation& out) {
    Body made{.required = is_true(node.find("required")), .media = {}};
    for (const std::string& type : operations_.types(described, "consumes")) media(type, node.find("schema"), made);
    out.body = std::move(made);
  }

  void media(std::string_view said, const yaml::Node* schema, Body& body) {
    Media made{.type = text::lower(text::trim(said.substr(0, said.find(';')))), .schema = {}};
    if (schema != nullptr && is_json(made.type)) made.schema = schema_of(*schema);
    body.media.push_back(std::move(made));
  }

  Operations& operations_;
  const Dialect dialect_;
  const bool swagger_;
  std::size_t& left_;
  diag::Report& report_;
  std::string what_;
  bool good_ = true;
};

}  // namespace

Document::Document(yaml::Tree tree) : tree_(std::move(tree)), operations_(tree_.root()), describer_(operations_) {}

std::unique_ptr<Document> Document::read(SourceId source, const diag::Sources& sources, diag::Report& report) {
  diag::Report own;
  auto tree = yaml::parse(source, sources, own);
  const bool readable = tree && !own.has_errors();
  report.append(own);
  if (!readable) return nullptr;
  const yaml::Node& root = tree->root();
  if (text_of(root.find("swagger")).starts_with("2.") || text_of(root.find("openapi")).starts_with("3."))
    return std::unique_ptr<Document>(new Document(std::move(*tree)));
  report
      .add(351, {source, 0, 0},
           fmt::format("'{}' is no OpenAPI document", text::printable(sources.name(source), 100)))
      .helps.push_back("it begins with openapi: 3.1.0, openapi: 3.0.3 or swagger: '2.0'");
  return nullptr;
}

std::shared_ptr<const Operation> Document::operation(std::string_view name, Span asked, diag::Report& report) {
  if (const auto known = compiled_.find(name); known != compiled_.end()) return known->second;
  const Described* const described = operations_.find(name);
  if (described == nullptr) {
    auto& finding = report.add(351, asked, fmt::format("there is no operation '{}'", text::printable(name, 80)));
    std::vector<std::string_view> names;
    for (const auto& [one, operation] : operations_.names()) names.emplace_back(one);
    if (const auto meant = text::closest(name, names))
      finding.helps.push_back(fmt::format("did you mean '{}'?", text::printable(*meant, 80)));
    else
      finding.helps.push_back("name it by its operationId, or by its method and path: POST /pets");
    return nullptr;
  }
  Operation made{.name = std::string(name), .method = described->method, .path = described->path};
  made.description = describer_.describe(*described);
  auto compiled = Compiling(operations_, schemas_left_, report).operation(std::move(made), *described);
  compiled_.emplace(name, compiled);
  return compiled;
}

}  // namespace apigw::contract
