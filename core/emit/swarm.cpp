// `emit swarm`: a stack for `docker stack deploy`, which takes version 3.9 of the old format and refuses every key
// that it does not know: no file serves both it and Compose.
//
// Configs are immutable there, so their names carry the hash of their content; secrets are external and given by
// name.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/claims.h"
#include "emit/containers.h"
#include "emit/patches.h"
#include "render/fingerprint.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim own_claims[] = {
    {"deploy.gateway.scale", Claim::written},
    {"deploy.kubernetes.namespace", Claim::local},  // names the stack when it is deployed
};
constexpr auto claims = joined(container_claims, files_written, own_claims);

constexpr std::string_view user = "10001";

// As owner and by nobody else: a gateway refuses a secret that others may read.
Value grant(std::string_view source, std::string_view target, unsigned mode) {
  return object({{"source", source}, {"target", target}, {"uid", user}, {"gid", user}, {"mode", number(mode)}});
}

std::string secret_name(const Workload& workload, std::string_view key) {
  return fmt::format("{}-{}", workload.name, key);
}

Value environment(const Workload& workload) {
  Value out = object();
  for (const auto& [name, value] : workload.variables) put(out, name, text(literal(value)));
  if (!workload.gateway)
    for (const SecretVariable& secret : workload.secret_variables)
      put(out, secret.variable + "_FILE", text(fmt::format("{}{}", secret_folder, secret.key)));
  return out;
}

Value grants(const Workload& workload) {
  Value out = list();
  for (const SecretVariable& secret : workload.secret_variables)
    out.items.push_back(
        grant(secret_name(workload, secret.key), fmt::format("{}{}", secret_folder, secret.key), 0400));
  for (const SecretFile& file : workload.secret_files)
    out.items.push_back(grant(secret_name(workload, file.key), mounted_at(file.path), 0400));
  return out;
}

Value ports(const Workload& workload) {
  Value out = list();
  for (const Port& port : workload.ports)
    out.items.push_back(object({{"target", number(port.number)},
                                {"published", number(port.number)},
                                {"protocol", "tcp"},
                                {"mode", "ingress"}}));
  return out;
}

Value deploy(const Options& options, const Workload& workload) {
  const model::Container& container = *workload.container;
  Value limits = object();
  if (options.cpu_limit) put(limits, "cpus", text(cores(container.cpu * 4)));
  put(limits, "memory", text(std::to_string(container.memory)));
  put(limits, "pids", number(512));
  Value out = object({{"mode", "replicated"}, {"replicas", number(workload.scale.least)}});
  put(out, "update_config",
      object({{"parallelism", number(1)},
              {"delay", "5s"},
              {"order", workload.alone ? "stop-first" : "start-first"},
              {"failure_action", "rollback"},
              {"monitor", "60s"}}));
  put(out, "rollback_config",
      object({{"parallelism", number(1)},
              {"order", workload.alone ? "stop-first" : "start-first"},
              {"failure_action", "pause"}}));
  put(out, "restart_policy", object({{"condition", "any"}, {"delay", "5s"}, {"window", "60s"}}));
  put(out, "resources",
      object({{"limits", std::move(limits)},
              {"reservations",
               object({{"cpus", cores(container.cpu)}, {"memory", std::to_string(container.memory)}})}}));
  // Two, so that a new one finds a place beside the old one that it replaces.
  put(out, "placement", object({{"max_replicas_per_node", number(2)}}));
  return out;
}

struct Config {
  std::string source, name, path;  // key in the file, name in the swarm, path below config/
};

std::vector<Config> configs_of(const Workload& workload) {
  std::vector<Config> out;
  for (const ConfigFile& file : workload.files) {
    const std::string source = config_name(file.path);
    out.push_back(
        {source, fmt::format("{}-{}", source.substr(0, 55), render::fingerprint(file.text).substr(0, 8)), file.path});
  }
  return out;
}

