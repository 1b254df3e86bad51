#include "api/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "contract/operation.h"
#include "contract/operations.h"
#include "prompt/prompt.h"

namespace apigw::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view usual_methods[] = {"get", "post", "put", "patch", "delete"};

// A schema with references of its own keeps them inside itself by a name of its own.
Json schema_json(const std::string& text, const std::string& id) {
  Json schema = Json::parse(text, nullptr, false);
  if (schema.is_discarded()) return Json::object();
  if (schema.is_object() && text.contains("\"$ref\"") && !schema.contains("$id")) schema["$id"] = id;
  schema.erase("$schema");
  return schema;
}

Json input_of(const prompt::Prompt& prompt) {
  Json schema = schema_json(prompt.input_text, "urn:prompt:" + prompt.name + ":input");
  if (!schema.is_object()) return schema;
  for (const render::Member& member : prompt.fallback.members) {
    std::string value;
    render::write_json(member.value, value);
    if (schema.contains("properties") && schema["properties"].contains(member.name) &&
        schema["properties"][member.name].is_object())
      schema["properties"][member.name]["default"] = Json::parse(value, nullptr, false);
    if (!schema.contains("required")) continue;
    Json& required = schema["required"];
    const auto named = std::ranges::find(required, Json(member.name));
    if (named != required.end()) required.erase(named);
  }
  return schema;
}

Json output_of(const prompt::Prompt& prompt) {
  if (prompt.form == prompt::OutputForm::text) return {{"type", "string"}};
  if (prompt.output_text.empty()) return Json::object();
  return schema_json(prompt.output_text, "urn:prompt:" + prompt.name + ":output");
}

// How an answer ended that is one: a refusal is a problem.
Json stop_reasons() {
  const Json words{"end", "stop_sequence", "length", "tool_calls", "other"};  // chat::word(Stop)
  return {{"type", "string"}, {"description", "length: the limit of tokens cut the answer"}, {"enum", words}};
}

