// The halves of a request in the OpenAI dialect that stand in files of their own.
#pragma once
#include <vector>

#include "dialects/openai_chat.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::openai {

void read_messages(Reading& in, Fields& request, std::vector<chat::Message>& messages);

// The member `messages`. Error invalid: a part that the dialect cannot say.
[[nodiscard]] Result<void> write_messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                                          ToolNames& names, chat::Losses& losses);

// The members of a part for a picture, document or sound; else why it cannot be said.
[[nodiscard]] std::string_view write_media(JsonWriter& json, const chat::Media& media);
// In the form that the target takes, else a loss at `place`.
void write_cache_mark(JsonWriter& json, const std::optional<chat::CacheMark>& mark, const TargetTraits& target,
                      const std::string& place, chat::Losses& losses);

}  // namespace apigw::dialects::openai
