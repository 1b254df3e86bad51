// ADMIT: from a routed call to an AdmittedCall, a refusal, or a question. Before the body, in a fixed order:
// overload, loop, announced size, identity. An address that sent too many wrong keys is told apart inside identity,
// after its key was looked up: a good key passes, so nobody behind a shared address is locked out by a neighbour.
//
// Fail closed: what cannot be decided is refused. Pure: the same call, facts and answer give the same decision.
#pragma once
#include <optional>
#include <variant>

#include "policy/gate.h"
#include "policy/gates.h"
#include "policy/identity.h"

namespace apigw::policy {

// Proof that ADMIT let a call through; nobody else can make one.
class AdmittedCall {
 public:
  AdmittedCall(AdmittedCall&&) noexcept = default;
  AdmittedCall& operator=(AdmittedCall&&) noexcept = default;
  [[nodiscard]] const Caller& caller() const { return caller_; }

 private:
  friend class Admission;
  explicit AdmittedCall(const Caller& caller) : caller_(caller) {}
  Caller caller_;
};

using Admitted = std::variant<AdmittedCall, Refusal, Ask>;

// One a worker.
class Admission {
 public:
  explicit Admission(model::PlanPtr plan) : plan_(plan), identity_(std::move(plan)) {}
  // An Ask names the address that sent a wrong key; its answer is how many it sent lately, this one included.
  [[nodiscard]] Admitted admit(const model::Route& route, const http::RequestHead& head, const AdmitFacts& facts,
                               std::optional<std::uint32_t> wrong_keys = std::nullopt) const;

 private:
  model::PlanPtr plan_;
  Identity identity_;
};

}  // namespace apigw::policy
