// Events, written as the frames of a stream in the Anthropic dialect.
//
// Blocks come one after the other with rising indices, each closed before the next opens. Parts that grow at the same
// time (tools called in parallel) wait for their turn: the first that began is on the wire, the others are kept. What
// the input cost is told at the start as far as it is known and again, whole, at the end. A signature goes out in one
// piece at its block's end, because clients replace the one they have.
#include <deque>

#include <fmt/format.h>

#include "dialects/anthropic.h"
#include "dialects/native.h"
#include "dialects/proof.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Loss;

constexpr std::size_t most_waiting = 32u << 20;  // bytes of parts, and of signatures, that are not on the wire yet

// A part that has begun and is not closed on the wire. Only the first of the queue is open there.
struct Waiting {
  unsigned part = 0;
  std::string place;  // in what came in
  chat::Content content;
  std::string text;       // came while another was open
  std::string signature;  // so far
  bool ended = false;
  std::size_t kept = 0;  // bytes of it that count as waiting
};

std::string_view delta_of(const chat::Content& content) {
  if (std::holds_alternative<chat::ToolCall>(content)) return R"("type":"input_json_delta","partial_json":)";
  if (std::holds_alternative<chat::Reasoning>(content)) return R"("type":"thinking_delta","thinking":)";
  return R"("type":"text_delta","text":)";
}

class Events final : public EventWriter {
 public:
  explicit Events(const ReplyFacts& facts) : id_(facts.id) {}

  void feed(const chat::Event& event, std::string& out, chat::Losses& losses) override {
    if (over_ || gave_up_) return;
    out_ = &out;
    losses_ = &losses;
    std::visit([this](const auto& one) { on(one); }, event);
  }
  [[nodiscard]] bool gave_up() const override { return gave_up_; }

 private:
  void frame(std::string_view type, std::string_view members) {
    out_->append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
    if (!members.empty()) out_->append(",").append(members);
    out_->append("}\n\n");
  }

