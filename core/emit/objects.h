// Workloads as objects of Kubernetes, for every target that speaks to it: which objects there are is decided here,
// once.
//
// An object is a typed tree with its keys in the usual order. Selectors hold name and instance alone, because they
// can never be changed; whatever names a ConfigMap names it with the hash of what is in it.
#pragma once
#include <string>
#include <vector>

#include "emit/bundle.h"
#include "emit/tree.h"

namespace apigw::emit {

struct Object {
  std::string workload;  // whose it is; empty: of all
  Value value;
  std::string comment = {};  // lines above it, without '#'
  [[nodiscard]] std::string kind() const;
  [[nodiscard]] std::string name() const;
};

struct Setting {
  const model::Plan& plan;
  const Options& options;
  const Bundle& bundle;
  // Kustomize and Helm make ConfigMaps, with their hash in the name, and put the namespace into every object.
  bool kustomized = false;
  [[nodiscard]] std::string name_space() const;
};

// orders-networkpolicy.yaml; the namespace first where files are applied by name.
[[nodiscard]] std::string file_of(const Object& object);
[[nodiscard]] std::string document(const Object& object);  // with its comment
// All that the options ask for, with `more` behind them, patched. Errors leave what could be made.
[[nodiscard]] std::vector<Object> all_objects(const Setting& setting, diag::Report& report,
                                              std::vector<Object> more = {});
// The end of a README: the secrets that must be there, and what is not written or only nearly.
[[nodiscard]] std::string read_me_end(const Setting& setting, const diag::Report& report);

// In the order in which they can be applied.
[[nodiscard]] std::vector<Object> objects_of(const Setting& setting, const Workload& workload);
[[nodiscard]] Object namespace_of(const Setting& setting);

// Parts of their own.
[[nodiscard]] Value metadata(const Setting& setting, const Workload& workload, std::string_view name);
// Of an object that is no workload's.
[[nodiscard]] Value metadata(const Setting& setting, std::string_view name);
[[nodiscard]] Value selector_of(std::string_view workload);
[[nodiscard]] Value deployment(const Setting& setting, const Workload& workload, const std::string& config_map);
[[nodiscard]] Value network_policy(const Setting& setting, const Workload& workload);
// Kinds of the Prometheus Operator, of the gateway.
[[nodiscard]] Value pod_monitor(const Setting& setting, const Workload& workload);
[[nodiscard]] Value alerts(const Setting& setting, const Workload& workload);
// Whether the policy names the host, and does not open its port to a range.
[[nodiscard]] bool named_in_policy(const Setting& setting, const Outside& outside);

// Values of the ConfigMap: variables by name, files by key_of_file. Empty: there is none.
[[nodiscard]] std::map<std::string, std::string> config_values(const Workload& workload);
[[nodiscard]] std::string key_of_file(std::string_view path);
// With the hash of its values, unless Kustomize puts it there; empty: there is none.
[[nodiscard]] std::string config_map_name(const Setting& setting, const Workload& workload);
[[nodiscard]] bool autoscaled(const Workload& workload);

// Findings for what no object of Kubernetes says.
void report_losses(const Setting& setting, diag::Report& report);

}  // namespace apigw::emit
