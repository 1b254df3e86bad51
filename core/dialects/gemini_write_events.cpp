// Events, written as the frames of a stream in the Gemini dialect.
//
// Each frame is a whole reply with the next part of one candidate. A call goes out whole once it has ended, after
// those that began before it, so its arguments are kept until then, up to a limit. The proof of a thought stands on
// the call that comes next, else on an empty text of its own. Why the answers stopped and what they cost is the last
// frame.
#include <algorithm>
#include <deque>
#include <map>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/native.h"
#include "dialects/proof.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Loss;

constexpr std::size_t most_kept = 32u << 20;  // bytes of calls and proofs that are not on the wire yet

struct Waiting {
  unsigned part = 0;
  chat::ToolCall call;
  std::string proof, place;
  bool ended = false;
};

struct OpenThought {
  std::string signature, sealed, origin;
  bool spoke = false;
};

struct Answer {
  std::string proof;                     // of what comes next
  std::map<unsigned, OpenThought> open;  // thoughts
  std::deque<Waiting> calls;             // in order of their beginning
  std::optional<chat::StopReason> stop;
};

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : id_(facts.id) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    if (gave_up_) return;
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }
  [[nodiscard]] bool gave_up() const override { return gave_up_; }

 private:
  void on(const chat::Began& began) {
    if (!began.id.empty()) id_ = began.id;
    const std::string model =
        began.model.empty() ? std::string() : fmt::format(R"("modelVersion":{},)", json::quote(began.model));
    tail_ = fmt::format(R"({}"responseId":{}}})", model, json::quote(id_));
  }

  void on(const chat::PartBegan& began) {
    Answer& answer = answers_[began.answer];
    std::visit([&](const auto& content) { begin(began, answer, content); }, began.content);
  }

  void begin(const chat::PartBegan& began, Answer& answer, const chat::Text& text) {
    settle(began.answer, answer);
    say(began.answer, text.text);
  }
  void begin(const chat::PartBegan& began, Answer& answer, const chat::RefusalText& text) {
    losses_->add(Loss::Kind::changed, place_of(began), "Gemini tells a refusal as text");
    settle(began.answer, answer);
    say(began.answer, text.text);
  }
  void begin(const chat::PartBegan& began, Answer& answer, const chat::Reasoning& thought) {
    settle(began.answer, answer);
    if (!keep(thought.signature.size() + thought.sealed.size())) return;
    answer.open[began.part] = {thought.signature, thought.sealed, thought.origin, !thought.text.empty()};
    think(began.answer, thought.text);
  }
  void begin(const chat::PartBegan& began, Answer& answer, const chat::ToolCall& call) {
    if (!keep(sizeof(Waiting) + call.arguments.text.size())) return;
    answer.calls.push_back({began.part, call, std::exchange(answer.proof, {}), place_of(began)});
  }
  void begin(const chat::PartBegan& began, Answer& answer, const chat::Media& media) {
    if (media.source.base64.empty())
      return losses_->add(Loss::Kind::dropped, place_of(began), "an answer of Gemini holds data alone");
    settle(began.answer, answer);
    part(began.answer, [&](JsonWriter& json) { (void)write_media(json, media, true); });
  }
  void begin(const chat::PartBegan& began, Answer&, const chat::ToolResult&) {
    losses_->add(Loss::Kind::dropped, place_of(began), "an answer holds no results of tools");
  }
  static std::string place_of(const chat::PartBegan& began) {
    return began.place.empty() ? element("answers", began.answer) : began.place;
  }

  void on(const chat::PartGrew& grew) {
    Answer& answer = answers_[grew.answer];
    if (Waiting* call = find(answer, grew.part)) {
      if (keep(grew.text.size())) call->call.arguments.text += grew.text;
    } else if (const auto thought = answer.open.find(grew.part); thought != answer.open.end()) {
      think(grew.answer, grew.text);
      thought->second.spoke = true;
    } else {
      say(grew.answer, grew.text);
    }
  }

  void on(const chat::PartSigned& proof) {
    Answer& answer = answers_[proof.answer];
    const auto thought = answer.open.find(proof.part);
    if (thought != answer.open.end() && keep(proof.signature.size())) thought->second.signature += proof.signature;
  }

  void on(const chat::PartEnded& ended) {
    Answer& answer = answers_[ended.answer];
    if (Waiting* call = find(answer, ended.part)) {
      call->ended = true;
      return flush(ended.answer, answer);
    }
    const auto found = answer.open.find(ended.part);
    if (found == answer.open.end()) return;
    const OpenThought thought = std::move(found->second);
    answer.open.erase(found);
    kept_ -= thought.signature.size() + thought.sealed.size();
    const chat::Reasoning whole{
        .text = {}, .signature = thought.signature, .sealed = thought.sealed, .origin = thought.origin};
    if (!thought.spoke && proves_next(whole)) {
      settle(ended.answer, answer);
      if (std::string proof = written_signature(whole); keep(proof.size())) answer.proof = std::move(proof);
      return;
    }
    const std::string proof = written_signature(whole);
    if (proof.empty()) return;
    part(ended.answer, [&](JsonWriter& json) {
      json.member("text", std::string_view());
      json.member("thought", true);
      json.member("thoughtSignature", proof);
    });
  }

  void on(const chat::Stopped& stopped) {
    Answer& answer = answers_[stopped.answer];
    for (Waiting& call : answer.calls) call.ended = true;
    flush(stopped.answer, answer);
    settle(stopped.answer, answer);
    answer.stop = stopped.stop;
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    out_->append("data: ");
    JsonWriter json(*out_);
    json.open_object();
    json.open_array("candidates");
    for (auto& [number, answer] : answers_) {
      json.open_object();
      json.open_object("content");
      json.open_array("parts");
      json.open_object();
      json.member("text", std::string_view());
      json.close();
      json.close();
      json.member("role", "model");
      json.close();
      json.member("finishReason", finish_word(answer.stop.value_or(chat::StopReason{}), *losses_));
      json.member("index", number);
      json.close();
    }
    json.close();
    write_usage(json, finished.usage);
    json.close();
    out_->back() = ',';
    out_->append(tail_).append("\n\n");
  }

  void on(const chat::Failed& failed) { out_->append("data: ").append(error_body(failed.error)).append("\n\n"); }

  /* --------------------------------- parts ------------------------------- */

  void say(unsigned number, const std::string& text) {
    if (!text.empty()) part(number, [&](JsonWriter& json) { json.member("text", text); });
  }
  void think(unsigned number, const std::string& text) {
    if (text.empty()) return;
    part(number, [&](JsonWriter& json) {
      json.member("text", text);
      json.member("thought", true);
    });
  }

  // A proof that no call has taken goes out before what comes next.
  void settle(unsigned number, Answer& answer) {
    if (answer.proof.empty()) return;
    kept_ -= answer.proof.size();
    part(number, [&](JsonWriter& json) {
      json.member("text", std::string_view());
      json.member("thoughtSignature", std::exchange(answer.proof, {}));
    });
  }

  void flush(unsigned number, Answer& answer) {
    for (; !answer.calls.empty() && answer.calls.front().ended; answer.calls.pop_front()) {
      const Waiting& call = answer.calls.front();
      const auto args = object_of(call.call.arguments);
      if (!args)
        losses_->add(Loss::Kind::changed, call.place,
                     "the arguments of the call are no JSON object; they were left out");
      part(number, [&](JsonWriter& json) {
        json.open_object("functionCall");
        json.filled("id", call.call.id);
        json.member("name", call.call.name);
        json.member("args", args.value_or(json::Raw{"{}"}));
        json.close();
        json.filled("thoughtSignature", call.proof);
      });
      kept_ -= sizeof(Waiting) + call.call.arguments.text.size() + call.proof.size();
    }
  }

  template <class Members>
  void part(unsigned number, const Members& members) {
    const auto begin = static_cast<std::ptrdiff_t>(out_->size());
    out_->append(R"(data: {"candidates":[{"content":{"parts":[)");
    JsonWriter json(*out_);
    json.open_object();
    members(json);
    json.close();
    // A call's arguments may stand in several lines, and JSON has none inside its strings.
    std::replace_if(out_->begin() + begin, out_->end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    out_->append(R"(],"role":"model"},"index":)").append(std::to_string(number)).append("}],");
    out_->append(tail_).append("\n\n");
  }

  static Waiting* find(Answer& answer, unsigned part) {
    const auto found = std::ranges::find(answer.calls, part, &Waiting::part);
    return found == answer.calls.end() ? nullptr : &*found;
  }

  bool keep(std::size_t bytes) {
    kept_ += bytes;
    gave_up_ = gave_up_ || kept_ > most_kept;
    return !gave_up_;
  }

  std::string id_;
  std::string tail_;  // the members that every frame repeats, and its end
  std::map<unsigned, Answer> answers_;
  std::size_t kept_ = 0;  // bytes
  bool gave_up_ = false;
  std::string* out_ = nullptr;      // of the call at work,
  chat::Losses* losses_ = nullptr;  // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::gemini