  static std::string usage_member(const chat::Usage& usage) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    write_usage(json, usage);
    json.close();
    return text.substr(1, text.size() - 2);
  }

  void on(const chat::Began& began) {
    if (began_) return;
    began_ = true;
    list_ = began.list;
    const std::string_view id = began.id.empty() ? std::string_view(id_) : std::string_view(began.id);
    frame("message_start",
          fmt::format(R"("message":{{"id":{},"type":"message","role":"assistant","model":{},"content":[],)"
                      R"("stop_reason":null,"stop_sequence":null,{}}})",
                      json::quote(id), json::quote(began.model), usage_member(began.usage.value_or(chat::Usage{}))));
  }

  void on(const chat::PartBegan& began) {
    if (!mine(began.answer)) return;
    on(chat::Began{});
    if (!sayable(began)) return;
    queue_.push_back(
        {.part = began.part, .place = place_of(began), .content = began.content, .text = {}, .signature = {}});
    if (const auto* thought = std::get_if<chat::Reasoning>(&began.content))
      queue_.back().signature = thought->signature;
    const std::string begun = std::visit([](const auto& one) { return said(one); }, began.content);
    keep(queue_.back(), sizeof(Waiting) + begun.size() + queue_.back().signature.size());
    advance();
  }

  bool mine(unsigned answer) {
    if (answer == 0) return true;
    if (!others_) lose_answer(list_, answer, *losses_);
    others_ = true;
    return false;
  }

  bool sayable(const chat::PartBegan& began) {
    std::string_view why;
    if (std::holds_alternative<chat::Media>(began.content)) why = "an answer of Anthropic holds text alone";
    if (std::holds_alternative<chat::ToolResult>(began.content)) why = "an answer holds no results of tools";
    if (!why.empty()) lose(Loss::Kind::dropped, place_of(began), why);
    return why.empty();
  }

  static std::string place_of(const chat::PartBegan& began) {
    return began.place.empty() ? element("content", began.part) : began.place;
  }
  void lose(Loss::Kind kind, std::string place, std::string_view why) {
    losses_->add(kind, std::move(place), std::string(why));
  }

  // The first of the queue goes on the wire; once it has ended it is closed and the next one follows.
  void advance() {
    while (!queue_.empty()) {
      if (!open_) open();
      if (!queue_.front().ended) return;
      close();
    }
  }

  // With what it has by now.
  void open() {
    open_ = true;
    Waiting& part = queue_.front();
    frame("content_block_start",
          fmt::format(R"("index":{},"content_block":{{{}}})", index_,
                      std::visit([&](const auto& one) { return block(part, one); }, part.content)));
    const std::string begun = std::visit([](const auto& one) { return said(one); }, part.content);
    waiting_bytes_ -= part.text.size();
    part.kept -= part.text.size();
    grow(part, begun + std::exchange(part.text, {}));
  }

  static std::string block(const Waiting&, const chat::Text&) { return R"("type":"text","text":"")"; }
  std::string block(const Waiting& part, const chat::RefusalText&) {
    lose(Loss::Kind::changed, part.place, "Anthropic tells a refusal as text");
    refused_ = true;
    return R"("type":"text","text":"")";
  }
  static std::string block(const Waiting&, const chat::Reasoning& thought) {
    if (!is_redacted(thought)) return R"("type":"thinking","thinking":"","signature":"")";
    return R"("type":"redacted_thinking","data":)" + json::quote(thought.sealed);
  }
  std::string block(const Waiting& part, const chat::ToolCall& call) const {
    const std::string id = call_id(call.id, id_, part.part);
    return fmt::format(R"("type":"tool_use","id":{},"name":{},"input":{{}})", json::quote(id),
                       json::quote(call.name));
  }
  static std::string block(const Waiting&, const chat::Media&) { return {}; }
  static std::string block(const Waiting&, const chat::ToolResult&) { return {}; }

  static std::string said(const chat::Text& text) { return text.text; }
  static std::string said(const chat::RefusalText& text) { return text.text; }
  static std::string said(const chat::Reasoning& thought) { return thought.sealed.empty() ? thought.text : ""; }
  static std::string said(const chat::ToolCall& call) { return call.arguments.text; }
  static std::string said(const chat::Media&) { return {}; }
  static std::string said(const chat::ToolResult&) { return {}; }

  void grow(const Waiting& part, std::string_view text) {
    if (text.empty()) return;
    out_->append("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
    out_->append(std::to_string(index_)).append(",\"delta\":{").append(delta_of(part.content));
    json::quote_into(*out_, text);
    out_->append("}}\n\n");
  }

  void on(const chat::PartGrew& grew) {
    Waiting* part = find(grew.answer, grew.part);
    if (part == nullptr) return;
    if (part == &queue_.front()) return grow(*part, grew.text);
    if (keep(*part, grew.text.size())) part->text += grew.text;
  }

  void on(const chat::PartSigned& proof) {
    Waiting* part = find(proof.answer, proof.part);
    if (part == nullptr) return;
    if (!std::holds_alternative<chat::Reasoning>(part->content)) return;
    if (keep(*part, proof.signature.size())) part->signature += proof.signature;
  }

  // Whether so many bytes more may wait for their turn.
  bool keep(Waiting& part, std::size_t bytes) {
    gave_up_ = gave_up_ || waiting_bytes_ + bytes > most_waiting;
    if (gave_up_) return false;
    part.kept += bytes;
    waiting_bytes_ += bytes;
    return true;
  }

  void on(const chat::PartEnded& ended) {
    Waiting* part = find(ended.answer, ended.part);
    if (part == nullptr) return;
    part->ended = true;
    advance();
  }

  static bool is_redacted(const chat::Reasoning& thought) { return !thought.sealed.empty() && own_proof(thought); }

  // What the signature of its block says.
  static std::string proof_of(const Waiting& part) {
    const auto* thought = std::get_if<chat::Reasoning>(&part.content);
    if (thought == nullptr || is_redacted(*thought)) return {};
    return written_proof(
        {.text = {}, .signature = part.signature, .sealed = thought->sealed, .origin = thought->origin}, own_word);
  }

  void close() {
    if (const std::string signature = proof_of(queue_.front()); !signature.empty()) {
      frame("content_block_delta", fmt::format(R"("index":{},"delta":{{"type":"signature_delta","signature":{}}})",
                                               index_, json::quote(signature)));
    }
    frame("content_block_stop", fmt::format(R"("index":{})", index_));
    ++index_;
    waiting_bytes_ -= queue_.front().kept;
    queue_.pop_front();
    open_ = false;
  }

  void on(const chat::Stopped& stopped) {
    if (stopped.answer == 0) stop_ = stopped.stop;
  }

  void on(const chat::Unsaid& unsaid) { lose_native(unsaid.path, speaker, *losses_); }

  void on(const chat::Finished& finished) {
    on(chat::Began{});
    for (Waiting& part : queue_) part.ended = true;
    advance();
    if (!finished.usage.known) losses_->add(Loss::Kind::defaulted, "usage", "the provider told none");
    if (stop_.stop == chat::Stop::other) lose_stop(stop_, *losses_);
    const std::string sequence = stop_.sequence.empty() ? "null" : json::quote(stop_.sequence);
    frame("message_delta", fmt::format(R"("delta":{{"stop_reason":"{}","stop_sequence":{}}},{})",
                                       stop_word(stop_, refused_), sequence, usage_member(finished.usage)));
    frame("message_stop", {});
    over_ = true;
  }

  void on(const chat::Failed& failed) {
    out_->append("event: error\ndata: ").append(error_body(failed.error)).append("\n\n");
    over_ = true;
  }

  Waiting* find(unsigned answer, unsigned part) {
    if (answer != 0) return nullptr;
    const auto found = std::ranges::find(queue_, part, &Waiting::part);
    return found == queue_.end() ? nullptr : &*found;
  }

  std::string id_;
  std::string list_;           // of the answers in what comes in
  std::deque<Waiting> queue_;  // parts in order of their beginning
  std::size_t waiting_bytes_ = 0;
  std::size_t index_ = 0;  // of the open block, else of the next
  bool open_ = false;      // the first of the queue is on the wire
  chat::StopReason stop_;
  bool began_ = false;
  bool refused_ = false;
  bool others_ = false;  // answers beside the first
  bool over_ = false;
  bool gave_up_ = false;
  std::string* out_ = nullptr;      // of the call at work,
  chat::Losses* losses_ = nullptr;  // likewise
};

}  // namespace

std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts) {
  return std::make_unique<Events>(facts);
}

}  // namespace apigw::dialects::anthropic
