// What only one dialect can say: members of its own object when the same dialect is written again, losses elsewhere.
#pragma once
#include <string_view>

#include "chat/loss.h"
#include "chat/request.h"
#include "dialects/json_writer.h"

namespace apigw::dialects {

// Whether a value says so little that nobody misses it. In a request that is an empty text, list or object; in an
// answer also false, zero, and what holds nothing else. `slice` stands in a `text` that json::scan accepted.
[[nodiscard]] bool asks_nothing(std::string_view text, json::Slice slice);
[[nodiscard]] bool tells_nothing(std::string_view text, json::Slice slice);

// Appends the top-level fields of `native` to the open object when they came in by the dialect `word`. All others are
// losses unless they are `nothing`: of another dialect, from deeper inside, where the object that they stood in has
// gone through the hub, or of a name that is written already. `who` begins the reason: "OpenAI chat completions".
void write_native(JsonWriter& json, const chat::Native& native, std::string_view word, std::string_view who,
                  bool (&nothing)(std::string_view text, json::Slice slice), chat::Losses& losses);
// The loss of one place.
void lose_native(std::string path, std::string_view who, chat::Losses& losses);

}  // namespace apigw::dialects
