#include "service_tree.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "own_template.h"
#include "repository.h"
#include "scaffold/pipeline.h"
#include "service_entry.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 1 << 20;  // of a project's own pipeline

using Done = std::expected<void, Exit>;

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

// A service of the project that its system has a pipeline of.
struct Neighbour {
  std::string name;
  const pipeline::System* system = nullptr;
};

// The others than `service`, in the order of the config.
std::vector<Neighbour> neighbours_of(Env& env, const NewService& service) {
  std::vector<Neighbour> out;
  if (service.project == nullptr) return out;
  const std::string root = folder_of_config(service.config.path), base = env.files.absolute(root) + "/";
  for (const model::Service& other : service.project->services) {
    const std::string folder = other.run ? env.files.absolute(other.run->directory) : "";
    if (other.name == service.request.name || !folder.starts_with(base)) continue;
    for (const pipeline::System& system : pipeline::systems())
      if (env.files.exists(below(root, scaffold::pipeline_path(system, other.name, folder.substr(base.size())))))
        out.push_back({other.name, &system});
  }
  return out;
}

// The system that the project has a pipeline of already, else that of its latest service, GitHub without any.
const pipeline::System* usual_system(const Env& env, const std::string& folder,
                                     const std::vector<Neighbour>& neighbours) {
  const auto there = std::ranges::find_if(pipeline::systems(), [&](const pipeline::System& system) {
    return env.files.exists(below(folder, std::string(system.path)));
  });
  if (there != pipeline::systems().end()) return &*there;
  return neighbours.empty() ? pipeline::find_system("github") : neighbours.back().system;
}

// Two names that differ only in dots or capitals are one name of a file and of a job.
Done check_label(Env& env, const pipeline::System& system, const NewService& service,
                 const std::vector<Neighbour>& neighbours) {
  const std::string label = text::dns_label(service.request.name);
  for (const Neighbour& other : neighbours)
    if (other.system == &system && text::dns_label(other.name) == label)
      return stop(env, Exit::input,
                  fmt::format("the pipeline of service '{}' is called '{}' already", other.name, label),
                  "choose another name, or leave the pipeline out with --ci none");
  return {};
}

// Nothing is left to do where the project's own file names the service's already.
std::string wiring_of(const Env& env, const pipeline::System& system, const NewService& service,
                      const std::string& root, const std::string& path) {
  const auto own = env.files.read(below(root, std::string(system.path)), file_limit);
  if (own && own->contains(path)) return {};
  return scaffold::pipeline_wiring(system, service.request.name, service.directory);
}

}  // namespace

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
  const auto neighbours = neighbours_of(env, service);
  const pipeline::System& system =
      flags.ci.empty() ? *usual_system(env, root, neighbours) : *pipeline::find_system(flags.ci);
  const std::string path = scaffold::pipeline_path(system, service.request.name, service.directory);
  if (const auto link = link_on_the_way(env, root, path); !link.empty())
    return stop(env, Exit::input, fmt::format("'{}' is a symbolic link", text::printable(link)),
                "the pipeline would be written through it; name another system with --ci, or none");
  auto text = scaffold::pipeline_file(system, service.request.name, service.stack, service.directory, tree);
  if (!text && !flags.ci.empty())
    return stop(env, Exit::input, "the template has no Dockerfile, so there is nothing to build in a pipeline",
                "leave out --ci, or add one to the template");
  if (!text) return {};
  if (const auto ok = check_label(env, system, service, neighbours); !ok) return ok;
  service.pipeline_wiring = wiring_of(env, system, service, root, path);
  if (const std::string top = repository_above(env.files, root); !top.empty()) {
    const std::string folder = std::filesystem::path{env.files.absolute(root)}.lexically_relative(top).string();
    service.notes.push_back(fmt::format(
        "the repository begins at '{}', and '{}' takes '{}' for its root: write '{}/' before its paths{}",
        text::printable(top), text::printable(path), text::printable(env.files.absolute(root)),
        text::printable(folder),
        path.starts_with(service.directory + "/")
            ? ""
            : fmt::format(", and move it to '{}', where it is looked for", text::printable(below(top, path)))));
  }
  service.pipeline = below(root, path);
  service.pipeline_file = {std::move(*text)};
  return {};
}

}  // namespace apigw::cli
