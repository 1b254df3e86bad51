// Events, written as the frames of a stream in Cohere's dialect.
//
// Parts come one after the other, since its clients put together what comes last: those that grow at the same time
// wait for their turn. Contents and calls are numbered apart. Why the answer stopped and what it cost is told at the
// end.
#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/native.h"
#include "dialects/openai_chat.h"
#include "dialects/proof.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Loss;

constexpr std::size_t most_waiting = 32u << 20;  // bytes of parts that are not on the wire yet

// A part that has begun and is not closed on the wire. Only the first of the queue is open there.
struct Waiting {
  unsigned part = 0;
  chat::Content content;
  std::string text;  // came while another was open
  bool ended = false;
  std::size_t kept = 0;  // bytes of it that count as waiting
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
  /* -------------------------------- frames ------------------------------ */

  // `members`: behind the type.
  void frame(std::string_view type, std::string_view members) {
    out_->append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
    out_->append(members).append("}\n\n");
  }
  void indexed(std::string_view type, std::size_t index, std::string_view message = {}) {
    frame(type, message.empty() ? fmt::format(R"(,"index":{})", index)
                                : fmt::format(R"(,"index":{},"delta":{{"message":{{{}}}}})", index, message));
  }

  /* -------------------------------- events ------------------------------ */

  void on(const chat::Began& began) {
    if (std::exchange(began_, true)) return;
    list_ = began.list;
    if (!began.id.empty()) id_ = began.id;
    constexpr std::string_view empty =
        R"("role":"assistant","content":[],"tool_plan":"","tool_calls":[],"citations":[])";
    frame("message-start", fmt::format(R"(,"id":{},"delta":{{"message":{{{}}}}})", json::quote(id_), empty));
  }

  void on(const chat::PartBegan& began) {
    if (other(began.answer)) return;
    on(chat::Began{});
    if (!sayable(began)) return;
    queue_.push_back({.part = began.part, .content = began.content, .text = {}});
    Waiting& part = queue_.back();
    std::visit([&](auto& one) { part.text = said(one); }, part.content);
    (void)keep(part, sizeof(Waiting) + part.text.size());
    advance();
  }

  static std::string said(chat::Text& text) { return std::exchange(text.text, {}); }
  static std::string said(chat::RefusalText& text) { return std::exchange(text.text, {}); }
  static std::string said(chat::Reasoning& thought) { return std::exchange(thought.text, {}); }
  static std::string said(chat::ToolCall& call) { return std::exchange(call.arguments.text, {}); }
  static std::string said(chat::Media&) { return {}; }
  static std::string said(chat::ToolResult&) { return {}; }

  static std::string place_of(const chat::PartBegan& began) {
    return began.place.empty() ? element("answers", began.answer) : began.place;
  }

  bool sayable(const chat::PartBegan& began) {
    if (std::holds_alternative<chat::Media>(began.content) ||
        std::holds_alternative<chat::ToolResult>(began.content)) {
      losses_->add(Loss::Kind::dropped, place_of(began), "an answer of Cohere holds no such part");
      return false;
    }
    if (std::holds_alternative<chat::RefusalText>(began.content))
      losses_->add(Loss::Kind::changed, place_of(began), "Cohere tells a refusal as text");
    if (const auto* thought = std::get_if<chat::Reasoning>(&began.content); thought && carries_proof(*thought))
      unproven(place_of(began));
    return true;
  }

  // Once a stream.
  void unproven(std::string place) {
    if (!std::exchange(unproven_, true))
      losses_->add(Loss::Kind::changed, std::move(place), "Cohere has no signature of a thought");
  }

  void on(const chat::PartGrew& grew) {
    Waiting* part = find(grew.answer, grew.part);
    if (part == nullptr) return;
    if (part == &queue_.front()) return grow(*part, grew.text);
    if (keep(*part, grew.text.size())) part->text += grew.text;
  }

  void on(const chat::PartSigned& proof) {
    if (proof.answer == 0) unproven(element("answers", 0));
  }

  void on(const chat::PartEnded& ended) {
    Waiting* part = find(ended.answer, ended.part);
    if (part == nullptr) return;
    part->ended = true;
    advance();
  }

