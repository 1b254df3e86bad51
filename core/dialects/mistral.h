// What the files of Mistral's dialect share. It is OpenAI's chat completions with words of its own
// (openai_chat.h: Form), answers whose thoughts are parts of the content, and usage that comes unasked.
// Source: Mistral's API reference, "Chat completion" and "Embeddings".
#pragma once
#include "dialects/openai_chat.h"

namespace apigw::dialects::mistral {

inline constexpr std::string_view own_word = openai::mistral_word;
inline constexpr std::string_view speaker = "Mistral";

[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

// {"object":"error","message":…}: clients of the dialect read it.
[[nodiscard]] std::string error_body(const ClientError& error);
[[nodiscard]] std::string error_body(const chat::ProviderError& error);

// What of its pictures an answer's content can hold, and the members of such a part.
[[nodiscard]] bool is_picture(const chat::Media& media);
void write_image(JsonWriter& json, const chat::Media& media);

}  // namespace apigw::dialects::mistral
