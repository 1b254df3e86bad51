// How long a provider asks to be left alone, from the head of its reply.
//
// The plainest advice counts: retry-after-ms, then Retry-After, then when the limit that is used up fills again.
// Dates are read against the Date of the same reply, so no clock of ours takes part; without one they say nothing.
#pragma once
#include <chrono>
#include <optional>
#include <string_view>

#include "http/headers.h"

namespace apigw::dialects {

// Between 0 and a day; nothing when the reply gives no advice that can be read.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_advice(const http::Headers& headers);
// "6m0s", "34.4s", "20ms": between 0 and a day; nothing when it is no such text.
[[nodiscard]] std::optional<std::chrono::milliseconds> read_duration(std::string_view text);

}  // namespace apigw::dialects
