#include "api/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
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
  std::string upper(method);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  operation["summary"] = fmt::format("{} {}", upper, path);
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

// What must be told apart in one document.
struct Taken {
  std::map<std::string, std::string>
      shapes;  // templates that match the same paths are one, in the words of the first
  std::set<std::string> ids;
  std::map<std::string, std::size_t> numbers;  // behind ids that are wanted again
};

void add_route(const model::Plan& plan, const model::Route& route, Taken& taken, Json& paths) {
  if (std::holds_alternative<model::ApiDocument>(route.action)) return;
  const std::string own = path_of(route);
  const std::string& path = taken.shapes.emplace(shape_of(own), own).first->second;
  std::vector<std::string> methods;
  for (const std::string& method : route.methods) methods.push_back(text::lower(method));
  if (methods.empty()) methods.assign(std::begin(usual_methods), std::end(usual_methods));
  for (const std::string& method : methods) {
    if (method == "connect" || paths[path].contains(method)) continue;  // of one path the first route speaks
    const auto* prompt = std::get_if<model::ToPrompt>(&route.action);
    Json operation =
        prompt ? prompt_operation(*plan.at(prompt->prompt).content) : route_operation(route, path, method);
    if (!operation.contains("operationId")) {
      const std::string wanted = operation_id(method, path);
      std::string id = wanted;
      while (!taken.ids.insert(id).second) id = fmt::format("{}_{}", wanted, ++taken.numbers[wanted] + 1);
      operation["operationId"] = id;
    }
    operation["security"] = Json::array();
    if (!model::effective_auth(plan, route, 0).none) {
      operation["security"].push_back({{"key", Json::array()}});
      const bool model_call = std::holds_alternative<model::Endpoint>(route.action);  // its errors are its dialect's
      if (!model_call) operation["responses"]["401"] = problem_reply("no key, or one that nobody has");
    }
    paths[path][method] = std::move(operation);
  }
}

Json components() {
  const Json count{{"type", "integer"}};
  return {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}},
          {"schemas",
           {{"Problem",
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
                {"reasoning_tokens", count}}}}}}}};
}

}  // namespace

std::string shape_of(std::string_view path) {
  std::string shape;
  for (std::size_t at = 0; at < path.size(); ++at) {
    shape += path[at];
    if (path[at] == '{') at = std::min(path.find('}', at), path.size()) - 1;
  }
  return shape;
}

std::string openapi_document(const model::Plan& plan, std::string_view server) {
  Json paths = Json::object();
  Taken taken;
  for (const model::Route& route : plan.routes) add_route(plan, route, taken, paths);
  Json document{{"openapi", "3.1.0"}, {"info", {{"title", "API of this gateway"}, {"version", "1"}}}};
  if (!server.empty()) document["servers"] = {{{"url", server}}};
  document["paths"] = std::move(paths);
  document["components"] = components();
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace apigw::api
