#include "service_tree.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "own_template.h"
#include "scaffold/pipeline.h"
#include "service_entry.h"

namespace apigw::cli {
namespace {

using Done = std::expected<void, Exit>;

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

// The system that the project has a pipeline of already, GitHub without any.
const pipeline::System* usual_system(const Env& env, const std::string& folder) {
  const auto there = std::ranges::find_if(pipeline::systems(), [&](const pipeline::System& system) {
    return env.files.exists(below(folder, std::string(system.path)));
  });
  return there == pipeline::systems().end() ? pipeline::find_system("github") : &*there;
}

}  // namespace

std::string link_on_the_way(const Env& env, const std::string& base, const std::string& path) {
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string part = below(base, path.substr(0, end));
    if (env.files.link(part)) return part;
    if (end == std::string::npos) return {};
  }
}

std::expected<render::FileTree, Exit> make_tree(Env& env, const Globals& globals, const ServiceFlags& flags,
                                                const std::optional<scaffold::Lock>& lock, NewService& service) {
  scaffold::ServiceRequest& request = service.request;
  const std::string root = folder_of_config(service.config.path);
  const std::string base = env.files.absolute(root);
  if (flags.origin.empty() && (!lock || lock->origin.empty())) {
    if (!globals.sets.empty())
      return stop(env, Exit::input, "--set gives values to the parameters of a template",
                  "name one with --template, or leave it out");
    auto tree = scaffold::service(request);
    if (!tree) return stop(env, Exit::bug, tree.error().what);
    service.stack = scaffold::stack_of(*scaffold::row_of(request));
    return std::move(*tree);
  }
  const std::string origin = flags.origin.empty() ? below(root, lock->origin) : flags.origin;
  const std::string whole = env.files.absolute(origin);
  if ((env.files.absolute(service.folder) + "/").starts_with(whole + "/"))
    return stop(env, Exit::input, fmt::format("'{}' lies in the template itself", text::printable(service.folder)),
                "keep the template in a folder of its own, as in templates/NAME");
  auto filled = fill_own_template(env, globals, std::filesystem::path{origin}.lexically_normal().string(), request,
                                  lock ? lock->values : scaffold::ParameterValues{});
  if (!filled) return std::unexpected(filled.error());
  request.origin = std::filesystem::path{whole}.lexically_relative(base).string();
  request.values = std::move(filled->values);
  request.kind = filled->kind;
  service.stack = std::move(filled->stack);
  return std::move(filled->tree);
}

Done make_pipeline(Env& env, const ServiceFlags& flags, const render::FileTree& tree, NewService& service) {
  if (flags.ci == "none" || (service.again && flags.ci.empty())) return {};
  const std::string root = folder_of_config(service.config.path);
  const pipeline::System& system = flags.ci.empty() ? *usual_system(env, root) : *pipeline::find_system(flags.ci);
  const std::string path = scaffold::pipeline_path(system, service.request.name, service.directory);
  if (const auto link = link_on_the_way(env, root, path); !link.empty())
    return stop(env, Exit::input, fmt::format("'{}' is a symbolic link", text::printable(link)),
                "the pipeline would be written through it; name another system with --ci, or none");
  auto text = scaffold::pipeline_file(system, service.request.name, service.stack, service.directory, tree);
  if (!text && !flags.ci.empty())
    return stop(env, Exit::input, "the template has no Dockerfile, so there is nothing to build in a pipeline",
                "leave out --ci, or add one to the template");
  if (!text) return {};
  service.pipeline = below(root, path);
  service.pipeline_file = {std::move(*text)};
  return {};
}

}  // namespace apigw::cli
