#include "cases/openapi.h"

#include <algorithm>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "cases/answer_schema.h"
#include "cases/examples.h"
#include "http/target.h"

namespace apigw::cases {
namespace {

using yaml::Node;

constexpr std::string_view methods[] = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"};
constexpr std::size_t most_cases = 10'000, most_of_operation = 100;
constexpr std::size_t most_parameters = 200;  // of one operation
// Of all examples and all schemas that the cases of one document hold: references make a small document expand.
constexpr std::size_t most_text = 16 << 20;

bool yes(const Node* node) {
  return node != nullptr && node->value == "true";
}

std::string word_of(const Node& node, std::string_view key, std::string_view otherwise = {}) {
  const Node* const found = node.find(key);
  return found != nullptr && found->kind == yaml::Kind::scalar ? found->value : std::string(otherwise);
}

bool is_json(std::string_view type) {
  const std::string_view bare = text::trim(type.substr(0, type.find(';')));
  return bare.ends_with("/json") || bare.ends_with("+json") || bare == "*/*" || bare == "application/*";
}

bool is_text(std::string_view type) {
  return type.starts_with("text/");
}
bool is_form(std::string_view type) {
  return text::trim(type.substr(0, type.find(';'))) == "application/x-www-form-urlencoded";
}

// The members of a JSON object as a form; those of a list repeat the name. Nothing for any other text.
std::optional<std::string> form_of(std::string_view object) {
  const auto document = json::scan(object, {.depth = 128});
  if (!document || document->root.type != json::Type::object) return std::nullopt;
  std::string out;
  const auto add = [&](const std::string& name, json::Slice value) {
    const std::string text = json::string_at(object, value).value_or(std::string(json::at(object, value)));
    out += fmt::format("{}{}={}", out.empty() ? "" : "&", http::encode(name), http::encode(text));
  };
  for (const json::Member& member : document->members) {
    const std::string name = json::key_of(member);
    if (member.value.type == json::Type::array)
      for (const json::Slice item : json::elements(object, member.value)) add(name, item);
    else
      add(name, member.value);
  }
  return out;
}

// What a parameter is worth in a place of the call.
struct Written {
  std::string path;                                         // instead of {name}
  std::vector<std::pair<std::string, std::string>> fields;  // of the query, a header or cookies
};

struct Parameter {
  const Node* node = nullptr;
  std::string name, in;
};

class Document {
 public:
  explicit Document(const Node& root)
      : root_(root),
        swagger_(root.find("openapi") == nullptr),
        modern_(!swagger_ && modern(word_of(root, "openapi"))),
        examples_(root, members_, most_text) {}

  OpenApiCases read() {
    read_bases();
    const Node* const paths = root_.find("paths");
    if (paths == nullptr) return std::move(out_);
    for (const yaml::Entry& path : paths->entries) {
      if (!path.key->value.starts_with('/')) continue;
      const auto item = yaml::follow(*path.value, root_, members_);
      if (!item) {
        untested(text::printable(path.key->value, 100), path.key->span, item.error().why);
        continue;
      }
      for (const yaml::Entry& entry : (*item)->entries)
        if (std::ranges::find(methods, entry.key->value) != std::end(methods) && out_.cases.size() < most_cases)
          operation(entry, path.key->value, **item);
    }
    if (out_.cases.size() >= most_cases)
      untested("what follows", paths->span, fmt::format("a document gives at most {} cases", most_cases));
    return std::move(out_);
  }

 private:
  static bool modern(std::string_view version) { return version.starts_with("3.") && !version.starts_with("3.0"); }

  void read_bases() {
    std::vector<std::string> urls;
    if (swagger_) urls.push_back(word_of(root_, "basePath"));
    if (const Node* servers = root_.find("servers"); servers != nullptr && !swagger_)
      for (const Node* server : servers->items) urls.push_back(word_of(*server, "url"));
    for (std::string& url : urls) {
      if (const auto host = url.find("://"); host != std::string::npos) {
        const auto slash = url.find('/', host + 3);
        url = slash == std::string::npos ? "" : url.substr(slash);
      }
      while (url.ends_with('/')) url.pop_back();
      if (url.starts_with('/') && !url.contains('{')) out_.bases.push_back(std::move(url));
    }
  }

  void untested(std::string name, Span where, std::string why) {
    Case test{.name = std::move(name), .method = {}, .target = {}};
    test.where = where;
    test.untested = std::move(why);
    out_.cases.push_back(std::move(test));
  }

