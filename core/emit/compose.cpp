// `emit compose`: the images on one machine, for Docker Compose; not for Swarm, which takes another form.
//
// Files are mounted from beside compose.yaml: what Compose would copy into a container (`content:`, secrets from
// variables) it cannot copy into one whose root is read-only. Every '$' of a value is doubled, for Compose expands
// them.
#include <algorithm>

#include <fmt/format.h>

#include "emit/claims.h"
#include "emit/containers.h"
#include "emit/patches.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

constexpr FieldClaim own_claims[] = {
    {"deploy.gateway.scale", Claim::lost},
    {"deploy.kubernetes.namespace", Claim::written},
};
constexpr auto claims = joined(container_claims, files_written, own_claims);

constexpr std::string_view user = "${CONTAINER_USER:-10001:10001}";
std::string bytes(std::uint64_t n) {
  return n % (1 << 20) == 0 ? fmt::format("{}m", n >> 20) : fmt::format("{}b", n);
}

Value environment(const Workload& workload) {
  Value out = object();
  for (const auto& [name, value] : workload.variables) put(out, name, text(literal(value)));
  if (!workload.gateway)
    for (const SecretVariable& secret : workload.secret_variables)
      put(out, secret.variable,
          text(fmt::format("${{{}:?is missing: set it or write it into .env}}", secret.variable)));
  return out;
}

Value grants(const Workload& workload) {
  Value out = list();
  for (const SecretVariable& secret : workload.secret_variables)
    out.items.push_back(object({{"source", secret.key}, {"target", secret.key}}));
  for (const SecretFile& file : workload.secret_files)
    out.items.push_back(object({{"source", file.key}, {"target", mounted_at(file.path)}}));
  return out;
}

Value depends(const Bundle& bundle, const Workload& workload) {
  Value out = object();
  for (const std::string& callee : workload.callees) {
    if (callee == gateway_name) continue;  // it waits for the services
    const bool there = std::ranges::find(bundle.workloads, callee, &Workload::name) != bundle.workloads.end();
    if (there) put(out, callee, object({{"condition", "service_started"}}));
  }
  return out;
}

Value resources(const Options& options, const model::Container& container) {
  Value limits = object();
  if (options.cpu_limit) put(limits, "cpus", text(cores(container.cpu * 4)));
  put(limits, "memory", text(bytes(container.memory)));
  put(limits, "pids", number(512));
  return object({{"limits", std::move(limits)},
                 {"reservations", object({{"cpus", cores(container.cpu)}, {"memory", bytes(container.memory)}})}});
}

Value service(const model::Plan& plan, const Options& options, const Bundle& bundle, const Workload& workload) {
  Value out = object({{"image", workload.container->image}});
  if (!workload.arguments.empty()) put(out, "command", texts(file_arguments(plan, workload)));
  if (Value variables = environment(workload); !variables.members.empty())
    put(out, "environment", std::move(variables));
  if (workload.gateway) {
    Value ports = list();
    for (const Port& port : workload.ports)
      ports.items.push_back(text(fmt::format("127.0.0.1:{0}:{0}", port.number)));
    put(out, "ports", std::move(ports));
    Value configs = list();
    for (const ConfigFile& file : workload.files)
      configs.items.push_back(object({{"source", config_name(file.path)}, {"target", mounted_at(file.path)}}));
    put(out, "configs", std::move(configs));
    if (Value secrets = grants(workload); !secrets.items.empty()) put(out, "secrets", std::move(secrets));
  }
  if (Value first = depends(bundle, workload); !first.members.empty()) put(out, "depends_on", std::move(first));
  if (workload.gateway) {
    put(out, "healthcheck", health(workload));
    put(*find(out, "healthcheck"), "start_interval", text("2s"));
  }
  put(out, "restart", text("unless-stopped"));
  put(out, "init", boolean(true));
  put(out, "stop_grace_period", text(fmt::format("{}s", workload.drain + 5)));
  put(out, "user", text(user));
  put(out, "read_only", boolean(true));
  put(out, "tmpfs", texts({"/tmp:size=64m,mode=1777"}));
  put(out, "cap_drop", texts({"ALL"}));
  put(out, "security_opt", texts({"no-new-privileges:true"}));
  Value deploy = object();
  const std::uint32_t replicas = workload.gateway || !workload.container->scale ? 1 : workload.scale.least;
  if (replicas > 1) put(deploy, "replicas", number(replicas));
  put(deploy, "resources", resources(options, *workload.container));
  put(out, "deploy", std::move(deploy));
  return out;
}

