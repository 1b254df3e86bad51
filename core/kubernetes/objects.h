// Kubernetes manifests as objects with places: the documents of any number of files, lists opened, pods found.
//
// Reads what a person wrote for `kubectl apply`: several documents a file, `kind: List`, JSON. Keeps every node with
// its bytes and judges only what no object can be without (AGW800); rules judge the rest. Knows no cluster: what is
// not among the files is not there.
#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::kubernetes {

using yaml::Node;

// --- values

// The node below `node` by mapping keys; nullptr where one is missing, null or of another kind.
[[nodiscard]] const Node* at(const Node* node, std::initializer_list<std::string_view> path);
// The text of a scalar; empty for anything else.
[[nodiscard]] std::string_view text_of(const Node* node);
// Booleans as Kubernetes reads YAML (1.1: yes, on, …): nothing for what is none.
[[nodiscard]] std::optional<bool> truth(const Node* node);
// A whole number, with its sign; nothing for anything else.
[[nodiscard]] std::optional<std::int64_t> number(const Node* node);
// Whether YAML takes the scalar for something else than a text: `1.0`, `on`, `null`.
[[nodiscard]] bool is_no_text(const Node& node);
// The items of a sequence, none for anything else.
[[nodiscard]] std::span<const Node* const> items(const Node* node);

// --- objects

enum class Kind : std::uint8_t {
  other,
  pod,
  deployment,
  stateful_set,
  daemon_set,
  replica_set,
  replication_controller,
  job,
  cron_job,
  service,
  endpoints,
  ingress,
  network_policy,
  cilium_policy,
  disruption_budget,
  autoscaler,
  config_map,
  service_account,
  role,
  cluster_role,
  role_binding,
  cluster_role_binding,
};

struct Container {
  const Node* node = nullptr;
  std::string_view name;
  bool init = false;
  [[nodiscard]] Span where() const;  // of its name, else of itself
};

// A pod, or what a workload makes its pods from.
struct Pod {
  const Node* spec = nullptr;
  const Node* metadata = nullptr;  // of the template; may be null
  std::vector<Container> containers;
  [[nodiscard]] const Node* labels() const { return at(metadata, {"labels"}); }
};

struct Object {
  const Node* root = nullptr;
  Kind kind = Kind::other;
  std::string_view version;    // "apps/v1"
  std::string_view kind_name;  // "Deployment"
  std::string_view name;       // empty: it has none
  std::string_view space;      // its namespace as written; empty: whatever kubectl is told
  std::optional<Pod> pod;

  [[nodiscard]] std::string_view group() const;  // "apps", "" for the core
  [[nodiscard]] const Node* find(std::initializer_list<std::string_view> path) const { return at(root, path); }
  [[nodiscard]] Span where() const;         // of its name, else of its kind
  [[nodiscard]] std::string title() const;  // "Deployment 'orders'"
};

// All objects of one run, in the order of their files. Owns the trees that they point into.
class Objects {
 public:
  // Adds what a text holds; what is wrong with it goes to `report`.
  void read(SourceId source, const diag::Sources& sources, diag::Report& report);
  // Call once, behind the last text. Forgets the objects of files that a Kustomization names as its patches: parts of
  // objects are none.
  void finish(const diag::Sources& sources);

  [[nodiscard]] std::span<const Object> all() const { return all_; }
  // Those of one kind in one namespace, in order.
  [[nodiscard]] std::span<const Object* const> of(Kind kind, std::string_view space) const;
  // Those with pods in one namespace that have this label; all of them for an empty key.
  [[nodiscard]] std::span<const Object* const> pods_in(std::string_view space, std::string_view key = {},
                                                       std::string_view value = {}) const;
  // The first object of that kind and name in a namespace; nullptr when there is none.
  [[nodiscard]] const Object* find(Kind kind, std::string_view space, std::string_view name) const;

 private:
  void leave_out_patches(const diag::Sources& sources);
  void add(const Node& root, std::string_view version, std::string_view kind, diag::Report& report);

  std::vector<yaml::Tree> trees_;
  std::vector<Object> all_;
  using List = std::vector<const Object*>;
  std::map<std::pair<std::string_view, Kind>, List> kinds_;
  std::map<std::array<std::string_view, 3>, List> pods_;  // by namespace, key and value of a label
};

// Whether a text is meant for Kubernetes: it holds an object's `apiVersion` and `kind`.
[[nodiscard]] bool holds_objects(std::string_view text);
// Whether such a text is to be rendered first: it holds `{{`, and is no YAML as it is.
[[nodiscard]] bool is_template(std::string_view text);

}  // namespace apigw::kubernetes