  void operation(const yaml::Entry& entry, const std::string& path, const Node& item) {
    const Node& node = *entry.value;
    const std::string method = text::upper(entry.key->value);
    const std::string name = fmt::format("{} {}", method, text::printable(path, 100));
    why_.clear();
    Case base{.name = name, .method = method, .target = path};
    base.where = base.call = entry.key->span;
    const std::vector<Parameter> parameters = parameters_of(item, node);
    const Node* const body = body_of(node, parameters, base);
    const Node* const produces = node.find("produces") != nullptr ? node.find("produces") : root_.find("produces");
    produces_json_ = produces == nullptr || produces->items.empty() ||
                     std::ranges::any_of(produces->items, [](const Node* type) { return is_json(type->value); });
    read_responses(node, base);
    if (examples_.spent()) because("the examples of the document are too large together");
    if (parameters.size() > most_parameters) because("it has too many parameters");
    std::vector<std::string> names = why_.empty() ? names_of(parameters, body) : std::vector<std::string>{};
    if (names.empty()) names.emplace_back();
    if (!why_.empty()) return untested(name, base.where, why_);
    for (const std::string& example : names) {
      if (out_.cases.size() >= most_cases) return;
      Case test = base;
      if (!example.empty()) test.name = fmt::format("{}: {}", name, text::printable(example, 60));
      fill(parameters, body, example, test);
      if (std::string why = unsendable(test); !why.empty()) because(std::move(why));
      if (!why_.empty()) return untested(test.name, base.where, why_);
      out_.cases.push_back(std::move(test));
    }
  }

  // Keeps the first reason why an operation cannot be called.
  void because(std::string why) {
    if (why_.empty()) why_ = std::move(why);
  }
  const Node* followed(const Node& node) {
    const auto found = yaml::follow(node, root_, members_);
    if (!found) because(found.error().why);
    return found ? *found : nullptr;
  }

  // --- what is sent

  std::vector<Parameter> parameters_of(const Node& item, const Node& operation) {
    std::vector<Parameter> out;
    for (const Node* list : {item.find("parameters"), operation.find("parameters")}) {
      if (list == nullptr) continue;
      for (const Node* given : list->items) {
        const Node* const node = followed(*given);
        if (node == nullptr) continue;
        Parameter parameter{node, word_of(*node, "name"), word_of(*node, "in")};
        const auto same = std::ranges::find_if(
            out, [&](const Parameter& other) { return other.name == parameter.name && other.in == parameter.in; });
        if (same == out.end())
          out.push_back(std::move(parameter));
        else
          *same = std::move(parameter);  // the operation's own
      }
    }
    return out;
  }

  // The media type whose example is sent, or Swagger's parameter; null: none of these.
  const Node* body_of(const Node& operation, const std::vector<Parameter>& parameters, Case& test) {
    if (swagger_) {
      const auto body = std::ranges::find(parameters, "body", &Parameter::in);
      if (body == parameters.end()) return nullptr;
      test.headers.add("content-type", "application/json");
      return body->node;
    }
    const Node* const given = operation.find("requestBody");
    const Node* const body = given == nullptr ? nullptr : followed(*given);
    const Node* const content = body == nullptr ? nullptr : body->find("content");
    for (const auto fits : {is_json, is_form, is_text})
      for (const yaml::Entry& media : content == nullptr ? std::vector<yaml::Entry>{} : content->entries) {
        if (!fits(media.key->value) || !examples_.any(*media.value)) continue;
        test.headers.add("content-type", media.key->value.contains('*') ? "application/json" : media.key->value);
        return media.value;
      }
    if (body == nullptr) return nullptr;
    if (yes(body->find("required")))
      because("the body has no example as JSON, form or text");
    else
      note(test, "the body has no example and was not sent");
    return nullptr;
  }

  std::vector<std::string> names_of(const std::vector<Parameter>& parameters, const Node* body) {
    std::vector<std::string> names;
    const auto take = [&](const Node& holder) {
      for (const auto& [name, value] : examples_.of(holder).named)
        if (std::ranges::find(names, name) == names.end() && names.size() < most_of_operation) names.push_back(name);
    };
    if (body != nullptr) take(*body);
    for (const Parameter& parameter : parameters)
      if (parameter.in != "body") take(*parameter.node);
    return names;
  }

