// A call walked to its upstreams without a network: what each would receive, byte for byte, written by the same code
// that serves.
//
// Nobody is asked for a key: the answer is about the call of whoever may make it. What is only known while a gateway
// runs is a word of the caller's; a provider's key shows as the place that it comes from, never as its value.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "catalogue/models.h"
#include "chat/loss.h"
#include "http/message.h"
#include "model/plan.h"

namespace apigw::assembly {

// Stand-ins, used where the call itself does not say.
struct Unknowns {
  std::string_view request_id = "{request-id}";
  std::string_view traceparent = "{traceparent}";
  std::string_view instance = "{instance}";  // the gateway's name in Via
};

struct Rehearsal {
  struct Sent {
    std::string to;    // "service 'orders'", "openai/gpt-5-mini"
    std::string head;  // with its blank line
    std::string body;
    chat::Losses losses;  // of the translation into it
  };
  struct Passed {
    std::string to;
    std::string why;
  };
  std::vector<Sent> sent;              // in the order of tries: of a service the first instance only
  std::vector<Passed> passed;          // targets that cannot be asked this or told it
  std::optional<std::uint32_t> model;  // into Plan::models: whose targets they are, of a model call
  int status = 0;                      // of the refusal when no upstream would be asked
  std::string refusal;                 // in words; empty when something is sent, or the gateway answers itself
};

// `head` as the connection fills it. Error invalid: the plan cannot be served.
[[nodiscard]] Result<Rehearsal> rehearse(const model::PlanPtr& plan, const http::RequestHead& head,
                                         std::string_view body, const Clock& clock, const Unknowns& unknowns = {},
                                         const catalogue::Models& models = catalogue::Models::built_in());

}  // namespace apigw::assembly
