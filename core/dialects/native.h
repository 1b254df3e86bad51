// What only one dialect can say: members of its own object when the same dialect is written again, losses elsewhere.
#pragma once
#include <string_view>

#include "chat/loss.h"
#include "chat/request.h"
#include "dialects/json_writer.h"

namespace apigw::dialects {

// Appends the top-level fields of `native` to the open object when they came in by the dialect `word`. All others are
// losses: of another dialect, from deeper inside, where the object that they stood in has gone through the hub, or of
// a name that is written already. `who` begins the reason: "OpenAI chat completions".
void write_native(JsonWriter& json, const chat::Native& native, std::string_view word, std::string_view who,
                  chat::Losses& losses);

}  // namespace apigw::dialects
