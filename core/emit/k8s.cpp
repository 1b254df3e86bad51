// `emit k8s`: the objects as they are applied, one file each.
#include <fmt/format.h>

#include "emit/claims.h"
#include "emit/objects.h"

namespace apigw::emit {
namespace {

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
  return out + read_me_end(setting, report);
}

render::FileTree emit(const model::Plan& plan, const Options& options, diag::Report& report) {
  const Bundle bundle = bundle_of(plan, options, report);
  const Setting setting{plan, options, bundle};
  const std::vector<Object> objects = all_objects(setting, report);
  if (report.has_errors()) return {};
  report_losses(setting, report);
  render::FileTree tree;
  for (const Object& object : objects) tree[file_of(object)].content = document(object);
  if (options.only.empty()) tree["README.md"].content = read_me(setting, report);
  return tree;
}

}  // namespace

extern const Emitter k8s_emitter;
const Emitter k8s_emitter = {
    .summary = "objects of Kubernetes, one file each",
    .claims = kubernetes_claims,
    .emit = emit,
};

}  // namespace apigw::emit
