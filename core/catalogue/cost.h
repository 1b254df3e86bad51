// What a model call costs: its counters, each at the price that holds for the call.
#pragma once
#include <cstdint>
#include <optional>

#include "catalogue/models.h"
#include "chat/usage.h"

namespace apigw::catalogue {

// Billionths of a US dollar. 64 bits hold 18 thousand million dollars; a sum that is more stays there.
using Nanodollars = std::uint64_t;
[[nodiscard]] Nanodollars sum(Nanodollars a, Nanodollars b);
inline constexpr unsigned dollar_places = 9;  // of a dollar, written as a decimal fraction

enum class Billing : std::uint8_t { at_once, batch };

// The prices of a call whose prompt has so many tokens, cached ones included: those of the tier that begins highest
// below it. Null: the row has none for that way of billing.
[[nodiscard]] const Prices* prices_of(const ModelRow& row, std::uint64_t prompt_tokens, Billing billing);

// What the provider itself told goes first; else the sum of the counters at their prices, exact, and rounded up once
// at its end: nothing that has a price is free. Of no tokens of a kind no price is asked. Nothing: the usage is not
// known, or a price that it needs.
[[nodiscard]] std::optional<Nanodollars> cost_of(const chat::Usage& usage, const ModelRow* row,
                                                 Billing billing = Billing::at_once);

}  // namespace apigw::catalogue
