// The gates of ADMIT, one function each, in the order in which admission walks them: what costs least is asked first.
//
// A gate sees the head, never the body, and facts that the gateway reads from its State. It keeps nothing.
#pragma once
#include <chrono>
#include <cstdint>
#include <string_view>

#include "http/message.h"
#include "model/plan.h"
#include "policy/gate.h"

namespace apigw::policy {

// What only the running gateway knows.
struct AdmitFacts {
  std::uint32_t in_flight = 0;       // exchanges before this one
  std::chrono::seconds throttled{};  // how long this address must wait for its wrong keys; 0: not at all
  std::string_view instance;         // our name in Via
};

struct AdmitCall {
  const model::Plan& plan;
  const model::Route& route;
  const http::RequestHead& head;
  const AdmitFacts& facts;
};

[[nodiscard]] Decision overload_gate(const AdmitCall& call);   // 503 with retry-after over caps.in_flight
[[nodiscard]] Decision loop_gate(const AdmitCall& call);       // 508 when the request passed here before
[[nodiscard]] Decision body_size_gate(const AdmitCall& call);  // 413 by the announced length

}  // namespace apigw::policy
