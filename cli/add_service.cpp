#include "add_service.h"

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "config/grammar.h"
#include "document_routes.h"
#include "import/config_draft.h"
#include "import/endpoints.h"
#include "project.h"
#include "render/yaml_writer.h"
#include "service_entry.h"
#include "shown_address.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 10 << 20;

constexpr std::string_view documents[] = {"openapi.json",      "openapi.yaml",      "openapi.yml",
                                          "api/openapi.json",  "api/openapi.yaml",  "api/openapi.yml",
                                          "docs/openapi.json", "docs/openapi.yaml", "docs/openapi.yml"};

using Done = std::expected<void, Exit>;

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

bool is_address(std::string_view place) {
  return place.contains("://");
}

Done take_name(Env& env, const AddedFlags& flags, std::string_view usual, AddedService& service) {
  service.name = flags.name.empty() ? std::string(usual) : flags.name;
  if (config::is_name(service.name) && !render::reads_as_text(service.name))
    return stop(env, Exit::input, fmt::format("'{}' means something else than a name in YAML", service.name),
                "give another with --name");
  if (config::is_name(service.name)) return {};
  return stop(env, Exit::input,
              service.name.empty() ? "the address has no name in it"
                                   : fmt::format("'{}' is not a service name", text::printable(service.name)),
              "give one with --name: a letter or digit, then letters, digits, '.', '_' and '-', at most 64");
}

std::expected<std::map<std::string, std::string, std::less<>>, Exit> read_folder(Env& env,
                                                                                 const std::string& folder) {
  std::map<std::string, std::string, std::less<>> files;
  const auto take = [&](std::string_view path) -> Done {
    const std::string whole = (std::filesystem::path{folder} / path).string();
    if (!env.files.exists(whole) || env.files.directory(whole)) return {};
    auto content = env.files.read(whole, file_limit);
    if (!content) return stop(env, exit_of_file(content.error()), content.error().what);
    files.emplace(path, std::move(*content));
    return {};
  };
  for (const std::string_view path : scaffold::telling_files())
    if (const auto done = take(path); !done) return std::unexpected(done.error());
  const auto document = std::ranges::find_if(documents, [&](std::string_view path) {
    return env.files.exists((std::filesystem::path{folder} / path).string());
  });
  if (document != std::end(documents))
    if (const auto done = take(*document); !done) return std::unexpected(done.error());
  return files;
}

std::string normal(const Env& env, const std::string& folder) {
  const auto path = std::filesystem::path{env.files.absolute(folder)}.lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).string();
}

// The folder as the config names it.
std::string folder_word(const Env& env, const AddedFlags& flags, const AddedService& service) {
  const std::filesystem::path place = normal(env, flags.place);
  return place.lexically_relative(normal(env, folder_of_config(service.config.path))).string();
}

// A port that something of this project has already is left to `apigw run`.
bool is_taken(const model::PlanPtr& project, std::uint16_t port) {
  if (port == 8080 || port == 8081) return true;  // the gateway's own, unless told otherwise
  return project != nullptr &&
         std::ranges::any_of(project->services, [&](const model::Service& one) { return one.port == port; });
}

Done plan_folder(Env& env, const AddedFlags& flags, AddedService& service) {
  if (!env.files.directory(flags.place))
    return stop(env, Exit::input, fmt::format("'{}' is no folder", text::printable(flags.place)),
                "give the folder of a service, or an address such as http://127.0.0.1:9001");
  const std::string word = folder_word(env, flags, service);
  const std::string usual = std::filesystem::path{normal(env, flags.place)}.filename().string();
  if (const auto done = take_name(env, flags, usual, service); !done) return done;
  const auto prefix = route_prefix(env, flags.route, service.name);
  if (!prefix) return std::unexpected(prefix.error());
  auto files = read_folder(env, flags.place);
  if (!files) return std::unexpected(files.error());
  service.found = scaffold::existing(*files);
  if (!flags.run.empty()) service.found.run = flags.run;
  if (service.found.run.empty())
    return stop(env, Exit::input, fmt::format("nothing in '{}' tells how it starts", text::printable(flags.place)),
                "give the command with --run, as in --run './server'; PORT is set for it");
  for (const std::string_view document : documents)
    if (const auto content = files->find(document); content != files->end()) {
      DocumentRoutes read = read_document_routes(std::string(document), content->second, *prefix);
      if (read.readable) service.document = document;
      service.health = std::move(read.health);
      service.routes = std::move(read.keys);
      service.notes = std::move(read.notes);
      break;
    }
  if (service.found.port && flags.port.empty() && is_taken(service.project, *service.found.port)) {
    service.notes.push_back(fmt::format("{}: port {} is taken here, so PORT is set to a free one",
                                        service.found.port_from, *service.found.port));
    service.found.port.reset();
  }
  render::Value fields = import::object();
  import::put(fields, "run", import::text(import::literal(service.found.run)));
  import::put(fields, "dir", import::text(import::literal(word)));
  if (!service.health.empty()) import::put(fields, "health", import::text(service.health));
  const std::optional<std::uint64_t> port =
      flags.port.empty() ? std::optional<std::uint64_t>(service.found.port) : text::parse_number(flags.port);
  if (port) import::put(fields, "port", import::number(*port));
  service.entry = std::move(fields);
  if (service.routes.empty()) service.routes.push_back(*prefix + "/**");
  return {};
}

