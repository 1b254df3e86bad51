// What the files of OpenAI's older completions share. The dialect is OpenAI's chat completions under another Form: a
// text stands where they have turns, and each choice holds the text that goes on from it.
//
// https://platform.openai.com/docs/api-reference/completions
#pragma once
#include "dialects/json_writer.h"
#include "dialects/openai_chat.h"

namespace apigw::dialects::completions {

inline constexpr std::string_view own_word = openai::completions_word;
// As people read it in a loss.
inline constexpr std::string_view speaker = "OpenAI completions";

// Tokens of an answer where a client of the dialect does not say: the API's default.
inline constexpr std::uint64_t usual_limit = 16;
// What is written where a client of another dialect does not say: that default would cut nearly every answer.
inline constexpr std::uint64_t limit_of_an_answer = 1024;

// The prompt as one turn of the user, and what of the other members says no more than the default. Several prompts
// and such of tokens are mistakes: only a provider of the dialect is given them.
void read_prompt(Reading& in, Fields& fields, chat::Request& request);

// The member `prompt`: the words of a single turn, else all turns one behind the other, which is a loss, as is what
// only a chat has. Error invalid: a turn holds what is no text and must not be left out.
[[nodiscard]] Result<void> write_prompt(JsonWriter& json, const chat::Request& request, chat::Losses& losses);

[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

// The members that say why an answer ended. That a tool is called is a loss.
void write_stop(JsonWriter& json, chat::StopReason stop, std::size_t answer, chat::Losses& losses);

}  // namespace apigw::dialects::completions
