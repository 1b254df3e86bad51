// The halves of a request in the OpenAI dialect that stand in files of their own, and what the Responses dialect says
// in the same words.
#pragma once
#include <vector>

#include "dialects/openai_chat.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::openai {

/* --------------------------- settings of a request ---------------------- */

// name, description, parameters and strict.
void read_function(Reading& in, Fields& fields, chat::Tool& tool);
// "auto", "none", "required"; nothing: no such word.
[[nodiscard]] std::optional<chat::ToolChoice> choice_of(std::string_view word);
[[nodiscard]] std::string_view choice_word(chat::ToolChoice::Mode mode);  // not `named`
// mode, and the names of the list `tools`.
void read_allowed_tools(Reading& in, Fields& allowed, chat::ToolChoice& into);
// name, description, schema and strict.
void read_schema(Reading& in, Fields& fields, chat::AnswerFormat& format);
// The same, of a form that was asked for at `place`.
void write_schema(JsonWriter& json, const chat::AnswerFormat& format, const std::string& place, chat::Losses& losses);
// Who asks, by the newer word too; where both are said, the newer one rides in native beside it.
void read_user(Fields& fields, chat::Request& request);
// How much to think; nothing: it is not said. A budget is said as the effort that takes about as much.
[[nodiscard]] std::optional<chat::Effort> effort_for(const chat::Request& request, const TargetTraits& target,
                                                     chat::Losses& losses);
// The tier in the words that OpenAI's dialects share; empty: it is not said. Those of another dialect have other
// names and other prices. `who` begins the reason of a loss.
[[nodiscard]] std::string_view tier_for(const chat::Request& request, std::string_view who, chat::Losses& losses);

// What only the dialects of this family say, under the name that each has for it.
struct SharedNative {
  chat::Native own;   // in the words of the dialect that is written; it can say all of this
  chat::Native rest;  // as it came in
};
[[nodiscard]] SharedNative shared_native(const chat::Native& native, std::string_view written);

/* -------------------------------- messages ------------------------------ */

void read_messages(Reading& in, Fields& request, const Form& form, std::vector<chat::Message>& messages);

// The member `messages`. Error invalid: a part that the dialect cannot say.
[[nodiscard]] Result<void> write_messages(JsonWriter& json, const chat::Request& request, const TargetTraits& target,
                                          const Form& form, ToolNames& names, chat::Losses& losses);

// The members of a part for a picture, document or sound; else why it cannot be said.
[[nodiscard]] std::string_view write_media(JsonWriter& json, const chat::Media& media);
// In the form that the target takes, else a loss at `place`.
void write_cache_mark(JsonWriter& json, const std::optional<chat::CacheMark>& mark, const TargetTraits& target,
                      const std::string& place, chat::Losses& losses);

}  // namespace apigw::dialects::openai