  void on(const chat::Stopped& stopped) {
    if (!other(stopped.answer)) stop_ = stopped.stop;
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    on(chat::Began{});
    for (Waiting& part : queue_) part.ended = true;
    advance();
    std::string delta;
    JsonWriter json(delta);
    json.open_object();
    json.member("finish_reason", finish_word(stop_, *losses_));
    write_usage(json, finished.usage);
    json.close();
    frame("message-end", fmt::format(R"(,"id":{},"delta":{})", json::quote(id_), delta));
    out_->append(openai::done_frame);
  }

  void on(const chat::Failed& failed) { out_->append(failed_frame(failed.error.message)); }

  /* --------------------------------- parts ------------------------------ */

  // The first of the queue goes on the wire; once it has ended it is closed and the next one follows.
  void advance() {
    while (!queue_.empty() && !gave_up_) {
      if (!std::exchange(open_, true)) open(queue_.front());
      if (!queue_.front().ended) return;
      close(queue_.front());
    }
  }

  static std::string_view key_of(const Waiting& part) {
    return std::holds_alternative<chat::Reasoning>(part.content) ? "thinking" : "text";
  }
  static const chat::ToolCall* call_of(const Waiting& part) { return std::get_if<chat::ToolCall>(&part.content); }
  [[nodiscard]] std::size_t index_of(const Waiting& part) const {
    return call_of(part) != nullptr ? calls_ : contents_;
  }

  // With what it has by now.
  void open(Waiting& part) {
    if (const chat::ToolCall* call = call_of(part)) {
      std::string begun;
      JsonWriter json(begun);
      json.open_object();
      write_call(json, call->id, call->name, "");
      json.close();
      indexed("tool-call-start", calls_, R"("tool_calls":)" + begun);
    } else {
      indexed("content-start", contents_, fmt::format(R"("content":{{"type":"{0}","{0}":""}})", key_of(part)));
    }
    waiting_ -= part.kept;
    part.kept = 0;
    grow(part, std::exchange(part.text, {}));
  }

  void grow(const Waiting& part, std::string_view text) {
    if (text.empty()) return;
    if (call_of(part) != nullptr)
      indexed("tool-call-delta", calls_,
              fmt::format(R"("tool_calls":{{"function":{{"arguments":{}}}}})", json::quote(text)));
    else
      indexed("content-delta", contents_, fmt::format(R"("content":{{"{}":{}}})", key_of(part), json::quote(text)));
  }

  void close(const Waiting& part) {
    const bool call = call_of(part) != nullptr;
    indexed(call ? "tool-call-end" : "content-end", index_of(part));
    ++(call ? calls_ : contents_);
    queue_.pop_front();
    open_ = false;
  }

  // Whether so many bytes more may wait for their turn.
  bool keep(Waiting& part, std::size_t bytes) {
    gave_up_ = gave_up_ || waiting_ + bytes > most_waiting;
    if (gave_up_) return false;
    part.kept += bytes;
    waiting_ += bytes;
    return true;
  }

  // Of answers beside the first nothing is told.
  bool other(unsigned answer) {
    if (answer == 0) return false;
    if (!std::exchange(others_, true))
      losses_->add(Loss::Kind::dropped, element(list_.empty() ? "answers" : list_, answer),
                   "Cohere gives one answer");
    return true;
  }

  Waiting* find(unsigned answer, unsigned part) {
    if (answer != 0) return nullptr;
    const auto found = std::ranges::find(queue_, part, &Waiting::part);
    return found == queue_.end() ? nullptr : &*found;
  }

  std::string id_;
  std::string list_;                      // of the answers in what comes in
  std::deque<Waiting> queue_;             // parts in order of their beginning
  std::size_t waiting_ = 0;               // bytes
  std::size_t contents_ = 0, calls_ = 0;  // that are closed
  chat::StopReason stop_;
  bool open_ = false;  // the first of the queue is on the wire
  bool began_ = false, others_ = false, unproven_ = false, gave_up_ = false;
  std::string* out_ = nullptr;      // of the call at work,
  chat::Losses* losses_ = nullptr;  // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::cohere
