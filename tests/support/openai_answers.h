// What a provider of OpenAI's dialect answers in the tests of calls: plain, and a stream in pieces.
#pragma once
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace apigw::test {

inline const std::string openai_reply =
    R"({"id":"c1","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"hello"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}})";

inline std::string chunk(std::string_view delta, std::string_view finish = "null") {
  return fmt::format(
      "data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-5-mini\",\"choices\":"
      "[{{\"index\":0,\"delta\":{},\"finish_reason\":{}}}]}}\n\n",
      delta, finish);
}
inline const std::string openai_hel = chunk(R"({"content":"hel"})"), openai_stop = chunk("{}", R"("stop")");
inline const std::string openai_tail =
    "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: "
    "[DONE]\n\n";

}  // namespace apigw::test
