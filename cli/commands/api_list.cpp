// apigw api list: what the gateway serves to clients, one row a method and path.
#include <nlohmann/json.hpp>

#include "assembly/endpoints.h"
#include "command.h"
#include "output.h"
#include "project.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

// What stands behind a route: its kind and whom it reaches.
ordered_json reached(const model::Plan& plan, const model::Route& route) {
  if (const auto* service = std::get_if<model::ToService>(&route.action))
    return {{"kind", "route"}, {"to", plan.at(service->service).name}};
  if (const auto* redirect = std::get_if<model::ToRedirect>(&route.action))
    return {{"kind", "redirect"}, {"to", fmt::format("{} {}", redirect->status, redirect->location)}};
  if (const auto* prompt = std::get_if<model::ToPrompt>(&route.action))
    return {{"kind", "prompt"}, {"to", plan.at(prompt->prompt).name}};
  if (std::holds_alternative<model::ApiDocument>(route.action))
    return {{"kind", "document"}, {"to", "this list, as OpenAPI"}};
  const auto& endpoint = std::get<model::Endpoint>(route.action);
  return {{"kind", "model"},
          {"to", fmt::format("{} {}", endpoint.dialect, fmt::join(assembly::operations(endpoint), ", "))}};
}

std::string auth_of(const model::Auth& auth) {
  return auth.key ? "key" : "none";
}

std::string place_of(const config::Loaded& loaded, Span where) {
  if (!where.known()) return {};
  return fmt::format("{}:{}", loaded.sources.name(where.source),
                     loaded.sources.position(where.source, where.begin).line);
}

void add_rows(const config::Loaded& loaded, const model::Route& route, ordered_json& rows) {
  const ordered_json behind = reached(*loaded.plan, route);
  std::vector<std::string> methods = route.methods;
  if (methods.empty()) methods.emplace_back("*");
  for (const std::string& method : methods)
    rows.push_back({{"method", method},
                    {"path", route.host.empty() ? route.path : route.host + route.path},
                    {"kind", behind["kind"]},
                    {"to", behind["to"]},
                    {"auth", auth_of(model::effective_auth(*loaded.plan, route, 0))},
                    {"conditions", route.conditions.size()},
                    {"set_at", place_of(loaded, route.where)}});
}

Exit list(Env& env, const Globals& globals) {
  const auto loaded = load_project(env, globals);
  if (!loaded) return loaded.error();
  ordered_json rows = ordered_json::array();
  for (const model::Route& route : loaded->plan->routes) add_rows(*loaded, route, rows);
  return write_table(env, globals,
                     {.kind = "apis",
                      .columns = {{"method", "METHOD"},
                                  {"path", "PATH"},
                                  {"kind", "KIND"},
                                  {"to", "TO"},
                                  {"auth", "AUTH"},
                                  {"set_at", "SET AT"}}},
                     rows);
}

}  // namespace

extern const Command command_api_list;
const Command command_api_list = {
    .name = "api list",
    .summary = "list what the gateway serves: routes and the endpoints of models",
    .details =
        "A model endpoint is served as soon as the config has models. 'apigw explain METHOD PATH' shows one of\n"
        "them in full.\n\n"
        "Examples:\n"
        "  apigw api list\n"
        "  apigw api list -o json",
    .job = Job::call,
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals& globals) { return list(env, globals); };
    },
};

}  // namespace apigw::cli