Json problem_reply(std::string_view description) {
  return {{"description", description},
          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
}

Json prompt_operation(const prompt::Prompt& prompt) {
  Json operation{{"operationId", "prompt_" + prompt.name}, {"tags", {"prompts"}}};
  if (!prompt.description.empty()) operation["summary"] = prompt.description;
  operation["requestBody"] = {{"required", true},
                              {"content", {{"application/json", {{"schema", input_of(prompt)}}}}}};
  const Json answer{{"type", "object"},
                    {"properties",
                     {{"output", output_of(prompt)},
                      {"usage", {{"$ref", "#/components/schemas/Usage"}}},
                      {"model", {{"type", "string"}}},
                      {"stop", stop_reasons()}}},
                    {"required", {"output", "usage", "model", "stop"}}};
  const Json stream{
      {"type", "string"},
      {"description", "events: delta with {\"text\"}, then done with what the plain answer is, or error"}};
  operation["responses"] = {
      {"200",
       {{"description", "the model's answer"},
        {"content", {{"application/json", {{"schema", answer}}}, {"text/event-stream", {{"schema", stream}}}}}}},
      {"422", problem_reply("variables that do not fit the schema (`errors` names each by its JSON pointer), or the "
                            "model refused: `refused`")},
      {"502", problem_reply("the provider failed, or its answer does not fit the output's schema or was cut")}};
  return operation;
}

// "/orders/{id}/**" with {rest} for what /** matches.
std::string path_of(const model::Route& route) {
  std::string path = route.path;
  if (path.ends_with("/**")) path.replace(path.size() - 2, 2, "{rest}");
  return path;
}

Json parameters_of(std::string_view path) {
  Json parameters = Json::array();
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::size_t close = std::min(path.find('}', open), path.size());
    parameters.push_back({{"name", path.substr(open + 1, close - open - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
  }
  return parameters;
}

// "get_orders_id"; the caller sees to it that no two operations have the same.
std::string operation_id(std::string_view method, std::string_view path) {
  std::string id(method);
  for (const char c : path) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word)
      id += c;
    else if (id.back() != '_')
      id += '_';
  }
  while (id.back() == '_') id.pop_back();
  return id;
}

Json route_operation(const model::Route& route, std::string_view path, std::string_view method) {
  Json operation;
  operation["summary"] = fmt::format("{} {}", text::upper(method), path);
  if (const auto* endpoint = std::get_if<model::Endpoint>(&route.action)) {
    operation["summary"] = fmt::format("{} ({})", endpoint->operation, endpoint->dialect);
    operation["tags"] = {"models"};
  }
  if (Json parameters = parameters_of(path); !parameters.empty()) operation["parameters"] = std::move(parameters);
  const bool body = std::holds_alternative<model::Endpoint>(route.action) && method == "post";
  if (body)
    operation["requestBody"] = {{"required", true},
                                {"content", {{"application/json", {{"schema", {{"type", "object"}}}}}}}};
  operation["responses"] = {{"default", {{"description", "the answer"}}}};
  return operation;
}

// Of the gateway's own answers.
std::map<std::string, Json> own_schemas() {
  const Json count{{"type", "integer"}};
  return {{"Problem",
           {{"type", "object"},
            {"properties",
             {{"type", {{"type", "string"}}},
              {"title", {{"type", "string"}}},
              {"status", count},
              {"detail", {{"type", "string"}}},
              {"code", {{"type", "string"}}},
              {"request_id", {{"type", "string"}}},
              {"errors",
               {{"type", "array"},
                {"items",
                 {{"type", "object"},
                  {"properties", {{"pointer", {{"type", "string"}}}, {"detail", {{"type", "string"}}}}}}}}}}}}},
          {"Usage",
           {{"type", {"object", "null"}},
            {"properties",
             {{"input_tokens", count},
              {"output_tokens", count},
              {"cache_read_tokens", count},
              {"cache_write_tokens", count},
              {"reasoning_tokens", count}}}}}};
}

// The named schemas of the document: our own, and those that operations of services' documents refer to. Of two with
// one name, from different documents, the later is NAME_2.
class Components {
 public:
  using Texts = contract::NamedSchemas::Texts;

  // Leads the references of what was described with `texts` to the components here, which it adds.
  void lead(Json& value, const Texts& texts) {
    lead_one(value, texts);
    while (!unread_.empty()) {
      const auto [own, text, from] = unread_.back();
      unread_.pop_back();
      Json schema = Json::parse(*text, nullptr, false);
      lead_one(schema, *from);
      schemas_[own] = std::move(schema);
    }
  }

  [[nodiscard]] Json json() && {
    Json schemas = Json::object();
    for (auto& [name, schema] : schemas_) schemas[name] = std::move(schema);
    return {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas", std::move(schemas)}};
  }

 private:
  static constexpr std::string_view place = "#/components/schemas/";
  // What they hold is no schema, whatever it looks like.
  static constexpr std::string_view values[] = {"example", "examples", "default", "enum", "const"};
  static constexpr std::string_view of_names[] = {"responses",         "headers",          "content", "properties",
                                                  "patternProperties", "dependentSchemas", "$defs"};

  static bool among(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
  }

  struct Unread {
    std::string own;
    const std::string* text;
    const Texts* from;
  };

  // `named`: the members of the object are somebody's names, no words of OpenAPI.
  void lead_one(Json& value, const Texts& texts, bool named = false) {
    if (value.is_array())
      for (Json& item : value) lead_one(item, texts);
    if (!value.is_object()) return;
    for (auto& [word, member] : value.items()) {
      if (!named && among(values, word)) continue;
      if (named || word != "$ref" || !member.is_string()) {
        lead_one(member, texts, !named && among(of_names, word));
        continue;
      }
      const std::string& to = member.get_ref<const std::string&>();
      if (to.starts_with(place)) member = std::string(place) + own_name(to.substr(place.size()), texts);
    }
  }

  const std::string& own_name(const std::string& name, const Texts& texts) {
    const auto [at, fresh] = names_.try_emplace({&texts, name});
    const auto found = texts.find(name);
    if (!fresh || found == texts.end()) return at->second;
    at->second = name;
    if (same(name, found->second)) return at->second;
    for (unsigned n = 2; schemas_.contains(at->second); ++n) at->second = fmt::format("{}_{}", name, n);
    schemas_[at->second] = nullptr;
    unread_.push_back({at->second, &found->second, &texts});
    return at->second;
  }

  // A document that was ours once brings our own schemas back.
  [[nodiscard]] bool same(const std::string& name, const std::string& text) const {
    const auto known = schemas_.find(name);
    return known != schemas_.end() && !text.contains("$ref") && known->second == Json::parse(text, nullptr, false);
  }

  std::map<std::string, Json> schemas_ = own_schemas();
  std::map<std::pair<const Texts*, std::string>, std::string> names_;
  std::vector<Unread> unread_;
};

void add_problem(Json& responses, const std::string& status, std::string_view description) {
  Json problem = problem_reply(description);
  if (!responses.contains(status))
    responses[status] = std::move(problem);
  else if (Json& said = responses[status]; !said["content"].contains("application/problem+json"))
    said["content"].update(problem["content"]);
}

// What the service's document says of the operation, as the gateway has it: at the route's path, and judged.
Json described_operation(const contract::Operation& of, std::string_view path, Components& components) {
  Json operation = Json::parse(of.description.json, nullptr, false);
  components.lead(operation, *of.description.schemas);
  Json parameters = Json::array();
  Json& described = operation["parameters"];
  for (Json& one : parameters_of(path)) {
    const auto same = std::ranges::find_if(
        described, [&](const Json& other) { return other["in"] == "path" && other["name"] == one["name"]; });
    parameters.push_back(same == described.end() ? std::move(one) : *same);
  }
  for (Json& one : described)
    if (one["in"] != "path") parameters.push_back(std::move(one));
  if (parameters.empty())
    operation.erase("parameters");
  else
    operation["parameters"] = std::move(parameters);
  Json& responses = operation["responses"];
  if (!of.parameters.empty() || of.body) add_problem(responses, "400", "a parameter or the body cannot be read");
  if (of.body) add_problem(responses, "415", "the body is of another kind");
  if (of.body)
    add_problem(responses, "422", "the body does not fit its schema (`errors` has a JSON pointer for each)");
  if (responses.empty()) responses["default"] = {{"description", "the answer"}};
  return operation;
}

// What must be told apart in one document.
struct Taken {
  std::map<std::string, std::string>
      shapes;  // templates that match the same paths are one, in the words of the first
  std::set<std::string> ids;
  std::map<std::string, std::size_t> numbers;  // behind ids that are wanted again
};

void add_route(const model::Plan& plan, const model::Route& route, Taken& taken, Components& components,
               Json& paths) {
  if (std::holds_alternative<model::ApiDocument>(route.action)) return;
  const std::string own = path_of(route);
  const std::string& path = taken.shapes.emplace(contract::shape_of(own), own).first->second;
  std::vector<std::string> methods;
  for (const std::string& method : route.methods) methods.push_back(text::lower(method));
  if (methods.empty()) methods.assign(std::begin(usual_methods), std::end(usual_methods));
  for (const std::string& method : methods) {
    if (method == "connect" || paths[path].contains(method)) continue;  // of one path the first route speaks
    const auto* prompt = std::get_if<model::ToPrompt>(&route.action);
    const bool described = route.operation && text::lower(route.operation->content->method) == method &&
                           !route.operation->content->description.json.empty();
    Json operation = prompt      ? prompt_operation(*plan.at(prompt->prompt).content)
                     : described ? described_operation(*route.operation->content, path, components)
                                 : route_operation(route, path, method);
    const std::string wanted = operation.value("operationId", operation_id(method, path));
    std::string id = wanted;
    while (!taken.ids.insert(id).second) id = fmt::format("{}_{}", wanted, ++taken.numbers[wanted] + 1);
    Json one{{"operationId", id}};
    operation.erase("operationId");
    one.update(operation);
    one["security"] = Json::array();
    if (!model::effective_auth(plan, route, 0).none) {
      one["security"].push_back({{"key", Json::array()}});
      const bool model_call = std::holds_alternative<model::Endpoint>(route.action);  // its errors are its dialect's
      if (!model_call) add_problem(one["responses"], "401", "no key, or one that nobody has");
    }
    std::map<std::string, Json> by_status;
    for (auto& [status, response] : one["responses"].items()) by_status[status] = std::move(response);
    one["responses"] = std::move(by_status);
    paths[path][method] = std::move(one);
  }
}

}  // namespace

std::string openapi_document(const model::Plan& plan, std::string_view server) {
  Json paths = Json::object();
  Taken taken;
  Components components;
  for (const model::Route& route : plan.routes) add_route(plan, route, taken, components, paths);
  Json document{{"openapi", "3.1.0"}, {"info", {{"title", "API of this gateway"}, {"version", "1"}}}};
  if (!server.empty()) document["servers"] = {{{"url", server}}};
  document["paths"] = std::move(paths);
  document["components"] = std::move(components).json();
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apigw::api
