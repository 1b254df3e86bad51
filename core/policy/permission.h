// GRANT: which model a call may use, and the targets that serve it. Deny by default: only names and patterns of the
// Plan's models exist for clients; in development a client on this machine may also name provider/model.
//
// An exact name stands over patterns, and of the patterns the one with the most literal characters counts, whatever
// their order. A target whose provider is off is passed over; when all are, the refusal names the first. Lists of
// models are answered here, written by whatever the caller's dialect gives for it: policy knows no dialect.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "policy/admission.h"
#include "policy/gate.h"

namespace apigw::policy {

// The model that a call asked for, resolved. `model` is an index into Plan::models; absent for provider/model.
struct Permit {
  std::optional<std::uint32_t> model;
  std::vector<std::uint32_t> targets;  // indices into the model's targets that are on, in order of preference
  model::Target direct;                // when `model` is absent
  [[nodiscard]] std::size_t tries() const { return model ? targets.size() : 1; }
  // Number `nth` of those that are tried.
  [[nodiscard]] const model::Target& target(const model::Plan& plan, std::size_t nth) const {
    return model ? plan.models[*model].targets[targets[nth]] : direct;
  }
  // Whether a call that a translation would say otherwise is refused.
  [[nodiscard]] bool refuses_losses(const model::Plan& plan) const {
    return model && plan.models[*model].refuse_losses;
  }
};

// Proof that GRANT let a call through; only an Attempt made from one is dispatched.
class GrantedCall {
 public:
  GrantedCall(GrantedCall&&) noexcept = default;
  GrantedCall& operator=(GrantedCall&&) noexcept = default;
  [[nodiscard]] const Caller& caller() const { return caller_; }
  [[nodiscard]] const Permit& permit() const { return permit_; }  // of an AI call

 private:
  friend class Permission;
  GrantedCall(const Caller& caller, Permit permit) : caller_(caller), permit_(std::move(permit)) {}
  Caller caller_;
  Permit permit_;
};

using Granted = std::variant<GrantedCall, Answer, Refusal>;

// How a dialect writes what GRANT answers itself.
struct ModelWords {
  std::function<std::string(std::span<const std::string_view> names)> list;
  std::function<std::string(std::string_view name)> one;
};

// Whether targets of a provider that speaks `dialect` can be asked an operation ("chat", "embeddings").
using Offers = std::function<bool(std::string_view dialect, std::string_view operation)>;

class Permission {
 public:
  // `words` by the dialect of an endpoint.
  Permission(model::PlanPtr plan, std::map<std::string, ModelWords, std::less<>> words, Offers offers);

  // A route to a service or a redirect: nothing more to ask.
  [[nodiscard]] GrantedCall grant(AdmittedCall call) const;
  // An AI call of `operation` for `name`. `local`: the client is on this machine.
  [[nodiscard]] Granted grant(AdmittedCall call, std::string_view name, std::string_view operation, bool local) const;
  // A call of a prompt: its model is the operator's choice, whatever the caller may name himself.
  [[nodiscard]] Granted grant(AdmittedCall call, const model::Prompt& prompt) const;
  // The same decision as an opinion: it opens no door.
  using Permitted = std::variant<Permit, Refusal>;
  [[nodiscard]] Permitted permit(const Caller& caller, std::string_view name, std::string_view operation,
                                 bool local) const;
  [[nodiscard]] Permitted permit(const model::Prompt& prompt) const;
  // GET of the list, or of one model of it.
  [[nodiscard]] Granted list(const AdmittedCall& call, std::string_view dialect) const;
  [[nodiscard]] Granted show(const AdmittedCall& call, std::string_view dialect, std::string_view name) const;

  // The names that `caller` may use, prompt/NAME among them and patterns left out, sorted.
  [[nodiscard]] std::vector<std::string_view> visible(const Caller& caller) const { return visible(caller, {}); }

 private:
  [[nodiscard]] std::vector<std::string_view> visible(const Caller& caller, std::string_view operation) const;
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] bool may_use(const Caller& caller, const model::Model& model) const;
  [[nodiscard]] Permitted permit(std::uint32_t model) const;
  [[nodiscard]] Permitted permit(const model::Target& target) const;
  [[nodiscard]] std::optional<model::Target> direct(std::string_view name) const;
  [[nodiscard]] bool offers(const model::Model& model, std::string_view operation) const;
  // The provider that a mistyped provider/model seems to mean, in development.
  [[nodiscard]] std::optional<std::string_view> near_provider(std::string_view name,
                                                              std::string_view operation) const;
  // Only names that `operation` can be asked of are suggested; empty: those that any can. Where none is near,
  // `provider` before the name's slash.
  [[nodiscard]] Refusal unknown(const Caller& caller, std::string_view name, std::string_view operation,
                                std::optional<std::string_view> provider = std::nullopt) const;
  [[nodiscard]] Refusal off(const model::Provider& provider) const;

  model::PlanPtr plan_;
  std::map<std::string, ModelWords, std::less<>> words_;
  Offers offers_;
  std::unordered_map<std::string_view, std::uint32_t> names_;
  std::vector<std::uint32_t> patterns_;         // most literal first
  std::set<std::string, std::less<>> prompts_;  // prompt/NAME of those that are served
};

}  // namespace apigw::policy