  void fill(const std::vector<Parameter>& parameters, const Node* body, const std::string& example, Case& test) {
    std::string query, cookies, form;
    for (const Parameter& parameter : parameters) {
      static constexpr std::string_view others[] = {"accept", "content-type", "authorization"};
      const std::string lower = text::lower(parameter.name);
      if (parameter.in == "body") continue;
      if (parameter.in == "header" && std::ranges::find(others, lower) != std::end(others)) continue;
      const Node* const value = examples_.of(*parameter.node).find(example);
      if (value == nullptr || value->is_null()) {
        if (parameter.in == "path" || yes(parameter.node->find("required")))
          because(fmt::format("{} parameter '{}' has no example", parameter.in, text::printable(parameter.name, 60)));
        continue;
      }
      const auto written = write(parameter, *value);
      if (!written) continue;
      if (parameter.in == "path") replace(test.target, fmt::format("{{{}}}", parameter.name), written->path);
      for (const auto& [name, text] : written->fields) {
        if (parameter.in == "formData") form += fmt::format("{}{}={}", form.empty() ? "" : "&", name, text);
        if (parameter.in == "query") query += fmt::format("{}{}={}", query.empty() ? "?" : "&", name, text);
        if (parameter.in == "header") test.headers.add(lower, text);
        if (parameter.in == "cookie") cookies += fmt::format("{}{}={}", cookies.empty() ? "" : "; ", name, text);
      }
    }
    if (test.target.contains('{')) because("the path has a variable that is no parameter");
    test.target += query;
    if (!cookies.empty()) test.headers.add("cookie", cookies);
    if (!form.empty()) {
      test.headers.add("content-type", "application/x-www-form-urlencoded");
      test.body = std::move(form);
    }
    if (body != nullptr) fill_body(*body, example, test);
  }

  void fill_body(const Node& holder, const std::string& example, Case& test) {
    const Node* const value = examples_.of(holder).find(example);
    const Node* const schema = holder.find("schema");
    const std::string type(test.headers.find("content-type").value_or(""));
    if (value != nullptr && is_text(type) && value->kind == yaml::Kind::scalar)
      test.body = value->value;
    else if (value != nullptr)
      test.body = examples_.json_of(*value);
    else if (schema != nullptr)
      test.body = examples_.put_together(*schema);
    if (test.body && is_form(type)) test.body = form_of(*test.body);
    if (test.body) return;
    test.headers.remove("content-type");
    if (!swagger_ || yes(holder.find("required")))
      because("the body has no example that could be sent");
    else
      note(test, "the body has no example and was not sent");
  }

  static void replace(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
      text.replace(at, what.size(), by);
  }

  // The usual style of each place; a reason and nothing for another one.
  std::optional<Written> write(const Parameter& parameter, const Node& value) {
    const bool query = parameter.in == "query" || parameter.in == "formData", path = parameter.in == "path",
               cookie = parameter.in == "cookie";
    if (!query && !path && !cookie && parameter.in != "header") {
      because(fmt::format("parameter '{}' stands in no known place", text::printable(parameter.name, 60)));
      return std::nullopt;
    }
    const std::string style = word_of(*parameter.node, "style", query || cookie ? "form" : "simple");
    const std::string format = word_of(*parameter.node, "collectionFormat", swagger_ ? "csv" : "");
    const bool explode = swagger_ ? format == "multi"
                                  : word_of(*parameter.node, "explode", style == "form" ? "true" : "false") == "true";
    const bool usual = style == (query || cookie ? "form" : "simple");
    if (value.kind != yaml::Kind::scalar && (!usual || (swagger_ && format != "csv" && format != "multi"))) {
      because(fmt::format("parameter '{}' is written in a style that this version does not know",
                          text::printable(parameter.name, 60)));
      return std::nullopt;
    }
    if (!usual && path) {  // matrix and label put signs of their own in front
      because(fmt::format("path parameter '{}' has style '{}'", text::printable(parameter.name, 60),
                          text::printable(style, 20)));
      return std::nullopt;
    }
    const auto escaped = [&, this](const Node& node) {
      const std::string text = node.kind == yaml::Kind::scalar ? node.value : examples_.json_of(node).value_or("");
      return query || path ? http::encode(text) : text;
    };
    const std::string name = query ? http::encode(parameter.name) : parameter.name;
    if (parameter.node->find("content") != nullptr) {
      const std::string text = examples_.json_of(value).value_or("");
      return Written{http::encode(text), {{name, query ? http::encode(text) : text}}};
    }
    Written out;
    std::vector<std::string> parts;
    for (const Node* item : value.items) {
      parts.push_back(escaped(*item));
      if (explode && (query || cookie)) out.fields.emplace_back(name, parts.back());
    }
    for (const yaml::Entry& entry : value.entries) {
      const std::string key = query || path ? http::encode(entry.key->value) : entry.key->value;
      const std::string text = escaped(*entry.value);
      if (explode && (query || cookie)) out.fields.emplace_back(key, text);
      if (explode)
        parts.push_back(fmt::format("{}={}", key, text));
      else
        parts.insert(parts.end(), {key, text});
    }
    if (value.kind == yaml::Kind::scalar) parts.push_back(escaped(value));
    out.path = fmt::format("{}", fmt::join(parts, ","));
    if (out.fields.empty()) out.fields.emplace_back(name, out.path);
    return out;
  }

