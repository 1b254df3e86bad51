// What the mock says to a chat request: text, a document for a schema, or tool calls. Meaning only; reply.cpp writes
// it.
#pragma once
#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "mock/canned.h"
#include "mock/reply.h"

namespace apigw::mock {

struct ToolCall {
  std::string id, name, arguments;
};

struct Choice {
  std::vector<std::string> tokens;  // of the text; none when it calls tools
  std::vector<ToolCall> calls;
  std::string_view finish = "stop";
};

struct ChatAnswer {
  std::vector<Choice> choices;
  std::size_t prompt_tokens = 0;
  std::size_t completion_tokens = 0;
};

// `hash` is of the request's bytes: ids are made from it. Unexpected: the error to send.
[[nodiscard]] std::expected<ChatAnswer, Reply> answer_chat(const nlohmann::ordered_json& request, std::uint64_t hash,
                                                           std::chrono::system_clock::time_point now,
                                                           const Canned* canned = nullptr);

// The member `key`, nothing when `object` is none, has it not, or has null there.
[[nodiscard]] const nlohmann::ordered_json* present(const nlohmann::ordered_json& object, const char* key);

}  // namespace apigw::mock
