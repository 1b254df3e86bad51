// What a model answers in a chat, heard from an OpenAI reply or from its stream: words, a refusal, calls of tools,
// and how it ended.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "wire/sse.h"

namespace apigw::cli {

class ChatAnswer {
 public:
  using Say = std::function<void(std::string_view words)>;
  // `say` gets words, those of a refusal too, as they come.
  explicit ChatAnswer(Say say = {});
  // Bytes of a stream. False when it cannot go on; `failure` says why.
  bool take(std::string_view bytes);
  // A reply that came whole.
  void read(const nlohmann::ordered_json& reply);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  [[nodiscard]] const std::string& finish() const { return finish_; }  // as the provider's finish_reason; empty: none
  [[nodiscard]] const std::string& failure() const { return failure_; }  // of the stream; empty: none
  // What a reader must know who sees the words alone: empty for an answer that is whole.
  [[nodiscard]] std::string note() const;
  // The model gave what it was asked for, if only a part of it.
  [[nodiscard]] bool given() const;

 private:
  void hear_frame(std::string_view data);
  void hear(const nlohmann::ordered_json& choice, const char* member);

  Say say_;
  wire::SseSplitter splitter_;
  std::string text_, refusal_, finish_, failure_;
  std::vector<std::string> tools_;
};

}  // namespace apigw::cli
