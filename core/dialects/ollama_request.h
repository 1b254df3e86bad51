// The halves of a request in Ollama's dialect that stand in files of their own.
#pragma once
#include "dialects/ollama.h"

namespace apigw::dialects::ollama {

// How ids of calls begin that nobody gave and that are never sent to a provider.
inline constexpr std::string_view unsent_id = "apigw_call_";

// The member `messages`. Error invalid: a part that the dialect cannot say.
[[nodiscard]] Result<void> write_messages(JsonWriter& json, const chat::Request& request, chat::Losses& losses);

}  // namespace apigw::dialects::ollama
