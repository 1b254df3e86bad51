// What an emitter is: one row of targets.txt, one file, one object of this type.
//
// A pure function from the Plan to files: the same Plan and options give the same bytes, without time, host or random
// names. It builds typed trees (render::Value) and never text; what it cannot write, or only nearly, it reports with
// the place in the config. Knows no disk: cli compares and writes.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diag/diagnostic.h"
#include "model/plan.h"
#include "render/file_tree.h"

namespace apigw::emit {

// A file that the gateway reads when it starts; its path seen from the folder of the config.
struct ConfigFile {
  std::string path, text;
};

struct Version {  // of Kubernetes
  unsigned major = 1, minor = 30;
  friend auto operator<=>(const Version&, const Version&) = default;
};

enum class Secrets : std::uint8_t {
  ref,       // only references
  stub,      // and secrets without values, to be filled in
  external,  // and what the External Secrets Operator makes them from
  sealed,    // only references, and how each is sealed
};

enum class Network : std::uint8_t { kubernetes, cilium };  // whose policies are written

enum class Implementation : std::uint8_t { none, envoy_gateway };  // of the Gateway API

using Set = std::pair<std::string, std::string>;  // as --set a.b=c

// The same project under one of its profiles.
struct Variant {
  std::string profile;
  model::PlanPtr plan;
  std::vector<Set> sets;  // as in Options
};

// What a pipeline is told beside the config; paths are seen from the repository's root.
struct PipelineOptions {
  std::string image;              // of its jobs, with apigw in it; empty: the gateway's
  std::string target = "k8s";     // what is deployed: k8s, kustomize, helm, or none
  std::string folder = "deploy";  // where that target was written
  std::string flags;              // with which, as " --create-namespace"
  std::string branch = "main";
  std::string environment = "production";
  std::map<std::string, std::string> contexts;  // service → the folder of its Dockerfile
  std::vector<std::string> parts;               // pipelines of services, as their system would include them
  bool prompt_tests = false;                    // there are test files of prompts
  bool route_tests = false;                     // there are test files of routes
};

struct Options {
  std::vector<ConfigFile> files;                 // the config itself first
  std::vector<Set> sets;                         // with which the Plan was made, for the gateway's command line
  std::map<std::string, std::string> variables;  // ${NAME} of these files, with their values
  std::vector<Variant> variants;                 // for emitters that ask for them
  std::string only;                              // one service, or "gateway"; empty: all
  std::string name_space;                        // over the config's
  bool create_namespace = false;
  bool cpu_limit = true;
  Secrets secrets = Secrets::ref;
  std::string secret_store = "secrets";  // with Secrets::external: the ClusterSecretStore
  Network network = Network::kubernetes;
  std::string ingress;     // class of the Ingress that leads to the gateway; empty: none is written
  std::string monitoring;  // namespace of the Prometheus that asks for metrics; empty: none does
  Version kubernetes;
  Implementation implementation = Implementation::none;
  std::string gateway_class;  // of Kubernetes; empty: the implementation's usual one
  // Whether the gateway is among the workloads; an emitter that writes another program in its place says no.
  bool gateway = true;
  PipelineOptions pipeline;
};

// What an emitter does with a field of the config. A field that ends in ".**" stands for all below it.
enum class Claim : std::uint8_t {
  written,  // in the objects
  config,   // the gateway reads it from the files that travel with it
  local,    // of `apigw run` or of another target: nothing to write
  lost,     // cannot be said here: a finding where it is set
};
struct FieldClaim {
  std::string_view field;
  Claim claim;
};

struct Emitter {
  std::string_view summary;  // one line, lower case
  std::span<const FieldClaim> claims;
  bool whole = false;     // only for a folder, and not for one workload
  bool profiles = false;  // writes all of them at once: wants Options::variants, and a Plan without profile
  // What the gateway's config must be told where it runs; none: deployed_sets of bundle.h.
  std::vector<Set> (*sets)(const model::Plan& plan) = nullptr;
  bool as_written = false;  // of the config as it stands, and not as a gateway reads it where it is deployed
  bool pipeline = false;    // wants Options::pipeline
  // Findings 70x are errors, and then the tree is empty: there is no half output. 711 and 712 are what was lost and
  // what is written only nearly.
  render::FileTree (*emit)(const model::Plan& plan, const Options& options, diag::Report& report);
};

struct RosterRow {
  std::string_view word;
  const Emitter* emitter;
};
[[nodiscard]] std::span<const RosterRow> roster();

}  // namespace apigw::emit
