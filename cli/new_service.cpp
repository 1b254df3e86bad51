#include "new_service.h"

#include <algorithm>
#include <filesystem>
#include <istream>
#include <ostream>

#include "base/text.h"
#include "config/grammar.h"
#include "document_routes.h"
#include "import/config_draft.h"
#include "project.h"
#include "render/yaml_writer.h"
#include "scaffold/existing.h"
#include "service_entry.h"
#include "service_tree.h"

namespace apigw::cli {
namespace {

constexpr std::size_t file_limit = 64 << 20;

using Done = std::expected<void, Exit>;

std::unexpected<Exit> stop(Env& env, Exit exit, std::string_view message, std::string_view help = {}) {
  return std::unexpected(complain(env, exit, message, help));
}

std::string words(const auto& rows, auto word) {
  std::vector<std::string> all;
  for (const auto& row : rows) all.emplace_back(word(row));
  return text::join(all, ", ");
}

std::string language_list() {
  return words(scaffold::languages(), [](const scaffold::Language& row) { return row.word; });
}

// The answer of a person, or an error that lists the languages.
std::expected<std::string, Exit> ask_language(Env& env, const Globals& globals) {
  if (!env.terminal.in || !env.terminal.err || globals.no_input)
    return stop(env, Exit::input, "the language is missing", fmt::format("give --lang one of {}", language_list()));
  env.err << fmt::format("Language ({}): ", language_list());
  std::string line;
  std::getline(env.in, line);
  std::string word = text::lower(text::trim(line));
  if (scaffold::find_language(word) == nullptr)
    return stop(env, Exit::input, fmt::format("'{}' is none of the languages", text::printable(word)),
                fmt::format("give --lang one of {}", language_list()));
  return word;
}

// A path below the project in its shortest form, or nothing.
std::string directory_below(const std::string& written) {
  if (written.empty() || written.starts_with('/')) return {};
  for (const std::string_view part : text::split(written, '/'))
    if (part == "..") return {};
  std::string normal = std::filesystem::path{written}.lexically_normal().string();
  while (normal.ends_with('/')) normal.pop_back();
  return normal == "." || text::printable(normal, 4096) != normal ? std::string{} : normal;
}

Done check_links(Env& env, const NewService& service, const std::vector<std::string>& paths) {
  for (const std::string& path : paths)
    if (const auto link = link_on_the_way(env, folder_of_config(service.config.path), below(service.directory, path));
        !link.empty())
      return stop(env, Exit::input, fmt::format("'{}' is a symbolic link", text::printable(link)),
                  "the service is written into its own folder only; name another one with --dir");
  return {};
}

std::expected<std::vector<scaffold::Call>, Exit> calls_of(Env& env, const ServiceFlags& flags) {
  std::vector<scaffold::Call> calls;
  if (flags.calls.empty()) return calls;
  for (const std::string_view part : text::split(flags.calls, ',')) {
    const std::string name(text::trim(part));
    if (!config::is_name(name) || name == flags.name)
      return stop(env, Exit::input, fmt::format("--calls: '{}' is not another service's name", text::printable(name)),
                  "give names of services, as in --calls stock,prices");
    if (std::ranges::find(calls, name, &scaffold::Call::name) == calls.end())
      calls.push_back({name, model::url_variable(name)});
  }
  return calls;
}

// Where the config has a service that was made by this command, as --dir would say it; else the usual place.
std::string usual_directory(Env& env, const NewService& service) {
  std::string usual = "services/" + service.request.name;
  const model::Service* const there = service_in(service.project, service.request.name);
  if (there == nullptr || !there->run) return usual;
  const std::string base = env.files.absolute(folder_of_config(service.config.path));
  const std::string place = env.files.absolute(there->run->directory);
  const bool ours = place.starts_with(base + "/") && env.files.exists(below(place, std::string(scaffold::lock_name)));
  return ours ? place.substr(base.size() + 1) : usual;
}

// A framework brings its language.
Done check_framework(Env& env, const ServiceFlags& flags) {
  if (flags.framework.empty()) return {};
  const scaffold::Language& row = *scaffold::find_framework(flags.framework);
  if (!flags.language.empty() && flags.language != row.of)
    return stop(
        env, Exit::input, fmt::format("{} is a framework of {}", row.title, row.of),
        fmt::format("leave out --lang {}, or take its standard library and leave out --framework", flags.language));
  if (!flags.kind.empty() && flags.kind != "http")
    return stop(env, Exit::input, "--framework is for services of kind http",
                "a worker answers no calls; leave it out");
  return {};
}

// A template of the user's own says itself what it is.
Done check_origin(Env& env, const ServiceFlags& flags) {
  if (flags.origin.empty() || (flags.language + flags.framework + flags.kind).empty()) return {};
  return stop(env, Exit::input, "--template says what the service is made of",
              "leave out --lang, --framework and --kind, or leave out --template");
}

// What the flags say, apart from the project.
std::expected<NewService, Exit> read_flags(Env& env, const Globals& globals, const ServiceFlags& flags) {
  if (!config::is_name(flags.name))
    return stop(env, Exit::input, fmt::format("'{}' is not a service name", text::printable(flags.name)),
                "a letter or digit, then letters, digits, '.', '_' and '-', at most 64");
  if (!render::reads_as_text(flags.name))
    return stop(env, Exit::input, fmt::format("'{}' means something else than a name in YAML", flags.name),
                "choose another name, as in my-service");
  auto config =
      read_config(env, globals, "new service", flags.tree.dry_run || flags.tree.diff ? Intent::look : Intent::write);
  if (!config) return std::unexpected(config.error());
  auto calls = calls_of(env, flags);
  if (!calls) return std::unexpected(calls.error());
  if (const auto ok = check_origin(env, flags); !ok) return std::unexpected(ok.error());
  if (const auto ok = check_framework(env, flags); !ok) return std::unexpected(ok.error());
  NewService service{.config = std::move(*config)};
  const std::string language(flags.framework.empty() ? flags.language
                                                     : scaffold::find_framework(flags.framework)->of);
  service.request = {.name = flags.name,
                     .language = language,
                     .framework = flags.framework,
                     .kind = flags.kind,
                     .calls = std::move(*calls)};
  service.project = project_of(env, globals, service.config);
  service.directory = directory_below(flags.directory.empty() ? usual_directory(env, service) : flags.directory);
  if (service.directory.empty())
    return stop(env, Exit::input,
                fmt::format("--dir '{}' is not a folder below the project's", text::printable(flags.directory)),
                "write it relative to apigw.yaml and without '..', as in services/stock");
  service.folder = below(folder_of_config(service.config.path), service.directory);
  if (env.files.exists(service.folder) && !env.files.directory(service.folder))
    return stop(env, Exit::input, fmt::format("'{}' is a file", text::printable(service.folder)),
                "name another folder with --dir");
  return service;
}

Done read_route(Env& env, const ServiceFlags& flags, NewService& service) {
  if (service.request.kind != "http") {
    if (flags.route.empty()) return {};
    return stop(env, Exit::input, "--route is for services of kind http", "a worker answers no calls; leave it out");
  }
  auto route = route_prefix(env, flags.route, flags.name);
  if (!route) return std::unexpected(route.error());
  service.route = std::move(*route);
  return {};
}

Result<std::optional<scaffold::Lock>> read_lock(const Env& env, const std::string& path) {
  if (!env.files.exists(path)) return std::optional<scaffold::Lock>{};
  const auto text = env.files.read(path, file_limit);
  if (!text) return std::unexpected(text.error());
  auto lock = scaffold::read_lock(*text);
  if (!lock) return fail(ErrorKind::invalid, fmt::format("'{}': {}", path, lock.error().what));
  return std::move(*lock);
}

// "in python on fastapi"
std::string made_of(const scaffold::Lock& lock) {
  if (!lock.origin.empty()) return fmt::format("of the template '{}'", lock.origin);
  return fmt::format("in {}{}{}", lock.language, lock.framework.empty() ? "" : " on ", lock.framework);
}

// Language and kind of a service that is there; a flag that says otherwise is refused.
Done settle(Env& env, const Globals& globals, const ServiceFlags& flags, const std::optional<scaffold::Lock>& lock,
            NewService& service) {
  scaffold::ServiceRequest& request = service.request;
  if (lock) {
    const bool other = lock->name != request.name || (!flags.origin.empty() && lock->origin.empty()) ||
                       (!request.language.empty() && request.language != lock->language) ||
                       (!request.framework.empty() && request.framework != lock->framework) ||
                       (!request.kind.empty() && request.kind != lock->kind);
    if (other)
      return stop(
          env, Exit::input,
          fmt::format("'{}' holds service '{}' {}, kind {}", text::printable(service.folder),
                      text::printable(lock->name), text::printable(made_of(*lock)), text::printable(lock->kind)),
          "name another folder with --dir, or remove that one first");
    if (!request.calls.empty())
      return stop(env, Exit::input, fmt::format("service '{}' is there already: --calls has no use", request.name),
                  "change `calls:` in the config; its code is yours");
    request.language = lock->language;
    request.framework = lock->framework;
    request.kind = lock->kind;
    service.again = true;
    return {};
  }
  if (request.kind.empty()) request.kind = "http";
  if (!request.language.empty() || !flags.origin.empty()) return {};
  auto language = ask_language(env, globals);
  if (!language) return std::unexpected(language.error());
  request.language = std::move(*language);
  return {};
}

std::expected<std::map<std::string, std::string>, Exit> read_present(Env& env, const std::string& folder,
                                                                     const std::vector<std::string>& paths) {
  std::map<std::string, std::string> present;
  for (const std::string& path : paths) {
    const std::string whole = below(folder, path);
    if (!env.files.exists(whole)) continue;
    auto content = env.files.read(whole, file_limit);
    if (!content) return stop(env, exit_of_file(content.error()), content.error().what);
    present[path] = std::move(*content);
  }
  return present;
}

// Files in the folder, or in one below it, that are a program's and not of `tree`.
std::vector<std::string> other_program(const Env& env, const std::string& folder, const render::FileTree& tree) {
  std::vector<std::string> found;
  for (const std::string_view telling : scaffold::telling_files())
    if (env.files.exists(below(folder, std::string(telling)))) found.emplace_back(telling);
  for (const char* pattern : {"*", "*/*"})
    for (const std::string& path : env.files.glob(below(folder, pattern)))
      if (scaffold::is_source(path)) found.push_back(path.substr(below(folder, "").size()));
  std::ranges::sort(found);
  const auto twice = std::ranges::unique(found);
  found.erase(twice.begin(), twice.end());
  std::erase_if(found, [&](const std::string& path) { return tree.contains(path); });
  return found;
}

Done refuse_edited(Env& env, const NewService& service) {
  constexpr std::size_t most_named = 5;
  const auto& edited = service.update.edited;
  std::vector<std::string> named;
  for (std::size_t i = 0; i < std::min(most_named, edited.size()); ++i)
    named.push_back(fmt::format("'{}'", text::printable(below(service.folder, edited[i]))));
  if (edited.size() > most_named) named.push_back(fmt::format("{} more", edited.size() - most_named));
  const std::string list = text::join(named, ", ");
  const bool one = edited.size() == 1;
  if (service.again)
    return stop(
        env, Exit::input,
        fmt::format("{} {} edited since {} written", list, one ? "was" : "were", one ? "it was" : "they were"),
        "--diff shows what would change, --force replaces; nothing was written");
  return stop(
      env, Exit::input, fmt::format("{} {} there already", list, one ? "is" : "are"),
      fmt::format("a service that is there comes in with: apigw add service {}; --force writes around your "
                  "files, and replaces what is in runtime/, Dockerfile and .dockerignore; nothing was written",
                  text::shell_word(service.folder)));
}

// Whether the config's entry of that name is this very folder.
bool same_folder(const Env& env, const NewService& service, const model::Service& there) {
  return there.run && env.files.absolute(there.run->directory) == env.files.absolute(service.folder);
}

// An entry that is there must be this command's: of this folder, and without a lock of what is written now.
Done check_entry(Env& env, const NewService& service) {
  const model::Service* const there = service_in(service.project, service.request.name);
  if (there == nullptr) return {};
  const bool here = same_folder(env, service, *there);
  if (here && (service.again || there->run->command == service.stack.run)) return {};
  return stop(
      env, Exit::input,
      fmt::format(
          "service '{}' is in {} already, {}", service.request.name, text::printable(service.config.path),
          here ? fmt::format("and starts with '{}'", text::printable(there->run->command, 80)) : "at another place"),
      "choose another name, or take it out first");
}

Done plan_files(Env& env, const Globals& globals, const ServiceFlags& flags, NewService& service) {
  if (const auto ok = check_links(env, service, {std::string(scaffold::lock_name)}); !ok) return ok;
  const auto lock = read_lock(env, below(service.folder, std::string(scaffold::lock_name)));
  if (!lock)
    return stop(env, lock.error().kind == ErrorKind::invalid ? Exit::input : exit_of_file(lock.error()),
                lock.error().what, "remove it to begin anew with --force; your own files are kept");
  if (const auto ok = settle(env, globals, flags, *lock, service); !ok) return ok;
  auto tree = make_tree(env, globals, flags, *lock, service);
  if (!tree) return std::unexpected(tree.error());
  if (const auto ok = check_entry(env, service); !ok) return ok;
  std::vector<std::string> paths;
  for (const auto& [path, file] : *tree) paths.push_back(path);
  if (*lock)
    for (const auto& [path, hash] : (*lock)->owned)
      if (!tree->contains(path)) paths.push_back(path);
  if (const auto ok = check_links(env, service, paths); !ok) return ok;
  const auto present = read_present(env, service.folder, paths);
  if (!present) return std::unexpected(present.error());
  const scaffold::Lock next = scaffold::lock_of(service.request, *tree, APIGW_VERSION);
  if (const auto ok = make_pipeline(env, flags, *tree, service); !ok) return ok;
  const auto others = *lock ? std::vector<std::string>{} : other_program(env, service.folder, *tree);
  service.update = scaffold::update(std::move(*tree), *lock, *present);
  service.update.edited.insert(service.update.edited.end(), others.begin(), others.end());
  if (!service.update.edited.empty() && !flags.tree.force && !flags.tree.diff) return refuse_edited(env, service);
  service.files = service.update.files;
  service.lock.content = scaffold::write_lock(next);
  return {};
}

// A worker is called by nobody, which is a finding for every other service.
constexpr std::string_view worker_note = "# apigw-ignore AGW336: a worker, called by nobody";

render::Value entry_of(const ServiceFlags& flags, const NewService& service) {
  std::vector<std::string> calls;
  for (const scaffold::Call& call : service.request.calls) calls.push_back(call.name);
  const scaffold::Stack& stack = service.stack;
  render::Value fields = import::object();
  import::put(fields, "run", import::text(import::literal(stack.run)));
  import::put(fields, "dir", import::text(import::literal(service.directory)));
  import::put(fields, "health", import::text(import::literal(stack.health)));
  if (const auto port = text::parse_number(flags.port)) import::put(fields, "port", import::number(*port));
  if (!calls.empty()) import::put(fields, "calls", import::texts(calls));
  return fields;
}

// A route for each path of its document, none for its health and metrics; without a document one for all.
Result<std::vector<std::string>> routes_of(const Env& env, NewService& service) {
  constexpr std::string_view document = "openapi.json";
  const std::string path = below(service.folder, std::string(document));
  std::string content;
  if (const auto made = service.files.find(std::string(document)); made != service.files.end()) {
    content = made->second.content;
  } else if (env.files.exists(path)) {
    auto there = env.files.read(path, file_limit);
    if (!there) return std::unexpected(there.error());
    content = std::move(*there);
  }
  DocumentRoutes read;
  if (!content.empty()) read = read_document_routes(path, content, service.route);
  std::ranges::move(read.notes, std::back_inserter(service.notes));
  if (read.keys.empty()) read.keys.push_back(service.route + "/**");
  return std::move(read.keys);
}

Done plan_config(Env& env, const Globals& globals, const ServiceFlags& flags, NewService& service) {
  ConfigEdit& config = service.config;
  if (service_in(service.project, service.request.name) != nullptr) {  // its lines are the user's
    if (!globals.quiet && (!flags.route.empty() || !flags.port.empty()))
      env.err << fmt::format("note: service '{}' is in {} already: {} changed nothing there; edit its lines\n",
                             service.request.name, text::printable(config.path),
                             flags.route.empty()  ? "--port"
                             : flags.port.empty() ? "--route"
                                                  : "--route and --port");
    return {};
  }
  const bool worker = service.route.empty();
  if (const auto ok = add_entry(env, config, "services", service.request.name, entry_of(flags, service),
                                worker ? worker_note : "");
      !ok)
    return ok;
  if (!worker) {
    const auto routes = routes_of(env, service);
    if (!routes) return stop(env, exit_of_file(routes.error()), routes.error().what);
    if (const auto ok = add_routes(env, config, *routes, service.request.name, service.route); !ok) return ok;
  }
  return check_service(env, globals, config, service.request.name);
}

}  // namespace

std::expected<NewService, Exit> plan_service(Env& env, const Globals& given, const ServiceFlags& flags) {
  Globals globals = given;  // --set is for the template here, and not for the config
  globals.sets.clear();
  auto service = read_flags(env, globals, flags);
  if (!service) return service;
  if (const auto ok = plan_files(env, given, flags, *service); !ok) return std::unexpected(ok.error());
  if (const auto ok = check_port(env, flags.port); !ok) return std::unexpected(ok.error());
  if (const auto ok = read_route(env, flags, *service); !ok) return std::unexpected(ok.error());
  if (const auto ok = plan_config(env, globals, flags, *service); !ok) return std::unexpected(ok.error());
  return service;
}

std::expected<std::vector<Step>, Exit> write_service(Env& env, const ServiceFlags& flags, const NewService& service) {
  const bool dry = flags.tree.dry_run || flags.tree.diff;
  const auto replaces = [](const std::string& path) { return scaffold::owned(path) || path == scaffold::lock_name; };
  const auto write = [&](const render::FileTree& files) {
    auto steps = write_tree(env, files, service.folder, flags.tree, replaces);
    if (steps)
      for (Step& step : *steps) step.path = below(service.folder, step.path);
    return steps;
  };
  auto steps = write(service.files);
  if (!steps) return steps;
  for (const std::string& path : service.update.obsolete) {
    const std::string whole = below(service.folder, path);
    if (!dry)
      if (const auto removed = env.files.remove(whole); !removed)
        return stop(env, exit_of_file(removed.error()), removed.error().what);
    steps->push_back({.path = whole, .change = Change::remove});
  }
  if (!service.pipeline.empty()) {
    auto pipeline = write_tree(env, {{service.pipeline, service.pipeline_file}}, "", flags.tree,
                               [](const std::string&) { return false; });
    if (!pipeline) return pipeline;
    steps->push_back(std::move(pipeline->front()));
  }
  const ConfigEdit& config = service.config;
  steps->push_back({.path = config.path,
                    .change = config.before == config.after ? Change::same
                              : config.before.empty()       ? Change::create
                                                            : Change::edit});
  if (flags.tree.diff) env.out << render::unified_diff(config.path, config.before, config.after);
  if (!dry)
    if (const auto written = write_config(env, config); !written) return std::unexpected(written.error());
  // Last, as it says that all the rest is there: a run that was broken off is taken up again by the next.
  auto lock = write({{std::string(scaffold::lock_name), service.lock}});
  if (!lock) return lock;
  steps->push_back(std::move(lock->front()));
  return steps;
}

}  // namespace apigw::cli