Value configs_of(const std::vector<const Workload*>& workloads) {
  Value out = object();
  for (const Workload* workload : workloads)
    for (const ConfigFile& file : workload->files)
      put(out, config_name(file.path), object({{"file", "./config/" + file.path}}));
  return out;
}

Value secret_files(const std::vector<const Workload*>& workloads) {
  Value out = object();
  for (const Workload* workload : workloads) {
    if (!workload->gateway) continue;
    for (const SecretVariable& secret : workload->secret_variables)
      put(out, secret.key, object({{"file", "./secrets/" + secret.key}}));
    for (const SecretFile& file : workload->secret_files)
      put(out, file.key, object({{"file", "./secrets/" + file.key}}));
  }
  return out;
}

std::string read_me(const std::vector<const Workload*>& workloads, const diag::Report& report) {
  std::string files, variables;
  for (const Workload* workload : workloads) {
    std::string& into = workload->gateway ? files : variables;
    for (const SecretVariable& secret : workload->secret_variables)
      into += workload->gateway ? fmt::format("    secrets/{}\n", secret.key) : fmt::format("    {}=…\n", secret.key);
    for (const SecretFile& file : workload->secret_files) into += fmt::format("    secrets/{}\n", file.key);
  }
  std::string out =
      "# Written by apigw emit compose\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten.\n\n    docker compose up --wait\n    docker compose down\n";
  if (!files.empty())
    out +=
        "\n## Files that must be there\n\nReadable by the user of the containers and by nobody else: `chmod 400`, "
        "and "
        "`chown 10001` or\n`CONTAINER_USER=$(id -u):$(id -g) docker compose up`.\n\n" +
        files;
  if (!variables.empty()) out += "\n## Variables that must be set, or stand in .env\n\n" + variables;
  return out + losses(report);
}

void report_losses(const model::Plan& plan, const std::vector<const Workload*>& workloads, diag::Report& report) {
  if (!plan.deploy.host.empty())
    lost(report, plan.deploy.host_where, "deploy.gateway.host", "it is reached on this machine alone, at 127.0.0.1");
  for (const Workload* workload : workloads) {
    const auto& scale = workload->container->scale;
    const std::string field = field_of(*workload);
    if (scale && scale->least != scale->most && !workload->gateway)
      nearly(report, scale->where, field + ".scale", "nothing scales on one machine: the smaller number holds");
    if (scale && scale->most > 1 && workload->gateway)
      nearly(report, scale->where, field + ".scale", "one port of this machine has one gateway behind it");
    report_health(plan, *workload, report);
    if (!workload->gateway)
      for (const SecretVariable& secret : workload->secret_variables)
        nearly(report, workload->where, fmt::format("{}.env.{}", field, secret.variable),
               "it looks like a secret, so its value is expected in the environment of docker compose or in .env");
  }
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  const Bundle bundle = bundle_of(plan, options, report);
  const std::vector<const Workload*> workloads = chosen(bundle, options);
  Value services = object();
  for (const Workload* workload : workloads) put(services, workload->name, service(plan, options, bundle, *workload));
  std::vector<NamedTree> trees;
  for (render::Member& member : services.members) trees.push_back({"compose/" + member.name, &member.value});
  apply_patches(plan, "compose", options.only.empty(), trees, report);
  if (report.has_errors()) return {};
  report_losses(plan, workloads, report);
  const std::string& name = plan.deploy.name_space;
  Value out = object({{"name", name.empty() ? "apigw" : name}, {"services", std::move(services)}});
  if (Value configs = configs_of(workloads); !configs.members.empty()) put(out, "configs", std::move(configs));
  if (Value secrets = secret_files(workloads); !secrets.members.empty()) put(out, "secrets", std::move(secrets));
  render::FileTree tree;
  tree["compose.yaml"].content = render::write_yaml(out);
  for (const Workload* workload : workloads)
    for (const ConfigFile& file : workload->files) tree["config/" + file.path].content = file.text;
  tree[".gitignore"].content = ".env\nsecrets/\n";
  tree["README.md"].content = read_me(workloads, report);
  return tree;
}

}  // namespace

extern const Emitter compose_emitter;
const Emitter compose_emitter = {
    .summary = "a compose.yaml for one machine, with the config beside it",
    .claims = claims,
    .whole = true,
    .emit = emit,
};

}  // namespace apigw::emit
