// apigw emit TARGET: the config as files of another program; written under a lock, or printed as one stream.
#include <algorithm>
#include <ostream>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "command.h"
#include "emit/bundle.h"
#include "emit_files.h"
#include "emit_pipeline.h"
#include "output.h"
#include "project.h"
#include "repository.h"

namespace apigw::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view usual_version = "1.30", usual_store = "secrets";

struct Flags {
  std::string target, to = "-", only, name_space, version{usual_version}, secrets = "ref", secret_store{usual_store},
                      cni, ingress, monitoring, implementation, gateway_class;
  PipelineFlags pipeline;
  bool strict = false, check = false, create_namespace = false, no_cpu_limit = false;
  TreeFlags tree;
};

const emit::RosterRow* find_target(std::string_view word) {
  const auto rows = emit::roster();
  const auto found = std::ranges::find(rows, word, &emit::RosterRow::word);
  return found == rows.end() ? nullptr : &*found;
}

std::optional<emit::Version> version_of(std::string_view text) {
  const auto dot = text.find('.');
  const auto major = text::parse_number(text.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::nullopt : text::parse_number(text.substr(dot + 1));
  if (!major || !minor || *major != 1 || *minor < 27 || *minor > 99) return std::nullopt;
  return emit::Version{1, static_cast<unsigned>(*minor)};
}

// Names behind "${" in a config's text; "$${" is no reference.
void collect_variables(std::string_view text, const config::Environment& environment,
                       std::map<std::string, std::string>& out) {
  for (auto at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    if (at > 0 && text[at - 1] == '$') continue;
    const std::string_view rest = text.substr(at + 2);
    const auto value = environment.find(rest.substr(0, rest.find_first_of(":}")));
    if (value != environment.end() && !value->second.empty()) out.emplace(value->first, value->second);
  }
}

// The files that a gateway reads when it starts, the config first; tests of prompts are for people.
std::expected<std::vector<emit::ConfigFile>, Exit> files_of(Env& env, const config::Request& request,
                                                            const config::Loaded& loaded) {
  const auto slash = request.path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : request.path.substr(0, slash + 1);
  std::vector<emit::ConfigFile> out;
  const bool piped = request.path == "-" || env.files.stream(request.path);
  if (piped) out.push_back({std::string{default_config}, *request.text});
  for (const std::string& path : loaded.files) {
    if (path.ends_with(".test.yaml") || (piped && path == request.path)) continue;
    const std::string_view seen = path.starts_with(folder) ? std::string_view(path).substr(folder.size()) : "..";
    if (seen.starts_with("/") || seen.starts_with(".."))
      return std::unexpected(complain(env, Exit::input,
                                      fmt::format("'{}' lies outside the folder of the config", path),
                                      "only what lies below it travels with the gateway: move it there"));
    auto text = env.files.read(path, config_limit);
    if (!text) return std::unexpected(complain(env, exit_of_file(text.error()), text.error().what));
    out.push_back({std::string(seen), std::move(*text)});
  }
  return out;
}

// The config twice: as it stands, which says what is deployed, and as the gateway will read it there. `request` keeps
// what the second reading was told.
std::expected<config::Loaded, Exit> load_deployed(Env& env, const Globals& globals, config::Request& request,
                                                  const emit::Emitter& emitter) {
  auto loaded = load_project(env, globals, request);
  if (!loaded) return loaded;
  const auto sets = emitter.sets != nullptr ? emitter.sets(*loaded->plan) : emit::deployed_sets(*loaded->plan);
  request.asked_sets = request.sets.size();
  request.sets.insert(request.sets.end(), sets.begin(), sets.end());
  auto deployed = load_project(env, globals, request);
  if (!deployed && !globals.quiet)
    env.err << " help: this is how it reads where it is deployed: listening off loopback, with services beside it\n";
  return deployed;
}

// The flags that shaped what a pipeline compares, as it must say them again.
std::string shaping_flags(const Flags& flags) {
  std::string out;
  if (!flags.name_space.empty()) out += " --namespace " + flags.name_space;
  if (flags.create_namespace) out += " --create-namespace";
  if (flags.secrets != "ref") out += " --secrets " + flags.secrets;
  if (flags.secret_store != usual_store) out += " --secret-store " + flags.secret_store;
  if (!flags.cni.empty()) out += " --cni " + flags.cni;
  if (!flags.ingress.empty()) out += " --ingress " + flags.ingress;
  if (!flags.monitoring.empty()) out += " --monitoring " + flags.monitoring;
  if (flags.no_cpu_limit) out += " --no-cpu-limit";
  if (flags.version != usual_version) out += " --kube-version " + flags.version;
  return out;
}

emit::Secrets secrets_of(std::string_view word) {
  return word == "stub"               ? emit::Secrets::stub
         : word == "external-secrets" ? emit::Secrets::external
         : word == "sealed"           ? emit::Secrets::sealed
                                      : emit::Secrets::ref;
}

struct Task {
  config::Loaded loaded;
  emit::Options options;
};

std::expected<Task, Exit> task_of(Env& env, const Globals& globals, const Flags& flags,
                                  const emit::Emitter& emitter) {
  auto asked = project_request(env, globals);
  if (!asked) return std::unexpected(asked.error());
  if (asked->path.empty())
    return std::unexpected(
        complain(env, Exit::input, "there is no config to write from", "name one with -c, or make one: apigw init"));
  if (const auto read = read_text(env, *asked); !read) return std::unexpected(read.error());
  auto request = *asked;
  auto deployed =
      emitter.as_written ? load_project(env, globals, request) : load_deployed(env, globals, request, emitter);
  if (!deployed) return std::unexpected(deployed.error());
  auto files = files_of(env, request, *deployed);
  if (!files) return std::unexpected(files.error());
  Task task{
      .loaded = std::move(*deployed),
      .options = {.files = std::move(*files),
                  .sets = request.sets,
                  .only = flags.only,
                  .name_space = flags.name_space,
                  .create_namespace = flags.create_namespace,
                  .cpu_limit = !flags.no_cpu_limit,
                  .secrets = secrets_of(flags.secrets),
                  .secret_store = flags.secret_store,
                  .network = flags.cni == "cilium" ? emit::Network::cilium : emit::Network::kubernetes,
                  .ingress = flags.ingress,
                  .monitoring = flags.monitoring,
                  .kubernetes = *version_of(flags.version),
                  .implementation = flags.implementation == "envoy-gateway" ? emit::Implementation::envoy_gateway
                                                                            : emit::Implementation::none,
                  .gateway_class = flags.gateway_class}};
  if (emitter.pipeline)
    task.options.pipeline = pipeline_options(env, flags.pipeline, shaping_flags(flags), *task.loaded.plan);
  for (const emit::ConfigFile& file : task.options.files)
    if (file.path.ends_with(".yaml") || file.path.ends_with(".yml"))
      collect_variables(file.text, env.environment, task.options.variables);
  for (const std::string& profile : emitter.profiles ? task.loaded.profiles : std::vector<std::string>{}) {
    auto variant = *asked;
    variant.profile = profile;
    const auto loaded = load_deployed(env, globals, variant, emitter);
    if (!loaded) {
      if (!globals.quiet) env.err << fmt::format(" help: this is so with profile '{}'\n", text::printable(profile));
      return std::unexpected(loaded.error());
    }
    task.options.variants.push_back({profile, loaded->plan, variant.sets});
  }
  return task;
}

// Of Kubernetes, or none.
bool is_namespace(std::string_view s) {
  const bool letters =
      std::ranges::all_of(s, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
  return letters && s.size() <= 63 && !s.starts_with('-') && !s.ends_with('-');
}

std::optional<Complaint> wrong_flag(const Globals& globals, const Flags& flags, const emit::Emitter& emitter) {
  if (!version_of(flags.version))
    return Complaint{fmt::format("'{}' is no version of Kubernetes that is written for", flags.version),
                     "1.27 or later, as in --kube-version 1.30"};
  for (const std::string& space : {flags.name_space, flags.monitoring})
    if (!is_namespace(space))
      return Complaint{fmt::format("'{}' is no namespace", text::printable(space, 80)),
                       "small letters, digits and '-' inside, at most 63"};
  if (flags.target != "gateway-api" && !(flags.implementation + flags.gateway_class).empty())
    return Complaint{fmt::format("'{}' has no Gateway", flags.target),
                     "--implementation and --gateway-class are for gateway-api"};
  const auto class_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  if (!std::ranges::all_of(flags.gateway_class, class_letter) || flags.gateway_class.size() > 253)
    return Complaint{fmt::format("'{}' is no class of Gateways", text::printable(flags.gateway_class, 80)),
                     "`kubectl get gatewayclass` lists them"};
  if (flags.secret_store != usual_store && flags.secrets != "external-secrets")
    return Complaint{"--secret-store is for --secrets external-secrets", "add it, or leave the store out"};
  if (flags.secret_store.empty() || !std::ranges::all_of(flags.secret_store, class_letter) ||
      flags.secret_store.size() > 253)
    return Complaint{fmt::format("'{}' is no name of a store", text::printable(flags.secret_store, 80)),
                     "small letters, digits, '-' and '.'; `kubectl get clustersecretstores` lists them"};
  const bool kubernetes = flags.target == "k8s" || flags.target == "kustomize" || flags.target == "helm";
  if (!std::ranges::all_of(flags.ingress, class_letter) || flags.ingress.size() > 253)
    return Complaint{fmt::format("'{}' is no class of Ingresses", text::printable(flags.ingress, 80)),
                     "`kubectl get ingressclass` lists them"};
  if (!(flags.cni + flags.ingress + flags.monitoring).empty() && !kubernetes && !emitter.pipeline)
    return Complaint{fmt::format("'{}' has no such objects", flags.target),
                     "--cni, --ingress and --monitoring are for k8s, kustomize and helm"};
  if (const auto wrong = wrong_pipeline_flag(globals, flags.pipeline, flags.target, emitter.pipeline)) return wrong;
  if (flags.to.empty()) return Complaint{"--to is empty", "name a folder, or '-' for stdout"};
  if (emitter.whole && flags.to == "-")
    return Complaint{fmt::format("what '{}' writes is a folder of files and no one stream", flags.target),
                     "name the folder: --to DIR"};
  if ((emitter.whole || emitter.as_written) && !flags.only.empty())
    return Complaint{fmt::format("'{}' is written whole", flags.target), "leave out --only"};
  if (emitter.profiles && !globals.profile.empty())
    return Complaint{fmt::format("'{}' holds every profile", flags.target), "leave out --profile"};
  if (flags.to == "-" && (flags.check || flags.tree.diff || flags.tree.dry_run || flags.tree.force))
    return Complaint{"--check, --diff, --dry-run and --force compare with a folder", "name it with --to DIR"};
  if (flags.to == "-" && !globals.output.empty())
    return Complaint{
        fmt::format("--output is for the list of written files, and stdout gets what '{}' writes as it is",
                    flags.target),
        "leave it out, or name a folder: --to DIR"};
  return std::nullopt;
}

bool only_is_known(const model::Plan& plan, const std::string& only) {
  return only.empty() || only == emit::gateway_name ||
         std::ranges::find(plan.services, only, &model::Service::name) != plan.services.end();
}

void print_findings(Env& env, const Globals& globals, const diag::Report& report, const diag::Sources& sources) {
  if (globals.quiet && !report.has_errors()) return;
  const auto format = env.terminal.err && report.has_errors() ? diag::Format::full : diag::Format::concise;
  env.err << diag::render(report, sources, format, env.terminal.color_err);
}

void print_stream(Env& env, const render::FileTree& tree) {
  bool first = true;
  for (const auto& [path, file] : tree) {
    if (tree.size() > 1 && !path.ends_with(".yaml")) continue;
    if (!std::exchange(first, false)) env.out << "---\n";
    env.out << file.content;
  }
}

Exit print_steps(Env& env, const Globals& globals, const std::vector<EmitStep>& steps) {
  ordered_json rows = ordered_json::array();
  for (const EmitStep& step : steps) rows.push_back({{"change", step.change}, {"path", step.path}});
  return write_table(env, globals, {.kind = "files", .columns = {{"change", "CHANGE"}, {"path", "FILE"}}}, rows);
}

Exit into_folder(Env& env, const Globals& globals, const Flags& flags, const render::FileTree& tree,
                 const emit::Options& options) {
  const EmitFolder folder{.path = flags.to,
                          .lock = {.tool = APIGW_VERSION, .target = flags.target, .source = source_hash(options)},
                          .partial = !options.only.empty()};
  const auto steps = plan_folder(env, tree, folder);
  if (!steps) return steps.error();
  const bool differs = std::ranges::any_of(*steps, &EmitStep::differs);
  if (flags.tree.diff) {
    print_diffs(env, tree, folder, *steps);
    return differs ? Exit::no : Exit::done;
  }
  std::vector<EmitStep> edited;
  std::ranges::copy_if(*steps, std::back_inserter(edited),
                       [](const EmitStep& step) { return step.change == "edited"; });
  if (flags.check) {
    std::vector<EmitStep> drift;
    std::ranges::copy_if(*steps, std::back_inserter(drift), &EmitStep::differs);
    if (const Exit printed = print_steps(env, globals, drift); printed != Exit::done) return printed;
    return differs ? complain(env, Exit::no, fmt::format("'{}' is not what the config says", flags.to),
                              "--diff shows how")
                   : Exit::done;
  }
  if (!edited.empty() && !flags.tree.force)
    return complain(env, Exit::no,
                    edited.size() == 1
                        ? fmt::format("'{}' was edited since it was written: nothing is changed", edited.front().path)
                        : fmt::format("'{}' and {} more were edited since they were written: nothing is changed",
                                      edited.front().path, edited.size() - 1),
                    "make the edit with deploy.patches, or give it up with --force; --diff shows it");
  if (!flags.tree.dry_run)
    if (const auto written = write_folder(env, tree, folder, *steps); !written) return written.error();
  return print_steps(env, globals, *steps);
}

Exit emit_target(Env& env, const Globals& globals, const Flags& flags) {
  const emit::RosterRow* target = find_target(flags.target);
  if (const auto wrong = wrong_flag(globals, flags, *target->emitter)) return complain(env, Exit::input, *wrong);
  auto task = task_of(env, globals, flags, *target->emitter);
  if (!task) return task.error();
  if (!only_is_known(*task->loaded.plan, flags.only))
    return complain(env, Exit::input, fmt::format("there is no service '{}'", text::printable(flags.only)),
                    "--only takes a name of services, or gateway");
  if (const std::string top = target->emitter->pipeline ? repository_above(env.files, ".") : ""; !top.empty())
    if (!globals.quiet)
      env.err << fmt::format(
          "note: the repository begins at '{}', and this pipeline takes '{}' for its root: run this there, and name "
          "the config with -c\n",
          text::printable(top), text::printable(env.files.absolute(".")));
  diag::Report report;
  const render::FileTree tree = target->emitter->emit(*task->loaded.plan, task->options, report);
  report.finish(task->loaded.sources);
  print_findings(env, globals, report, task->loaded.sources);
  if (report.has_errors()) return complain(env, Exit::input, "nothing was written");
  const bool lost = std::ranges::any_of(report.all(), [](const auto& finding) { return finding.code == 711; });
  if (flags.strict && lost) return complain(env, Exit::no, "something would be lost, and --strict refuses that");
  if (flags.to != "-") return into_folder(env, globals, flags, tree, task->options);
  print_stream(env, tree);
  return Exit::done;
}

std::string targets() {
  std::string out = "Targets\n";
  for (const emit::RosterRow& row : emit::roster())
    out += fmt::format("  {:<12} {}{}\n", row.word, row.emitter->summary, row.emitter->whole ? " (--to DIR)" : "");
  return out;
}

std::vector<std::string_view> target_words() {
  std::vector<std::string_view> words;
  for (const emit::RosterRow& row : emit::roster()) words.push_back(row.word);
  return words;
}

}  // namespace

extern const Command command_emit;
const Command command_emit = {
    .name = "emit",
    .summary = "write the files that deploy the services and the gateway",
    .details =
        "Every service with an image, and the gateway with its config. Without --to the objects go to stdout as one\n"
        "stream, where the target is one; a target that is a folder of files wants --to DIR. There emit.lock\n"
        "remembers what was written: a file that was edited since is not touched without --force, and the folder of\n"
        "another target not at all. A pipeline is written for the root of a repository: --to . puts it where its\n"
        "system looks. Its jobs run in the gateway's image, or in --image where services need more to start; they\n"
        "compare what --deploy names (made with the same flags) and deploy it.\n"
        "What a target cannot say is listed on stderr: AGW711 lost, AGW712 written only\n"
        "nearly.\n"
        "Exit code 1: an edited file; with --check, the folder is not what the config says; with --strict,\n"
        "a loss.\n\n"
        "Examples:\n"
        "  apigw emit k8s --profile prod | kubectl apply -f -\n"
        "  apigw emit k8s --to deploy --profile prod\n"
        "  apigw emit k8s --to deploy --profile prod --check\n"
        "  apigw emit compose --to compose\n"
        "  apigw emit github --to . --profile prod --deploy-from deploy",
    .job = Job::check,
    .table = targets,
    .declare = [](Options& options) -> std::function<Exit(Env&, const Globals&)> {
      auto flags = std::make_shared<Flags>();
      options.add({.names = "TARGET", .doc = "what to write for", .choices = target_words(), .required = true},
                  &flags->target);
      options.add({.names = "--to",
                   .doc = "folder to write into; '-' is stdout, the default where the target is one stream",
                   .value = "DIR",
                   .completes = "dirs"},
                  &flags->to);
      options.add({.names = "--only",
                   .doc = "one service, or gateway; the files of others stay",
                   .value = "NAME",
                   .completes = "services"},
                  &flags->only);
      options.add({.names = "--check", .doc = "write nothing; exit 1 when the folder is not what the config says"},
                  &flags->check);
      options.add({.names = "--strict", .doc = "write nothing and exit 1 when something is lost"}, &flags->strict);
      declare_tree_flags(options, flags->tree);
      options.add({.names = "--namespace", .doc = "namespace of the objects, over the config's", .value = "NAME"},
                  &flags->name_space);
      options.add({.names = "--create-namespace", .doc = "write the namespace, too"}, &flags->create_namespace);
      options.add({.names = "--secrets",
                   .doc = "only refer to secrets; write them without values; let the External Secrets Operator make "
                          "them; or say in the README how each is sealed (default ref)",
                   .value = "HOW",
                   .choices = {"ref", "stub", "external-secrets", "sealed"}},
                  &flags->secrets);
      options.add({.names = "--secret-store",
                   .doc = "of external-secrets: the ClusterSecretStore (default secrets)",
                   .value = "NAME"},
                  &flags->secret_store);
      options.add({.names = "--ingress",
                   .doc = "write an Ingress of that class that leads the gateway's host to it",
                   .value = "CLASS"},
                  &flags->ingress);
      options.add({.names = "--monitoring",
                   .doc = "write where the gateway's metrics are, and alerts on them, for the Prometheus of that "
                          "namespace",
                   .value = "NAMESPACE"},
                  &flags->monitoring);
      options.add({.names = "--cni",
                   .doc = "whose network policies: cilium's open hosts by name, those of Kubernetes port by port",
                   .value = "NAME",
                   .choices = {"kubernetes", "cilium"}},
                  &flags->cni);
      options.add({.names = "--no-cpu-limit", .doc = "let instances use more CPU than they ask for, without limit"},
                  &flags->no_cpu_limit);
      options.add(
          {.names = "--kube-version", .doc = "version of Kubernetes to write for (default 1.30)", .value = "VERSION"},
          &flags->version);
      options.add({.names = "--implementation",
                   .doc = "of gateway-api: only the standard channel, or Envoy Gateway's kinds, too (default none)",
                   .value = "NAME",
                   .choices = {"none", "envoy-gateway"}},
                  &flags->implementation);
      options.add({.names = "--gateway-class", .doc = "of gateway-api: the class of its Gateway", .value = "NAME"},
                  &flags->gateway_class);
      declare_pipeline_flags(options, flags->pipeline);
      return [flags](Env& env, const Globals& globals) { return emit_target(env, globals, *flags); };
    },
};

}  // namespace apigw::cli
