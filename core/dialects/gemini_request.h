// The halves of a request in the Gemini dialect that stand in files of their own.
#pragma once
#include <vector>

#include "dialects/gemini.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::gemini {

// The member `contents`, and the system prompt before it.
void read_contents(Reading& in, Fields& request, std::vector<chat::Message>& messages);
void read_system(Reading& in, Fields& request, std::vector<chat::Message>& messages);

// What the writers of one request share.
struct Writing {
  const chat::Request& request;
  const TargetTraits& target;
  ToolNames& names;
  chat::Losses& losses;
  bool own = false;  // the client speaks the dialect itself
};
// The members `systemInstruction` and `contents`. Error invalid: a part that the dialect cannot say, or nothing is
// left.
[[nodiscard]] Result<void> write_contents(JsonWriter& json, const Writing& writing);
// The members `tools` and `toolConfig`. `native`: what is written of it is taken out.
void write_tools(JsonWriter& json, const Writing& writing, chat::Native& native);

}  // namespace apigw::dialects::gemini
