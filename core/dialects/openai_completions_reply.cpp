// Answers of OpenAI's older completions, whole and as a stream, as clients get them.
#include <map>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_chat_chunks.h"
#include "dialects/openai_completions.h"

namespace apigw::dialects::completions {

namespace {

using chat::Loss;

// The words that a part begins with; nothing: it is none, and a loss.
std::optional<std::string_view> words_of(const chat::Content& content, const std::string& place, std::size_t answer,
                                         chat::Losses& losses) {
  if (const auto* text = std::get_if<chat::Text>(&content)) return text->text;
  const std::string at = place.empty() ? element("answers", answer) : place;
  if (const auto* refusal = std::get_if<chat::RefusalText>(&content)) {
    losses.add(Loss::Kind::changed, at, fmt::format("{} tells a refusal as text", speaker));
    return refusal->text;
  }
  losses.add(Loss::Kind::dropped, at, fmt::format("an answer of {} holds text alone", speaker));
  return std::nullopt;
}

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : chunks_(facts, "text_completion"), stream_usage_(facts.stream_usage) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }

 private:
  void on(const chat::Began& began) { chunks_.begin(began); }
  void on(const chat::PartBegan& began) {
    const auto words = words_of(began.content, began.place, began.answer, *losses_);
    spoken_[began.answer][began.part] = words.has_value();
    if (words && !words->empty()) say(began.answer, *words);
  }
  void on(const chat::PartGrew& grew) {
    if (spoken_[grew.answer][grew.part]) say(grew.answer, grew.text);
  }
  void on(const chat::PartSigned&) {}
  void on(const chat::PartEnded& ended) { spoken_[ended.answer].erase(ended.part); }
  void on(const chat::Stopped& stopped) {
    chunk(stopped.answer, {}, [&](JsonWriter& json) { write_stop(json, stopped.stop, stopped.answer, *losses_); });
  }
  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }
  void on(const chat::Finished& finished) { chunks_.append_end(*out_, finished.usage, stream_usage_); }
  void on(const chat::Failed& failed) {
    out_->append("data: ").append(openai::error_body(failed.error)).append("\n\n");
  }

  void say(unsigned answer, std::string_view text) {
    chunk(answer, text, [](JsonWriter& json) { json.null("finish_reason"); });
  }
  template <class Members>
  void chunk(unsigned answer, std::string_view text, const Members& end) {
    out_->append("data: ");
    chunks_.append(*out_, answer, [&](JsonWriter& json) {
      json.member("text", text);
      json.null("logprobs");
      end(json);
    });
    out_->append("\n\n");
  }

  openai::Chunks chunks_;
  bool stream_usage_;
  std::map<unsigned, std::map<unsigned, bool>> spoken_;  // open parts by their answer: whether they are told
  std::string* out_ = nullptr;                           // of the event at work,
  chat::Losses* losses_ = nullptr;                       // likewise
};

}  // namespace

void write_stop(JsonWriter& json, chat::StopReason stop, std::size_t answer, chat::Losses& losses) {
  if (stop.stop == chat::Stop::tool_calls) stop.stop = chat::Stop::other;
  openai::write_stop(json, stop, answer, losses, speaker);
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  json.member("id", reply.id.empty() ? facts.id : std::string_view(reply.id));
  json.member("object", "text_completion");
  json.member("created", reply.created != 0 ? reply.created : facts.now);
  json.member("model", reply.model);
  json.open_array("choices");
  for (std::size_t i = 0; i < reply.answers.size(); ++i) {
    const chat::Answer& answer = reply.answers[i];
    std::string text;
    for (const chat::Part& part : answer.parts)
      text += words_of(part.content, part.place, i, losses).value_or(std::string_view());
    json.open_object();
    json.member("text", text);
    json.member("index", i);
    json.null("logprobs");
    write_stop(json, answer.stop, i, losses);
    json.close();
  }
  json.close();
  openai::write_usage(json, reply.usage);
  write_native(json, reply.native, own_word, speaker, tells_nothing, losses);
  json.close();
  return out;
}

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::completions
