#include "call_target.h"

#include "base/text.h"
#include "project.h"
#include "shown_address.h"

namespace apigw::cli {
namespace {

bool has_variable(const model::Route& route) {
  return route.path.find_first_of("{*") != std::string::npos;
}

bool serves(const model::Plan& plan, const model::Route& route, std::string_view service) {
  const auto* to = std::get_if<model::ToService>(&route.action);
  return to != nullptr && plan.at(to->service).name == service;
}

Complaint unknown(const model::Plan& plan, const std::string& name) {
  const model::Route* closed = nullptr;  // of that service, but no name says what to put for its variables
  std::vector<std::string_view> names;
  for (const model::Route& route : plan.routes) {
    names.emplace_back(route.id);
    if (serves(plan, route, name) && closed == nullptr) closed = &route;
  }
  for (const model::Service& service : plan.services) names.emplace_back(service.name);
  for (const model::Prompt& prompt : plan.prompts) names.emplace_back(prompt.name);
  if (closed != nullptr)
    return {fmt::format("every route of service '{}' has a variable", text::printable(name)),
            fmt::format("write a path that fits '{}'", closed->id)};
  const auto near = text::closest(name, names);
  return {fmt::format("no route, service or prompt is called '{}'", shown_address(name)),
          near ? fmt::format("did you mean '{}'?", *near) : "paths begin with a slash"};
}

}  // namespace

std::string method_of(std::string_view word) {
  for (const std::string_view method : usual_methods)
    if (text::iequals(method, word)) return std::string(method);
  return std::string(word);
}

const model::Route* route_named(const model::Plan& plan, std::string_view name) {
  for (const model::Route& route : plan.routes)
    if (route.id == name && !has_variable(route)) return &route;
  for (const model::Route& route : plan.routes)
    if (serves(plan, route, name) && !has_variable(route)) return &route;
  for (const model::Route& route : plan.routes)
    if (serves(plan, route, name) && route.path.ends_with("/**") && route.path.find('{') == std::string::npos)
      return &route;
  for (const model::Route& route : plan.routes) {
    const auto* to = std::get_if<model::ToPrompt>(&route.action);
    if (to != nullptr && plan.at(to->prompt).name == name) return &route;
  }
  return nullptr;
}

std::expected<void, Complaint> resolve_name(const model::Plan& plan, CallTarget& target) {
  const model::Route* const route = route_named(plan, target.target);
  if (route == nullptr) return std::unexpected(unknown(plan, target.target));
  target.target = route->path.ends_with("/**") ? route->path.substr(0, route->path.size() - 2) : route->path;
  if (target.method.empty() && !route->methods.empty()) target.method = route->methods.front();
  return {};
}

Exit resolve_target(Env& env, const Globals& globals, CallTarget& target, bool has_body) {
  if (target.target.empty())
    return complain(env, Exit::input, "nothing to call", "write a path or a name: apigw call GET /hello");
  if (!target.method.empty() && !text::is_token(target.method))
    return complain(env, Exit::input, fmt::format("'{}' is no method", text::printable(target.method)),
                    "write it as in GET /hello");
  target.method = method_of(target.method);
  const bool path = target.target.starts_with('/');
  if (path &&
      std::ranges::any_of(target.target, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
    return complain(env, Exit::input, "a path cannot hold blanks or control characters", "write %20 for a blank");
  if (!path) {
    const auto loaded = load_project(env, globals);
    if (!loaded) return loaded.error();
    if (const auto found = resolve_name(*loaded->plan, target); !found)
      return complain(env, Exit::input, found.error());
  }
  if (target.method.empty()) target.method = has_body ? "POST" : "GET";
  return Exit::done;
}

std::expected<void, Complaint> add_headers(http::Headers& headers, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const auto colon = line.find(':');
    if (colon == std::string::npos || colon == 0 || line.find_first_of("\r\n") != std::string::npos)
      return std::unexpected(
          Complaint{fmt::format("--header cannot be '{}'", text::printable(line)), "write 'name: value'"});
    headers.add(text::trim(std::string_view{line}.substr(0, colon)),
                text::trim(std::string_view{line}.substr(colon + 1)));
  }
  return {};
}

void add_usual_headers(http::Headers& headers, const Secret& key, std::string_view body, bool has_body) {
  static constexpr std::string_view credentials[] = {"authorization", "x-api-key", "api-key", "x-goog-api-key"};
  const bool has_key = std::ranges::any_of(credentials, [&](std::string_view name) { return headers.has(name); });
  if (!has_key && !key.empty()) headers.add("authorization", fmt::format("Bearer {}", key.expose()));
  if (!headers.has("user-agent")) headers.add("user-agent", "apigw/" APIGW_VERSION);
  if (!headers.has("accept")) headers.add("accept", "*/*");
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  const bool json = start != std::string_view::npos && (body[start] == '{' || body[start] == '[');
  if (has_body && !headers.has("content-type"))
    headers.add("content-type", json ? "application/json" : "application/x-www-form-urlencoded");
}

Exit exit_of_status(int status) {
  if (status < 400) return Exit::done;
  if (status == 401 || status == 403) return Exit::credentials;
  return status < 500 ? Exit::no : Exit::world;
}

}  // namespace apigw::cli
