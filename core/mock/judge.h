// What a chat request may not say: types and ranges as OpenAI refuses them, so that a program which passes against
// the mock does not meet its first 400 in production. Knows nothing of what the mock would have answered.
#pragma once
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "mock/reply.h"

namespace apigw::mock {

inline constexpr unsigned most_choices = 8;  // of one request; OpenAI takes more

// The error that the first fault earns, its `param` naming the place; nothing for a request that may be answered.
[[nodiscard]] std::optional<Reply> refuse_chat(const nlohmann::ordered_json& request);

}  // namespace apigw::mock
