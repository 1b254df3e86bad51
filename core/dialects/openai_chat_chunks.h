// What the streams of OpenAI's chat completions and of those dialects that grew out of it share: chunks that repeat
// id, time and model, of one choice each.
#pragma once
#include <string>

#include <fmt/format.h>

#include "dialects/json_writer.h"
#include "dialects/openai_chat.h"

namespace apigw::dialects::openai {

class Chunks {
 public:
  explicit Chunks(const ReplyFacts& facts, std::string_view object = "chat.completion.chunk")
      : id_(facts.id), now_(facts.now), object_(object) {}

  void begin(const chat::Began& began) {
    const std::string_view id = began.id.empty() ? std::string_view(id_) : std::string_view(began.id);
    head_ = fmt::format(R"({{"id":{},"object":"{}","created":{},"model":{},"choices":[)", json::quote(id), object_,
                        began.created != 0 ? began.created : now_, json::quote(began.model));
  }
  // Of every chunk, up to its choices.
  [[nodiscard]] const std::string& head() const { return head_; }

  // A chunk of one choice, `members` written behind its index.
  template <class Members>
  void append(std::string& out, unsigned answer, const Members& members) const {
    out.append(head_);
    JsonWriter json(out);
    json.open_object();
    json.member("index", answer);
    members(json);
    json.close();
    out.append("]}");
  }
  // A frame whose choice has a delta and has not ended.
  template <class Members>
  void append_delta(std::string& out, unsigned answer, const Members& members) const {
    out.append("data: ");
    append(out, answer, [&](JsonWriter& json) {
      json.open_object("delta");
      members(json);
      json.close();
      json.null("finish_reason");
    });
    out.append("\n\n");
  }
  // The usage, in a chunk without choices, where the client asked for it and it is known; and the end mark.
  void append_end(std::string& out, const chat::Usage& usage, bool told) const {
    if (told && usage.known) {
      std::string members;
      JsonWriter json(members);
      json.open_object();
      write_usage(json, usage);
      json.close();
      out.append("data: ").append(head_).append("],").append(members.substr(1)).append("\n\n");
    }
    out.append(done_frame);
  }

 private:
  std::string id_;
  std::int64_t now_;
  std::string_view object_;  // static
  std::string head_;
};

}  // namespace apigw::dialects::openai
