// The halves of a request in Cohere's dialect that stand in files of their own.
#pragma once
#include "dialects/cohere.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::cohere {

// The member `messages`. Error invalid: a part that the dialect cannot say.
[[nodiscard]] Result<void> write_messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                                          ToolNames& names, chat::Losses& losses);

}  // namespace apigw::dialects::cohere