Done plan_address(Env& env, const AddedFlags& flags, AddedService& service) {
  if (!flags.run.empty() || !flags.port.empty())
    return stop(env, Exit::input, "--run and --port are for a folder",
                "a service at an address is called where it is");
  std::string why;
  const auto address = import::read_address(flags.place, why);
  if (!address)
    return stop(env, Exit::input, fmt::format("'{}': {}", shown_address(flags.place), why),
                "give an address such as http://stock.internal.example:9001");
  if (const auto done = take_name(env, flags, import::host_name(address->host), service); !done) return done;
  const auto prefix = route_prefix(env, flags.route, service.name);
  if (!prefix) return std::unexpected(prefix.error());
  service.entry = import::object();
  import::put(service.entry, "url", import::text(import::literal(address->url)));
  service.routes.push_back(*prefix + "/**");
  return {};
}

// Whether the config has it already, at this place; another one of that name is refused.
std::expected<bool, Exit> is_there(Env& env, const Globals& globals, const AddedFlags& flags,
                                   const AddedService& service) {
  const model::Service* const there = service_in(service.project, service.name);
  if (there == nullptr) return false;
  const auto alone =
      load_text(env, globals, service.config.path,
                fmt::format("apigw: 1\nservices:\n  {}: {}\n", service.name, render::write_yaml_line(service.entry)));
  const model::Service* const made = service_in(alone.plan, service.name);
  const auto same_address = [&] {
    return made != nullptr && !there->run && there->instances == made->instances &&
           there->base_path == made->base_path;
  };
  const bool same = is_address(flags.place)
                        ? same_address()
                        : there->run && normal(env, there->run->directory) == normal(env, flags.place);
  if (same) return true;
  return stop(env, Exit::input,
              fmt::format("service '{}' is in {} already, at another place", service.name,
                          text::printable(service.config.path)),
              "choose another name with --name, or take it out first");
}

Done plan_lines(Env& env, const Globals& globals, const AddedFlags& flags, AddedService& service) {
  ConfigEdit& config = service.config;
  if (const auto ok = add_entry(env, config, "services", service.name, service.entry); !ok) return ok;
  const auto prefix = route_prefix(env, flags.route, service.name);
  if (!prefix) return std::unexpected(prefix.error());
  if (const auto ok = add_routes(env, config, service.routes, service.name, *prefix); !ok) return ok;
  return check_service(env, globals, config, service.name);
}

}  // namespace

std::expected<AddedService, Exit> plan_added(Env& env, const Globals& globals, const AddedFlags& flags) {
  auto config = read_config(env, globals, "add service", flags.dry_run || flags.diff ? Intent::look : Intent::write);
  if (!config) return std::unexpected(config.error());
  AddedService service{.config = std::move(*config)};
  service.project = project_of(env, globals, service.config);
  if (const auto ok = check_port(env, flags.port); !ok) return std::unexpected(ok.error());
  const auto planned = is_address(flags.place) ? plan_address(env, flags, service) : plan_folder(env, flags, service);
  if (!planned) return std::unexpected(planned.error());
  const auto there = is_there(env, globals, flags, service);
  if (!there) return std::unexpected(there.error());
  service.again = *there;
  if (service.again) {  // its lines are the user's
    service.notes.clear();
    return service;
  }
  if (const auto ok = plan_lines(env, globals, flags, service); !ok) return std::unexpected(ok.error());
  return service;
}

}  // namespace apigw::cli
