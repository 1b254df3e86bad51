// A whole reply, written in Mistral's dialect. An answer of text alone is a string, any other a list of parts.
#include <algorithm>

#include "dialects/media.h"
#include "dialects/mistral.h"
#include "dialects/native.h"

namespace apigw::dialects::mistral {

namespace {

using chat::Answer;
using chat::Part;

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply), facts_(facts), json_(out), losses_(losses) {}

  void write() {
    json_.open_object();
    json_.member("id", reply_.id.empty() ? facts_.id : std::string_view(reply_.id));
    json_.member("object", "chat.completion");
    json_.member("created", reply_.created != 0 ? reply_.created : facts_.now);
    json_.member("model", reply_.model);
    json_.open_array("choices");
    for (std::size_t i = 0; i < reply_.answers.size(); ++i) answer(reply_.answers[i], i);
    json_.close();
    openai::write_usage(json_, reply_.usage);
    if (!reply_.usage.known) {  // clients demand the object; what nobody knows is not in it
      json_.open_object("usage");
      json_.close();
    }
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  void answer(const Answer& answer, std::size_t index) {
    json_.open_object();
    json_.member("index", index);
    json_.open_object("message");
    json_.member("role", "assistant");
    const auto plain = [](const Part& part) {
      return !std::holds_alternative<chat::Reasoning>(part.content) &&
             !std::holds_alternative<chat::Media>(part.content);
    };
    if (std::ranges::all_of(answer.parts, plain))
      json_.member("content", text_of(answer));
    else
      parts(answer, index);
    openai::write_calls(json_, answer);
    json_.close();
    openai::write_stop(json_, answer.stop, index, losses_, speaker);
    json_.close();
  }

  static std::string text_of(const Answer& answer) {
    std::string said;
    for (const Part& part : answer.parts) {
      if (const auto* text = std::get_if<chat::Text>(&part.content)) said += text->text;
      if (const auto* refusal = std::get_if<chat::RefusalText>(&part.content)) said += refusal->text;
    }
    return said;
  }

  void parts(const Answer& answer, std::size_t index) {
    json_.open_array("content");
    for (const Part& part : answer.parts) {
      if (std::holds_alternative<chat::ToolCall>(part.content)) continue;
      const auto* media = std::get_if<chat::Media>(&part.content);
      if (std::holds_alternative<chat::ToolResult>(part.content) || (media != nullptr && !is_picture(*media))) {
        losses_.add(chat::Loss::Kind::dropped, part.place.empty() ? element("answers", index) : part.place,
                    "an answer of Mistral holds no such part");
        continue;
      }
      json_.open_object();
      if (const auto* thought = std::get_if<chat::Reasoning>(&part.content))
        openai::write_thinking(json_, *thought);
      else if (media != nullptr)
        write_image(json_, *media);
      else
        write_text(part);
      json_.close();
    }
    json_.close();
  }

  void write_text(const Part& part) {
    json_.member("type", "text");
    const auto* text = std::get_if<chat::Text>(&part.content);
    json_.member("text", text != nullptr ? text->text : std::get<chat::RefusalText>(part.content).text);
  }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  JsonWriter json_;
  chat::Losses& losses_;
};

}  // namespace

bool is_picture(const chat::Media& media) {
  return media.kind == chat::Media::Kind::image && media.source.file_id.empty();
}

void write_image(JsonWriter& json, const chat::Media& media) {
  json.member("type", "image_url");
  json.open_object("image_url");
  json.member("url", media.source.url.empty() ? data_uri(media.source) : media.source.url);
  json.close();
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::mistral
