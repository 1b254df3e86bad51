#include "call_target.h"

#include "base/text.h"
#include "project.h"

namespace apigw::cli {
namespace {

bool has_variable(const model::Route& route) {
  return route.path.find_first_of("{*") != std::string::npos;
}

bool serves(const model::Plan& plan, const model::Route& route, std::string_view service) {
  const auto* to = std::get_if<model::ToService>(&route.action);
  return to != nullptr && plan.at(to->service).name == service;
}

bool token(std::string_view method) {
  return !method.empty() && std::ranges::all_of(method, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.contains(c);
  });
}

Exit unknown(Env& env, const model::Plan& plan, const std::string& name) {
  const model::Route* closed = nullptr;  // of that service, but no name says what to put for its variables
  std::vector<std::string_view> names;
  for (const model::Route& route : plan.routes) {
    names.emplace_back(route.id);
    if (serves(plan, route, name) && closed == nullptr) closed = &route;
  }
  for (const model::Service& service : plan.services) names.emplace_back(service.name);
  for (const model::Prompt& prompt : plan.prompts) names.emplace_back(prompt.name);
  if (closed != nullptr)
    return complain(env, Exit::input,
                    fmt::format("every route of service '{}' has a variable", text::printable(name)),
                    fmt::format("write a path that fits '{}'", closed->id));
  const auto near = text::closest(name, names);
  return complain(env, Exit::input, fmt::format("no route, service or prompt is called '{}'", text::printable(name)),
                  near ? fmt::format("did you mean '{}'?", *near) : "paths begin with a slash");
}

Exit resolve_name(Env& env, const Globals& globals, CallTarget& target) {
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  const model::Route* const route = route_named(*loaded->plan, target.target);
  if (route == nullptr) return unknown(env, *loaded->plan, target.target);
  target.target = route->path.ends_with("/**") ? route->path.substr(0, route->path.size() - 2) : route->path;
  if (target.method.empty() && !route->methods.empty()) target.method = route->methods.front();
  return Exit::done;
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

Exit resolve_target(Env& env, const Globals& globals, CallTarget& target, bool has_body) {
  if (target.target.empty())
    return complain(env, Exit::input, "nothing to call", "write a path or a name: apigw call GET /hello");
  if (!target.method.empty() && !token(target.method))
    return complain(env, Exit::input, fmt::format("'{}' is no method", text::printable(target.method)),
                    "write it as in GET /hello");
  target.method = method_of(target.method);
  const bool path = target.target.starts_with('/');
  if (path &&
      std::ranges::any_of(target.target, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; }))
    return complain(env, Exit::input, "a path cannot hold blanks or control characters", "write %20 for a blank");
  if (!path)
    if (const Exit found = resolve_name(env, globals, target); found != Exit::done) return found;
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

Exit exit_of_status(int status) {
  if (status < 400) return Exit::done;
  if (status == 401 || status == 403) return Exit::credentials;
  return status < 500 ? Exit::no : Exit::world;
}

}  // namespace apigw::cli
