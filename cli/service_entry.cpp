#include "service_entry.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "base/text.h"
#include "config/grammar.h"
#include "diag/render.h"
#include "import/config_draft.h"

namespace apigw::cli {
namespace {

std::unexpected<Exit> stop(Env& env, std::string_view message, std::string_view help) {
  return std::unexpected(complain(env, Exit::input, message, help));
}

}  // namespace

std::string folder_of_config(const std::string& config) {
  const std::string parent = std::filesystem::path{config}.parent_path().string();
  return parent.empty() ? "." : parent;
}

config::Loaded load_text(Env& env, const Globals& globals, const std::string& path, const std::string& text) {
  return config::load({.path = path,
                       .text = text,
                       .profile = globals.profile,
                       .sets = globals.sets,
                       .secrets = config::Secrets::optional},
                      env.files, env.environment, assembly::vocabulary());
}

model::PlanPtr project_of(Env& env, const Globals& globals, const ConfigEdit& edit) {
  return edit.before.empty() ? nullptr : load_text(env, globals, edit.path, edit.before).plan;
}

const model::Service* service_in(const model::PlanPtr& project, std::string_view name) {
  if (project == nullptr) return nullptr;
  const auto found = std::ranges::find(project->services, name, &model::Service::name);
  return found == project->services.end() ? nullptr : &*found;
}

std::expected<void, Exit> check_service(Env& env, const Globals& globals, const ConfigEdit& edit,
                                        std::string_view name) {
  const auto after = load_text(env, globals, edit.path, edit.after);
  if (service_in(after.plan, name) != nullptr) return {};
  const auto before = edit.before.empty() ? config::Loaded{} : load_text(env, globals, edit.path, edit.before);
  return refuse_edit(env, before, after, "service");
}

std::expected<std::string, Exit> route_prefix(Env& env, const std::string& written, const std::string& name) {
  std::string route = written.empty() ? "/" + name : written;
  while (route.size() > 1 && route.ends_with('/')) route.pop_back();
  const auto fault = route == "/" || !route.starts_with('/')
                         ? std::optional<std::string>("it needs a name behind its '/'")
                         : config::path_fault(route);
  if (!fault) return route;
  return stop(env, fmt::format("--route '{}': {}", text::printable(route), *fault),
              "write the path under which its own paths appear, as in --route /shop/stock");
}

std::expected<void, Exit> add_routes(Env& env, ConfigEdit& edit, const std::vector<std::string>& keys,
                                     const std::string& service, const std::string& prefix) {
  render::Value route = import::object();
  import::put(route, "to", import::text(service));
  import::put(route, "strip", import::text(prefix));
  for (const std::string& key : keys) {
    const std::string before = edit.after;
    if (const auto ok = add_entry(env, edit, "routes", key, route); !ok) return ok;
    if (edit.after == before)
      return stop(env, fmt::format("the config has a route '{}' already", key), "choose another path with --route");
  }
  return {};
}

std::expected<void, Exit> check_port(Env& env, const std::string& port) {
  const auto number = text::parse_number(port);
  if (port.empty() || (number && *number >= 1 && *number <= 65535)) return {};
  return stop(env, fmt::format("--port '{}' is no port", text::printable(port)),
              "give a number from 1 to 65535, or leave it out for a free one");
}

}  // namespace apigw::cli
