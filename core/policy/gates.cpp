#include "policy/gates.h"

#include <fmt/format.h>

#include "http/hop_by_hop.h"

namespace apigw::policy {

Decision overload_gate(const AdmitCall& call) {
  if (call.facts.in_flight < call.plan.caps.in_flight) return Pass{};
  Refusal no{503, "overloaded", "the gateway serves as many requests as it may; try again in a second", {}};
  no.headers.add("retry-after", "1");
  return no;
}

Decision loop_gate(const AdmitCall& call) {
  if (!http::passed_here_before(call.head.headers, call.facts.instance)) return Pass{};
  return Refusal{508, "loop", "this request passed through this gateway before: a route leads back to it", {}};
}

Decision body_size_gate(const AdmitCall& call) {
  if (call.head.content_length.value_or(0) <= call.route.body_cap) return Pass{};
  return Refusal{
      413,
      "body_too_large",
      fmt::format("the body has {} bytes, this route takes {}", *call.head.content_length, call.route.body_cap),
      {}};
}

}  // namespace apigw::policy
