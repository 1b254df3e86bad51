// Events, written as the frames of a stream in the OpenAI dialect.
//
// The role goes first, every chunk repeats id, time and model, a call names its id and tool in its first fragment
// alone, and usage stands in a chunk without choices before [DONE]. A stream that failed has an error for its last
// frame and no end mark: clients raise on it.
#include <map>

#include <fmt/format.h>

#include "dialects/media.h"
#include "dialects/native.h"
#include "dialects/openai_chat.h"
#include "dialects/openai_chat_chunks.h"
#include "dialects/proof.h"

namespace apigw::dialects::openai {

namespace {

// What a part that has begun is, and its number among its kind.
struct OpenPart {
  enum class Kind : std::uint8_t { text, refusal, thought, signed_thought, call, other } kind = Kind::other;
  std::size_t number = 0;
  std::string origin;
};

struct Answer {
  bool spoke = false;
  std::size_t calls = 0;
  std::size_t thoughts = 0;
  std::map<unsigned, OpenPart> parts;  // open ones
};

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : chunks_(facts), stream_usage_(facts.stream_usage) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }

 private:
  using Thoughts = TargetTraits::Thoughts;

  void on(const chat::Began& began) {
    chunks_.begin(began);
    (void)speaking(0);
  }

  void on(const chat::PartBegan& began) {
    Answer& answer = speaking(began.answer);
    OpenPart& part = answer.parts[began.part];
    place_ = &began.place;
    std::visit([&](const auto& content) { begin(began.answer, answer, part, content); }, began.content);
  }

  void begin(unsigned answer, Answer&, OpenPart& part, const chat::Text& text) {
    part.kind = OpenPart::Kind::text;
    if (!text.text.empty()) grow(answer, part, text.text);
  }
  void begin(unsigned answer, Answer&, OpenPart& part, const chat::RefusalText& text) {
    part.kind = OpenPart::Kind::refusal;
    if (!text.text.empty()) grow(answer, part, text.text);
  }
  void begin(unsigned answer, Answer& state, OpenPart& part, const chat::Reasoning& thought) {
    const bool list = !thought.origin.empty() || carries_proof(thought);
    part = {.kind = list ? OpenPart::Kind::signed_thought : OpenPart::Kind::thought,
            .number = state.thoughts++,
            .origin = thought.origin};
    if (!thought.text.empty() || carries_proof(thought)) think(answer, part, thought);
  }
  void begin(unsigned answer, Answer& state, OpenPart& part, const chat::ToolCall& call) {
    part = {.kind = OpenPart::Kind::call, .number = state.calls++, .origin = {}};
    delta(answer, [&](JsonWriter& json) {
      json.open_array("tool_calls");
      write_call(json, call.id, call.name, call.arguments.text, part.number);
      json.close();
    });
  }
  void begin(unsigned answer, Answer&, OpenPart&, const chat::Media& media) {
    if (media.kind != chat::Media::Kind::image || !media.source.file_id.empty()) return lose(answer);
    delta(answer, [&](JsonWriter& json) {
      json.open_array("images");
      json.open_object();
      json.member("type", "image_url");
      json.open_object("image_url");
      json.member("url", media.source.url.empty() ? data_uri(media.source) : media.source.url);
      json.close();
      json.close();
      json.close();
    });
  }
  void begin(unsigned answer, Answer&, OpenPart&, const chat::ToolResult&) { lose(answer); }

  void lose(unsigned answer) {
    losses_->add(chat::Loss::Kind::dropped, place_->empty() ? element("answers", answer) : *place_,
                 "an answer of OpenAI chat completions holds no such part");
  }

  void on(const chat::PartGrew& grew) {
    if (const OpenPart* part = find(grew.answer, grew.part)) grow(grew.answer, *part, grew.text);
  }

  void grow(unsigned answer, const OpenPart& part, const std::string& text) {
    using Kind = OpenPart::Kind;
    if (part.kind == Kind::thought || part.kind == Kind::signed_thought) {
      return think(answer, part, {.text = text, .origin = part.origin});
    }
    if (part.kind == Kind::other) return;
    delta(answer, [&](JsonWriter& json) {
      if (part.kind != Kind::call) return json.member(part.kind == Kind::text ? "content" : "refusal", text);
      json.open_array("tool_calls");
      json.open_object();
      json.member("index", part.number);
      json.open_object("function");
      json.member("arguments", text);
      json.close();
      json.close();
      json.close();
    });
  }

  void think(unsigned answer, const OpenPart& part, const chat::Reasoning& thought) {
    const bool list = part.kind == OpenPart::Kind::signed_thought || carries_proof(thought);
    delta(answer, [&](JsonWriter& json) {
      write_thoughts(json, {&thought, 1}, list ? Thoughts::blocks : Thoughts::text_only, part.number);
    });
  }

  void on(const chat::PartSigned& proof) {
    const OpenPart* part = find(proof.answer, proof.part);
    if (part != nullptr) think(proof.answer, *part, {.signature = proof.signature, .origin = part->origin});
  }

  void on(const chat::PartEnded& ended) { answers_[ended.answer].parts.erase(ended.part); }

  void on(const chat::Stopped& stopped) {
    (void)speaking(stopped.answer);
    out_->append("data: ");
    chunks_.append(*out_, stopped.answer, [&](JsonWriter& json) {
      json.open_object("delta");
      json.close();
      write_stop(json, stopped.stop, stopped.answer, *losses_);
    });
    out_->append("\n\n");
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) { chunks_.append_end(*out_, finished.usage, stream_usage_); }

  void on(const chat::Failed& failed) { out_->append("data: ").append(error_body(failed.error)).append("\n\n"); }

  const OpenPart* find(unsigned answer, unsigned part) {
    const auto& parts = answers_[answer].parts;
    const auto found = parts.find(part);
    return found == parts.end() ? nullptr : &found->second;
  }

  Answer& speaking(unsigned answer) {
    Answer& state = answers_[answer];
    if (state.spoke) return state;
    state.spoke = true;
    delta(answer, [](JsonWriter& json) {
      json.member("role", "assistant");
      json.member("content", "");
    });
    return state;
  }

  template <class Members>
  void delta(unsigned answer, const Members& members) {
    chunks_.append_delta(*out_, answer, members);
  }

  Chunks chunks_;
  bool stream_usage_;
  std::map<unsigned, Answer> answers_;
  const std::string* place_ = nullptr;  // of the part that begins
  std::string* out_ = nullptr;          // of the call at work,
  chat::Losses* losses_ = nullptr;      // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::openai