Value service(const model::Plan& plan, const Options& options, const Workload& workload) {
  Value out = object({{"image", workload.container->image}});
  if (!workload.arguments.empty()) put(out, "command", texts(file_arguments(plan, workload)));
  if (Value variables = environment(workload); !variables.members.empty())
    put(out, "environment", std::move(variables));
  if (workload.gateway) {
    put(out, "ports", ports(workload));
    Value configs = list();
    for (const Config& config : configs_of(workload))
      configs.items.push_back(grant(config.source, mounted_at(config.path), 0440));
    put(out, "configs", std::move(configs));
  }
  if (Value secrets = grants(workload); !secrets.items.empty()) put(out, "secrets", std::move(secrets));
  put(out, "networks", texts({"inside"}));
  if (workload.gateway) put(out, "healthcheck", health(workload));
  put(out, "init", boolean(true));
  put(out, "stop_grace_period", text(fmt::format("{}s", workload.drain + 5)));
  put(out, "user", text(fmt::format("{0}:{0}", user)));
  put(out, "read_only", boolean(true));
  put(out, "volumes",
      list({object({{"type", "tmpfs"}, {"target", "/tmp"}, {"tmpfs", object({{"size", number(64u << 20)}})}})}));
  put(out, "cap_drop", texts({"ALL"}));
  put(out, "deploy", deploy(options, workload));
  return out;
}

std::string read_me(const std::string& stack, const std::vector<const Workload*>& workloads,
                    const diag::Report& report) {
  std::string out = fmt::format(
      "# Written by apigw emit swarm\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten.\n\n    docker stack deploy --with-registry-auth -c stack.yaml {0}\n    docker stack services "
      "{0}\n",
      stack);
  std::string secrets;
  for (const Workload* workload : workloads) {
    for (const SecretVariable& secret : workload->secret_variables)
      secrets +=
          fmt::format("    printf %s \"$VALUE\" | docker secret create {} -\n", secret_name(*workload, secret.key));
    for (const SecretFile& file : workload->secret_files)
      secrets += fmt::format("    docker secret create {} FILE\n", secret_name(*workload, file.key));
  }
  if (!secrets.empty()) out += "\n## Secrets that must be there\n\n" + secrets;
  return out + losses(report);
}

void report_losses(const model::Plan& plan, const std::vector<const Workload*>& workloads, diag::Report& report) {
  if (!plan.deploy.host.empty())
    lost(report, plan.deploy.host_where, "deploy.gateway.host",
         "a stack does not say under which name it is reached");
  for (const Workload* workload : workloads) {
    const auto& scale = workload->container->scale;
    const std::string field = field_of(*workload);
    if (scale && scale->least != scale->most)
      nearly(report, scale->where, field + ".scale", "Swarm does not scale by itself: the smaller number holds");
    if (workload->gateway) continue;
    report_health(plan, *workload, report);
    for (const SecretVariable& secret : workload->secret_variables)
      nearly(
          report, workload->where, fmt::format("{}.env.{}", field, secret.variable),
          fmt::format("it looks like a secret, and those are files: the service must read the one that {}_FILE names",
                      secret.variable));
  }
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  const Bundle bundle = bundle_of(plan, options, report);
  const std::vector<const Workload*> workloads = chosen(bundle, options);
  Value services = object(), configs = object(), secrets = object();
  for (const Workload* workload : workloads) {
    put(services, workload->name, service(plan, options, *workload));
    for (const Config& config : configs_of(*workload))
      put(configs, config.source, object({{"name", config.name}, {"file", "./config/" + config.path}}));
    const auto external = [&](std::string_view key) {
      const std::string name = secret_name(*workload, key);
      put(secrets, name, object({{"name", name}, {"external", boolean(true)}}));
    };
    for (const SecretVariable& secret : workload->secret_variables) external(secret.key);
    for (const SecretFile& file : workload->secret_files) external(file.key);
  }
  std::vector<NamedTree> trees;
  for (render::Member& member : services.members) trees.push_back({"swarm/" + member.name, &member.value});
  apply_patches(plan, "swarm", options.only.empty(), trees, report);
  if (report.has_errors()) return {};
  report_losses(plan, workloads, report);
  Value out = object({{"version", "3.9"}, {"services", std::move(services)}});
  put(out, "networks", object({{"inside", object({{"driver", "overlay"}})}}));
  if (!configs.members.empty()) put(out, "configs", std::move(configs));
  if (!secrets.members.empty()) put(out, "secrets", std::move(secrets));
  render::FileTree tree;
  tree["stack.yaml"].content = render::write_yaml(out);
  for (const Workload* workload : workloads)
    for (const ConfigFile& file : workload->files) tree["config/" + file.path].content = file.text;
  const std::string& space = plan.deploy.name_space;
  tree["README.md"].content = read_me(space.empty() ? "apigw" : space, workloads, report);
  return tree;
}

}  // namespace

extern const Emitter swarm_emitter;
const Emitter swarm_emitter = {
    .summary = "a stack.yaml for docker stack deploy, with the config beside it",
    .claims = claims,
    .whole = true,
    .emit = emit,
};

}  // namespace apigw::emit
