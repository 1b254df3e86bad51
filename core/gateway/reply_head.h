// What the gateway itself says in the head of a model call's reply: the call's id, the name that was asked for, what
// a translation lost, and in development what the call costs.
#pragma once
#include <string_view>

#include "chat/loss.h"
#include "gateway/outcome.h"
#include "http/headers.h"

namespace apigw::gateway {

inline constexpr std::size_t losses_told = 8;            // in a head; the count tells of the others
inline constexpr std::size_t most_loss_bytes = 1 << 10;  // of their field

// x-apigw-model. Nothing is added for a name that no header can carry whole.
void tell_model(std::string_view asked, http::Headers& headers);
// x-apigw-cost, in US dollars; nothing where a model did not answer or its cost is not known.
void tell_cost(const Outcome& outcome, http::Headers& headers);
// x-apigw-loss: "dropped logit_bias, changed temperature", and x-apigw-loss-count; nothing without a loss. A place of
// more than 100 bytes is cut; of its name commas, percent signs and all that is no visible ASCII are percent-encoded.
void tell_losses(const chat::Losses& losses, http::Headers& headers);

}  // namespace apigw::gateway
