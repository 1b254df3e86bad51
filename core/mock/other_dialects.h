// The mock's answers to calls in other dialects than OpenAI's: what it would say in that one, translated as the
// gateway does, faults among it.
#pragma once
#include <chrono>
#include <optional>

#include "mock/reply.h"

namespace apigw::mock {

// Nothing: the path is no other dialect's.
[[nodiscard]] std::optional<Reply> reply_in_other_dialect(const Request& request,
                                                          std::chrono::system_clock::time_point now,
                                                          const Canned* canned);

}  // namespace apigw::mock
