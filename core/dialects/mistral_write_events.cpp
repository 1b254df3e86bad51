// Events, written as the frames of a stream in Mistral's dialect.
//
// A call goes out whole when it has ended, as Mistral's clients expect it. What ends an answer waits for the usage,
// which stands in the same chunk as the last one of them. A thought is a part of the content; its signature follows
// in a part of its own, with no words.
#include <map>
#include <utility>

#include <fmt/format.h>

#include "dialects/mistral.h"
#include "dialects/native.h"
#include "dialects/openai_chat_chunks.h"

namespace apigw::dialects::mistral {

namespace {

constexpr std::size_t most_kept = 32 << 20;  // bytes of arguments that wait for their end, all together

struct OpenPart {
  enum class Kind : std::uint8_t { text, thought, call, other } kind = Kind::other;
  std::string origin;   // of a thought
  chat::ToolCall call;  // as far as it has come
  std::size_t number = 0;
};

struct Answer {
  bool spoke = false;
  std::size_t calls = 0;
  std::map<unsigned, OpenPart> parts;  // open ones
};

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : chunks_(facts) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }
  [[nodiscard]] bool gave_up() const override { return kept_ > most_kept; }

 private:
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
    say(answer, text.text);
  }
  void begin(unsigned answer, Answer&, OpenPart& part, const chat::RefusalText& text) {
    part.kind = OpenPart::Kind::text;
    say(answer, text.text);
  }
  void begin(unsigned answer, Answer&, OpenPart& part, const chat::Reasoning& thought) {
    part.kind = OpenPart::Kind::thought;
    part.origin = thought.origin;
    think(answer, thought);
  }
  void begin(unsigned, Answer& state, OpenPart& part, const chat::ToolCall& call) {
    part.kind = OpenPart::Kind::call;
    part.call = call;
    part.number = state.calls++;
  }
  void begin(unsigned answer, Answer& state, OpenPart& part, const chat::Media& media) {
    if (!is_picture(media)) return begin(answer, state, part, chat::ToolResult{});
    content(answer, [&](JsonWriter& json) { write_image(json, media); });
  }
  void begin(unsigned answer, Answer&, OpenPart&, const chat::ToolResult&) {
    losses_->add(chat::Loss::Kind::dropped, place_->empty() ? element("answers", answer) : *place_,
                 "an answer of Mistral holds no such part");
  }

  void on(const chat::PartGrew& grew) {
    OpenPart* part = find(grew.answer, grew.part);
    if (part == nullptr) return;
    if (part->kind == OpenPart::Kind::text) say(grew.answer, grew.text);
    if (part->kind == OpenPart::Kind::thought) think(grew.answer, {.text = grew.text, .origin = part->origin});
    if (part->kind != OpenPart::Kind::call) return;
    kept_ += grew.text.size();
    if (!gave_up()) part->call.arguments.text += grew.text;
  }

  void say(unsigned answer, const std::string& text) {
    if (!text.empty()) delta(answer, [&](JsonWriter& json) { json.member("content", text); });
  }

  void think(unsigned answer, const chat::Reasoning& thought) {
    if (thought.text.empty() && thought.signature.empty() && thought.sealed.empty()) return;
    content(answer, [&](JsonWriter& json) { openai::write_thinking(json, thought); });
  }

  void on(const chat::PartSigned& proof) {
    const OpenPart* part = find(proof.answer, proof.part);
    if (part != nullptr) think(proof.answer, {.signature = proof.signature, .origin = part->origin});
  }

  void on(const chat::PartEnded& ended) {
    const OpenPart* part = find(ended.answer, ended.part);
    if (part != nullptr && part->kind == OpenPart::Kind::call) {
      kept_ -= std::min(kept_, part->call.arguments.text.size());
      delta(ended.answer, [&](JsonWriter& json) {
        json.member("content", "");
        json.open_array("tool_calls");
        openai::write_call(json, part->call.id, part->call.name, part->call.arguments.text, part->number);
        json.close();
      });
    }
    answers_[ended.answer].parts.erase(ended.part);
  }

  void on(const chat::Stopped& stopped) {
    (void)speaking(stopped.answer);
    flush();
    chunks_.append(last_, stopped.answer, [&](JsonWriter& json) {
      json.open_object("delta");
      json.member("content", "");
      json.close();
      openai::write_stop(json, stopped.stop, stopped.answer, *losses_, speaker);
    });
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    if (!last_.empty() && finished.usage.known) {
      std::string usage;
      JsonWriter json(usage);
      json.open_object();
      openai::write_usage(json, finished.usage);
      json.close();
      last_.pop_back();  // the brace that closes the chunk
      last_.append(",").append(usage.substr(1));
    }
    flush();
    out_->append(openai::done_frame);
  }

  void on(const chat::Failed& failed) { out_->append("data: ").append(error_body(failed.error)).append("\n\n"); }

  OpenPart* find(unsigned answer, unsigned part) {
    auto& parts = answers_[answer].parts;
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

  // A chunk whose content is a list of one part.
  template <class Members>
  void content(unsigned answer, const Members& members) {
    delta(answer, [&](JsonWriter& json) {
      json.open_array("content");
      json.open_object();
      members(json);
      json.close();
      json.close();
    });
  }

  template <class Members>
  void delta(unsigned answer, const Members& members) {
    flush();
    chunks_.append_delta(*out_, answer, members);
  }

  // The chunk that ended an answer and waited.
  void flush() {
    if (last_.empty()) return;
    out_->append("data: ").append(last_).append("\n\n");
    last_.clear();
  }

  openai::Chunks chunks_;
  std::string last_;  // the chunk that ended an answer, not sent yet
  std::map<unsigned, Answer> answers_;
  std::size_t kept_ = 0;
  const std::string* place_ = nullptr;  // of the part that begins
  std::string* out_ = nullptr;          // of the call at work,
  chat::Losses* losses_ = nullptr;      // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::mistral
