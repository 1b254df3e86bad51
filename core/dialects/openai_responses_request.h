// The halves of a request in the Responses dialect that stand in files of their own.
#pragma once
#include "dialects/openai_responses.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::responses {

// The members `instructions` and `input`. Error invalid: a part that the dialect cannot say, or nothing is left.
[[nodiscard]] Result<void> write_input(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                                       ToolNames& names, chat::Losses& losses);

}  // namespace apigw::dialects::responses