  // --- what comes back

  void read_responses(const Node& operation, Case& test) {
    const Node* const responses = operation.find("responses");
    std::vector<std::pair<StatusRange, const Node*>> good;  // whole hundreds behind single ones
    std::ptrdiff_t single = 0;
    for (const char hundred : {'2', '3'}) {
      for (const yaml::Entry& entry : responses == nullptr ? std::vector<yaml::Entry>{} : responses->entries) {
        const std::string& code = entry.key->value;
        if (code.size() != 3 || code[0] != hundred) continue;
        const auto number = text::parse_number(code);
        const int first = number ? static_cast<int>(*number) : (code[0] - '0') * 100;
        good.insert(number ? good.begin() + single++ : good.end(),
                    {{first, number ? first : first + 99}, entry.value});
      }
      if (!good.empty()) break;
    }
    const Node* const fallback = responses == nullptr ? nullptr : responses->find("default");
    if (good.empty() && fallback != nullptr) good.push_back({{200, 299}, fallback});
    if (good.empty()) because("it declares no answer of success");
    for (const auto& [status, given] : good) {
      test.status.push_back(status);
      if (const Node* response = followed(*given)) read_response(status, *response, test);
    }
  }

  void read_response(StatusRange status, const Node& response, Case& test) {
    const Node* schema = response.find("schema");
    const Node* const content = swagger_ ? nullptr : response.find("content");
    if (content != nullptr && !content->entries.empty()) {
      const auto media =
          std::ranges::find_if(content->entries, [](const yaml::Entry& entry) { return is_json(entry.key->value); });
      if (media == content->entries.end()) {
        note(test,
             fmt::format("an answer as {} is not checked", text::printable(content->entries[0].key->value, 60)));
        return;
      }
      schema = media->value->find("schema");
      if (!test.headers.has("accept") && !media->key->value.contains('*'))
        test.headers.add("accept", media->key->value);
    }
    if (schema == nullptr) return;
    if (swagger_ && (word_of(*schema, "type") == "file" || !produces_json_)) {
      note(test, "an answer that is not JSON is not checked");
      return;
    }
    const auto [at, fresh] = schemas_.try_emplace(schema);
    if (fresh) at->second = read_answer_schema(*schema, root_, modern_, members_, schemas_left_);
    for (const std::string& text : at->second.unchecked) note(test, text);
    if (!at->second.schema) return;
    test.responses.push_back(
        {status, prompt::Expectation{.kind = prompt::Expectation::Kind::json_schema, .text = {}, .value = {}}});
    test.responses.back().expect->schema = at->second.schema;
    test.responses.back().expect->where = schema->span;
  }

  static void note(Case& test, std::string text) {
    if (std::ranges::find(test.unchecked, text) == test.unchecked.end()) test.unchecked.push_back(std::move(text));
  }

  const Node& root_;
  bool swagger_, modern_;
  yaml::Members members_;
  OpenApiCases out_;
  bool produces_json_ = true;  // of Swagger's operation at hand
  std::string why_;            // the operation at hand cannot be called
  ExampleBook examples_;
  std::map<const Node*, AnswerSchema> schemas_;
  std::size_t schemas_left_ = most_text;
};

}  // namespace

OpenApiCases read_openapi(const Node& root) {
  return Document(root).read();
}

}  // namespace apigw::cases
