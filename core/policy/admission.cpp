#include "policy/admission.h"

namespace apigw::policy {
namespace {

constexpr Decision (*gates[])(const AdmitCall&) = {overload_gate, loop_gate, body_size_gate};

}  // namespace

Admitted Admission::admit(const model::Route& route, const http::RequestHead& head, const AdmitFacts& facts,
                          std::optional<std::uint32_t> wrong_keys) const {
  const AdmitCall call{*plan_, route, head, facts};
  for (const auto gate : gates) {
    Decision decision = gate(call);
    if (auto* no = std::get_if<Refusal>(&decision)) return std::move(*no);
  }
  Identity::Verdict verdict = identity_.identify(call, wrong_keys);
  if (auto* no = std::get_if<Refusal>(&verdict)) return std::move(*no);
  if (auto* question = std::get_if<Ask>(&verdict)) return std::move(*question);
  return AdmittedCall(std::get<Caller>(verdict));
}

}  // namespace apigw::policy
