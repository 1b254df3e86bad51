// A Plan made ready to serve: everything that is worked out once and then only read, shared by all workers.
//
// What a worker needs for itself (hashers) is in its Snapshot, which keeps the Compiled alive: an exchange holds the
// snapshot that it began with and ends on it, whatever is swapped in meanwhile.
#pragma once
#include <memory>
#include <vector>

#include "catalogue/models.h"
#include "credential/aws_signature.h"
#include "dialects/dialect.h"
#include "gateway/state.h"
#include "gateway/transport.h"
#include "model/plan.h"
#include "policy/admission.h"
#include "policy/permission.h"
#include "policy/secret_scan.h"
#include "routing/router.h"

namespace apigw::gateway {

struct ServiceLine {
  std::vector<Destination> destinations;  // one an instance
  model::Timeouts timeouts;
};

struct ProviderLine {
  const dialects::Dialect* dialect = nullptr;
  Destination destination;
  model::Timeouts timeouts;  // first_byte is that of AI calls
  std::string authority;
  // The whole value of the credential's header; empty: the provider takes none. Sent to `destination` only.
  Secret credential;
  std::optional<credential::AwsKey> aws;  // signs each request instead
  bool fetches_token = false;             // the credential is the token of its series, behind the dialect's prefix
  bool mock = false;
};

struct Compiled {
  model::PlanPtr plan;
  routing::Router router;
  policy::Permission permission;
  policy::SecretSet secrets;
  std::shared_ptr<const Bindings> bindings;
  std::vector<ServiceLine> services;
  std::vector<ProviderLine> providers;
  const catalogue::Models* models = nullptr;  // never null; outlives this
  // [model][target]: what is known of it. Null: nothing, or the client says which of the provider's models it means.
  std::vector<std::vector<const catalogue::ModelRow*>> rows;
  bool has_endpoints = false;  // of AI
  std::string openapi;         // where a route gives it
};

// What is known of a provider's model. Null: nothing, or it has no name, since the client says which it means.
[[nodiscard]] const catalogue::ModelRow* known_row(const model::Provider& provider, std::string_view model,
                                                   const catalogue::Models& models);

// Error invalid: a route's path or a dialect that config lets through but nobody here knows.
[[nodiscard]] Result<std::shared_ptr<const Compiled>> compile(
    const model::PlanPtr& plan, const State& state, const Clock& clock,
    const catalogue::Models& models = catalogue::Models::built_in());

struct Snapshot {
  explicit Snapshot(std::shared_ptr<const Compiled> made) : compiled(std::move(made)), admission(compiled->plan) {}
  std::shared_ptr<const Compiled> compiled;
  policy::Admission admission;
};

}  // namespace apigw::gateway
