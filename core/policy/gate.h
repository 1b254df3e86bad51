// The vocabulary of the gates: what a step of ADMIT or GRANT may decide, and the products that only policy can build.
//
// Gates are pure steps: given the call and, when they asked before, an answer, they return a Decision. Whoever drives
// them (gateway, explain, a test) awaits a question's answer and calls the step again with it. A gate that cannot
// decide refuses.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/message.h"
#include "model/plan.h"

namespace apigw::policy {

// Who calls. `name` views into the Plan (or is "anonymous"), so it lives as long as the snapshot of the exchange.
struct Caller {
  std::optional<model::ConsumerId> consumer;
  std::string_view name = "anonymous";
};

struct Pass {};
// A reply from a gate instead of an upstream's: a cached reply, a list of models, a preflight.
struct Answer {
  http::ResponseHead head;
  std::string body;
};
// A no of ours. `reason` is a stable word (logs, metrics, error code: "missing_key"); `message` is for the client and
// names what to do, never a secret.
struct Refusal {
  int status = 500;
  std::string_view reason;
  std::string message;
  http::Headers headers;  // retry-after, www-authenticate …
  std::string errors{};   // JSON, an array: what is wrong with single fields; told outside of dialects only
  // Where a provider said it, told in dialects only: its own code and param, and the whole body where the client
  // reads it as it is.
  std::string code{}, param{}, body{};
};
// What the gate must know first; the answer is passed to its next call.
struct Ask {
  std::string question;
};
using Decision = std::variant<Pass, Answer, Refusal, Ask>;

}  // namespace apigw::policy
