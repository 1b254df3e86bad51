// Events, written as the lines of a stream in Ollama's dialect: of a conversation, or of one prompt.
//
// A call goes out whole once it has ended, after those that began before it, so its arguments are kept until then, up
// to a limit. Why the answer stopped and what it cost is the last line.
#include <algorithm>
#include <deque>
#include <set>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/ollama.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Loss;

constexpr std::size_t most_kept = 32u << 20;  // bytes of calls that are not on the wire yet

struct Waiting {
  unsigned part = 0;
  chat::ToolCall call;
  std::string place;
  bool ended = false;
};

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : prompted_(facts.operation == generate), now_(facts.now) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    if (gave_up_) return;
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }
  [[nodiscard]] bool gave_up() const override { return gave_up_; }

 private:
  void on(const chat::Began& began) {
    list_ = began.list;
    head_ = fmt::format(R"({{"model":{},"created_at":"{}",)", json::quote(began.model),
                        written_time(began.created != 0 ? began.created : now_));
  }

  void on(const chat::PartBegan& began) {
    if (other(began.answer)) return;
    std::visit([&](const auto& content) { begin(began, content); }, began.content);
  }

  void begin(const chat::PartBegan&, const chat::Text& text) { say(text.text); }
  void begin(const chat::PartBegan& began, const chat::RefusalText& text) {
    lose(Loss::Kind::changed, began, "Ollama tells a refusal as text");
    say(text.text);
  }
  void begin(const chat::PartBegan& began, const chat::Reasoning& thought) {
    thoughts_.insert(began.part);
    if (!thought.signature.empty() || !thought.sealed.empty()) unproven(began.place);
    think(thought.text);
  }
  void begin(const chat::PartBegan& began, const chat::ToolCall& call) {
    if (!keep(sizeof(Waiting) + call.arguments.text.size())) return;
    calls_.push_back({began.part, call, place_of(began)});
  }
  void begin(const chat::PartBegan& began, const chat::Media& media) {
    if (media.kind != chat::Media::Kind::image || media.source.base64.empty())
      return lose(Loss::Kind::dropped, began, "an answer of Ollama holds no such part");
    piece([&](JsonWriter& json) {
      json.member(prompted_ ? "response" : "content", std::string_view());
      json.open_array("images");
      json.element(media.source.base64);
      json.close();
    });
  }
  void begin(const chat::PartBegan& began, const chat::ToolResult&) {
    lose(Loss::Kind::dropped, began, "an answer holds no results of tools");
  }

  static std::string place_of(const chat::PartBegan& began) {
    return began.place.empty() ? element("answers", began.answer) : began.place;
  }
  void lose(Loss::Kind kind, const chat::PartBegan& began, std::string_view why) {
    losses_->add(kind, place_of(began), std::string(why));
  }
  // Once a stream.
  void unproven(const std::string& place) {
    if (std::exchange(unproven_, true)) return;
    losses_->add(Loss::Kind::changed, place.empty() ? element("answers", 0) : place,
                 "Ollama has no signature of a thought");
  }

  void on(const chat::PartGrew& grew) {
    if (grew.answer != 0) return;
    if (Waiting* call = find(grew.part)) {
      if (keep(grew.text.size())) call->call.arguments.text += grew.text;
    } else if (thoughts_.contains(grew.part)) {
      think(grew.text);
    } else {
      say(grew.text);
    }
  }

  void on(const chat::PartSigned& proof) {
    if (proof.answer == 0) unproven({});
  }

  void on(const chat::PartEnded& ended) {
    if (ended.answer != 0) return;
    thoughts_.erase(ended.part);
    if (Waiting* call = find(ended.part)) call->ended = true;
    flush();
  }

  void on(const chat::Stopped& stopped) {
    if (other(stopped.answer)) return;
    for (Waiting& call : calls_) call.ended = true;
    flush();
    stop_ = stopped.stop;
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    piece([&](JsonWriter& json) { json.member(prompted_ ? "response" : "content", std::string_view()); },
          [&](JsonWriter& json) {
            json.member("done", true);
            json.member("done_reason", done_word(stop_, *losses_));
            write_usage(json, finished.usage);
          });
  }

  void on(const chat::Failed& failed) { out_->append(error_body(failed.error)).append("\n"); }

  /* --------------------------------- lines ------------------------------- */

  void say(const std::string& text) {
    if (!text.empty()) piece([&](JsonWriter& json) { json.member(prompted_ ? "response" : "content", text); });
  }
  void think(const std::string& text) {
    if (text.empty()) return;
    piece([&](JsonWriter& json) {
      json.member(prompted_ ? "response" : "content", std::string_view());
      json.member("thinking", text);
    });
  }

  void flush() {
    for (; !calls_.empty() && calls_.front().ended; calls_.pop_front()) {
      const Waiting& waiting = calls_.front();
      const auto arguments = object_of(waiting.call.arguments);
      if (!arguments)
        losses_->add(Loss::Kind::changed, waiting.place,
                     "the arguments of the call are no JSON object; they were left out");
      piece([&](JsonWriter& json) {
        json.member(prompted_ ? "response" : "content", std::string_view());
        json.open_array("tool_calls");
        write_call(json, waiting.call.id, waiting.call.name, arguments.value_or(json::Raw{"{}"}));
        json.close();
      });
      kept_ -= sizeof(Waiting) + waiting.call.arguments.text.size();
    }
  }

  template <class Members>
  void piece(const Members& members) {
    piece(members, [](JsonWriter& json) { json.member("done", false); });
  }
  // A line with what the model says, and what stands behind it at the top.
  template <class Members, class End>
  void piece(const Members& members, const End& end) {
    std::string line;
    JsonWriter json(line);
    json.open_object();
    if (!prompted_) {
      json.open_object("message");
      json.member("role", "assistant");
    }
    members(json);
    if (!prompted_) json.close();
    end(json);
    json.close();
    // Of arguments as a program wrote them; JSON has none inside its strings.
    std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    out_->append(head_).append(std::string_view(line).substr(1)).append("\n");
  }

  Waiting* find(unsigned part) {
    const auto found = std::ranges::find(calls_, part, &Waiting::part);
    return found == calls_.end() ? nullptr : &*found;
  }

  // Of answers beside the first nothing is told.
  bool other(unsigned answer) {
    if (answer == 0) return false;
    if (!std::exchange(others_, true))
      losses_->add(Loss::Kind::dropped, element(list_.empty() ? "answers" : list_, answer),
                   "Ollama gives one answer");
    return true;
  }

  bool keep(std::size_t bytes) {
    kept_ += bytes;
    gave_up_ = gave_up_ || kept_ > most_kept;
    return !gave_up_;
  }

  const bool prompted_;
  const std::int64_t now_;
  std::string head_ = "{";       // of every line
  std::string list_;             // of the answers in what comes in
  std::set<unsigned> thoughts_;  // open ones
  std::deque<Waiting> calls_;    // in order of their beginning
  chat::StopReason stop_;
  std::size_t kept_ = 0;  // bytes
  bool gave_up_ = false, others_ = false, unproven_ = false;
  std::string* out_ = nullptr;      // of the call at work,
  chat::Losses* losses_ = nullptr;  // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::ollama
