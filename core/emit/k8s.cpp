// `emit k8s`: the objects as they are applied, one file each.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "emit/objects.h"
#include "render/yaml_writer.h"

namespace apigw::emit {
namespace {

// networkpolicy of NetworkPolicy: what a file's name ends with.
std::string file_of(const Object& object) {
  if (object.workload.empty()) return "00-namespace.yaml";  // applied first
  return fmt::format("{}-{}.yaml", object.workload, text::lower(object.kind()));
}

std::string document(const Object& object) {
  std::string comment;
  for (const std::string_view line : text::split(object.comment, '\n'))
    if (!line.empty()) comment += fmt::format("# {}\n", line);
  return comment + render::write_yaml(object.value);
}

// What a person does with the folder. Not YAML, so that `kubectl apply -f` passes over it.
std::string read_me(const Setting& setting, const diag::Report& report) {
  const std::string space = setting.name_space();
  const std::string in = space.empty() ? "" : " -n " + space;
  std::string out =
      "# Written by apigw emit k8s\n\nChange the config and write it again; a file that was edited here is not "
      "overwritten.\n\n    kubectl apply -f .\n";
  for (const Workload& workload : setting.bundle.workloads)
    out += fmt::format("    kubectl rollout status{} deployment/{}\n", in, workload.name);
  out += fmt::format(
      "\nBack to what ran before: `kubectl rollout undo{} deployment/NAME`. What differs from the "
      "cluster: `kubectl diff -f .`\n",
      in);
  std::string secrets;
  for (const Workload& workload : setting.bundle.workloads) {
    std::string keys;
    for (const SecretVariable& secret : workload.secret_variables) keys += " --from-literal=" + secret.key + "=…";
    for (const SecretFile& file : workload.secret_files) keys += fmt::format(" --from-file={}=…", file.key);
    if (!keys.empty())
      secrets += fmt::format("    kubectl create secret generic{} {}-secrets{}\n", in, workload.name, keys);
  }
  if (!secrets.empty()) out += "\n## Secrets that must be there\n\n" + secrets;
  std::string losses;
  for (const diag::Diagnostic& finding : report.all())
    losses += fmt::format("- {} {}\n", diag::code_name(finding.code), finding.message);
  if (!losses.empty()) out += "\n## What is not written, or only nearly\n\n" + losses;
  return out;
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  const Bundle bundle = bundle_of(plan, options, report);
  const Setting setting{plan, options, bundle};
  std::vector<Object> objects;
  if (options.create_namespace && options.only.empty() && !setting.name_space().empty())
    objects.push_back(namespace_of(setting));
  for (const Workload* workload : chosen(bundle, options))
    std::ranges::move(objects_of(setting, *workload), std::back_inserter(objects));
  apply_patches(plan, options.only.empty(), objects, report);
  if (report.has_errors()) return {};
  report_losses(setting, report);
  render::FileTree tree;
  for (const Object& object : objects) tree[file_of(object)].content = document(object);
  if (options.only.empty()) tree["README.md"].content = read_me(setting, report);
  return tree;
}

using enum Claim;
constexpr FieldClaim claims[] = {
    {"apigw", config},
    {"include", config},
    {"listen.**", written},
    {"health", written},
    {"admin.**", config},
    {"defaults.**", config},
    {"timeouts.**", config},  // drain also as the time to stop
    {"caps.**", config},
    {"outbound.**", written},
    {"pepper", written},
    {"providers.*.dialect", config},
    {"providers.*.url", written},
    {"providers.*.key", written},
    {"providers.*.outbound.**", written},
    {"providers.*.timeout", config},
    {"providers.*.connections", config},
    {"models.**", config},
    {"services.*.url", written},
    {"services.*.run", local},
    {"services.*.dir", local},
    {"services.*.port", written},
    {"services.*.env", written},
    {"services.*.calls", written},
    {"services.*.health", written},
    {"services.*.timeout", config},
    {"services.*.connections", config},
    {"services.*.outbound.**", written},
    {"services.*.image", written},
    {"services.*.scale", written},
    {"services.*.cpu", written},
    {"services.*.memory", written},
    {"routes.**", config},  // and who is called, in the network policies
    {"prompts.**", config},
    {"consumers.**", written},
    {"deploy.gateway.image", written},
    {"deploy.gateway.host", lost},
    {"deploy.gateway.scale", written},
    {"deploy.gateway.cpu", written},
    {"deploy.gateway.memory", written},
    {"deploy.kubernetes.namespace", written},
    {"deploy.kubernetes.tls", lost},
    {"deploy.patches.**", written},
    {"profiles", config},
};

}  // namespace

extern const Emitter k8s_emitter;
const Emitter k8s_emitter = {
    .summary = "objects of Kubernetes, one file each",
    .claims = claims,
    .emit = emit,
};

}  // namespace apigw::emit
