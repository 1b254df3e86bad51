#include "api/openapi.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "api/components.h"
#include "base/text.h"
#include "contract/operation.h"
#include "contract/operations.h"
#include "prompt/prompt.h"

namespace apigw::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view usual_methods[] = {"get", "post", "put", "patch", "delete"};

// How an answer ended that is one: a refusal is a problem.
Json stop_reasons() {
  const Json words{"end", "stop_sequence", "length", "tool_calls", "other"};  // chat::word(Stop)
  return {{"type", "string"}, {"description", "length: the limit of tokens cut the answer"}, {"enum", words}};
}

Json problem_reply(std::string_view description) {
  return {{"description", description},
          {"content", {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
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

Json input_of(const prompt::Prompt& prompt, Components& components) {
  Json schema = components.take_in(prompt.input_text, "urn:prompt:" + prompt.name + ":input");
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

Json output_of(const prompt::Prompt& prompt, Components& components) {
  if (prompt.form == prompt::OutputForm::text) return {{"type", "string"}};
  if (prompt.output_text.empty()) return Json::object();
  return components.take_in(prompt.output_text, "urn:prompt:" + prompt.name + ":output");
}

Json prompt_operation(const prompt::Prompt& prompt, Components& components) {
  Json operation{{"operationId", "prompt_" + prompt.name}, {"tags", {"prompts"}}};
  if (!prompt.description.empty()) operation["summary"] = prompt.description;
  operation["requestBody"] = {{"required", true},
                              {"content", {{"application/json", {{"schema", input_of(prompt, components)}}}}}};
  const Json answer{{"type", "object"},
                    {"properties",
                     {{"output", output_of(prompt, components)},
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

void add_problem(Json& responses, const std::string& status, std::string_view description) {
  Json problem = problem_reply(description);
  if (!responses.contains(status))
    responses[status] = std::move(problem);
  else if (Json& said = responses[status]; !said["content"].contains("application/problem+json"))
    said["content"].update(problem["content"]);
}

// What the service's document says of the operation, as the gateway has it: at the route's path, and judged.
// `own`: the path as the route has it, whose variables may have other names than those of `path`, which speaks for
// all of its shape.
Json described_operation(const contract::Operation& of, std::string_view own, std::string_view path,
                         Components& components) {
  Json operation = Json::parse(of.description.json, nullptr, false);
  components.lead(operation, *of.description.schemas);
  Json parameters = Json::array(), own_names = parameters_of(own);
  Json& described = operation["parameters"];
  for (Json& one : parameters_of(path)) {
    const Json& name = own_names[parameters.size()]["name"];
    const auto same = std::ranges::find_if(
        described, [&](const Json& other) { return other["in"] == "path" && other["name"] == name; });
    parameters.push_back(same == described.end() ? one : *same);
    parameters.back()["name"] = one["name"];
  }
  for (Json& one : described)
    if (one["in"] != "path") parameters.push_back(std::move(one));
  if (parameters.empty())
    operation.erase("parameters");
  else
    operation["parameters"] = std::move(parameters);
  Json& responses = operation["responses"];
  if (responses.empty()) responses["default"] = {{"description", "the answer"}};
  if (!of.parameters.empty() || of.body) add_problem(responses, "400", "a parameter or the body cannot be read");
  if (of.body) add_problem(responses, "415", "the body is of another kind");
  const auto judged = [](const contract::Media& media) { return media.schema.has_value(); };
  if (of.body && std::ranges::any_of(of.body->media, judged))
    add_problem(responses, "422", "the body does not fit its schema (`errors` has a JSON pointer for each)");
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
    Json operation = prompt      ? prompt_operation(*plan.at(prompt->prompt).content, components)
                     : described ? described_operation(*route.operation->content, own, path, components)
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
