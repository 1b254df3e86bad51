// The frames of a stream in the Anthropic dialect, read into events.
//
// A block is told apart by its index. A tool's input may come whole with the block's beginning, in pieces behind it,
// or not at all, which means an empty object; pieces count where there are any. What the hub has no form for is
// passed over and told once, in the words of a whole reply: "content[1]", "content[0].citations". Some servers say
// message_start twice or leave a block open: the first start counts, and what is open ends with the answer. Only
// message_stop ends the stream.
#include <map>

#include "dialects/anthropic.h"
#include "dialects/provider_error.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Event;

constexpr std::size_t most_open = 512;  // blocks at a time

constexpr auto of_event =
    std::to_array<std::string_view>({"type", "index", "message", "content_block", "delta", "usage"});
constexpr auto of_message = std::to_array<std::string_view>(
    {"type", "role", "content", "id", "model", "stop_reason", "stop_sequence", "stop_details", "usage"});
constexpr auto of_stop = std::to_array<std::string_view>({"stop_reason", "stop_sequence", "stop_details"});
constexpr auto of_details = std::to_array<std::string_view>({"type"});
constexpr auto of_block = of_details;  // and of its pieces

struct Block {
  enum class Kind : std::uint8_t { text, thought, sealed, call, unknown } kind = Kind::unknown;
  unsigned part = 0;
  bool grown = false;   // a piece of a call's input came
  std::string whole{};  // the input that came with the beginning, used when nothing else comes
};

// What a block grows by.
struct Piece {
  std::string_view type;
  Block::Kind of;
  std::string_view member;
  bool signs = false;
};
constexpr auto pieces = std::to_array<Piece>({
    {"text_delta", Block::Kind::text, "text"},
    {"input_json_delta", Block::Kind::call, "partial_json"},
    {"thinking_delta", Block::Kind::thought, "thinking"},
    {"signature_delta", Block::Kind::thought, "signature", true},
});

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits) : way_back_(way_back), limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data || frame.data.empty()) return;
    out_ = &events;
    auto event = json::scan(frame.data, limits_);
    if (!event || event->root.type != json::Type::object) {
      return broken(event ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + event.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *event)) return failed(error_in(frame.data, *event));
    Reading in(frame.data, own_word, true);
    Fields fields(in, std::move(*event));
    const std::string type = fields.string("type").value_or(std::string());
    for (const Handler& row : handlers) {
      if (row.type != type) continue;
      (this->*row.on)(in, fields);
      return tell_rest(in, fields, of_event, [] { return std::string(); });
    }
    if (type != "ping") tell_unsaid(type);
  }

  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    broken(begun_parts_ == 0 ? "a stream without an answer" : "the stream was cut before its answer ended");
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !finished_;
    return usage;
  }

 private:
  using Kind = Block::Kind;
  struct Handler {
    std::string_view type;
    void (Events::*on)(Reading& in, Fields& fields);
  };
  static const std::array<Handler, 6> handlers;

  void tell(Event event) { out_->push_back(std::move(event)); }
  void failed(chat::ProviderError error) {
    over_ = true;
    tell(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "api_error", .message = std::move(what)}); }

  // Nothing follows the end.
  void tell_unsaid(std::string place) {
    if (!over_ && !place.empty()) unsaid_.tell(std::move(place), *out_);
  }
  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet,
                 const Place& place) {
    if (!over_) unsaid_.tell_rest(in, fields, quiet, place, *out_);
  }

  void count(Reading& in, Fields& holder) {
    const auto usage = holder.take("usage", json::Type::object);
    if (!usage) return;
    counted_.read(in.text, *usage);
    tell_rest(in, Fields(in, *usage, ""), counters, [] { return std::string("usage"); });
  }

  void message_start(Reading& in, Fields& fields) {
    const auto object = fields.take("message", json::Type::object);
    if (!object) return;
    Fields message(in, *object, "");
    if (began_) return count(in, message);
    began_ = true;
    id_ = message.string("id").value_or(std::string());
    tell(chat::Began{.id = id_, .model = message.string("model").value_or(std::string())});
    const std::size_t at = out_->size() - 1;
    count(in, message);
    if (const chat::Usage usage = counted_.disjoint(); usage.known) std::get<chat::Began>((*out_)[at]).usage = usage;
    tell_rest(in, message, of_message, [] { return std::string(); });
  }

  void begin() {
    if (began_) return;
    began_ = true;
    tell(chat::Began{});
  }

  void block_start(Reading& in, Fields& fields) {
    const auto object = fields.take("content_block", json::Type::object);
    if (!object || stopped_) return;
    begin();
    const std::uint64_t index = fields.whole("index").value_or(next_);
    end(index);
    next_ = index + 1;
    if (open_.size() >= most_open) return broken("the provider sent a stream of too many open blocks");
    Fields block(in, *object, "");
    const Kind kind = (open_[index] = started(in, block)).kind;
    if (kind == Kind::unknown) return tell_unsaid(place_of(index));
    tell_rest(in, block, of_block, [&] { return place_of(index); });
  }
  static std::string place_of(std::uint64_t index) { return element("content", index); }

  Block started(Reading& in, Fields& block) {
    const std::string type = block.string("type").value_or(std::string());
    if (type == "text") {
      Block begun = part(Kind::text, chat::Text{});
      grow(begun, block.string("text").value_or(std::string()));
      return begun;
    }
    if (type == "thinking") {
      Block begun = part(Kind::thought, chat::Reasoning{.origin = std::string(own_word)});
      grow(begun, block.string("thinking").value_or(std::string()));
      sign(begun, block.string("signature").value_or(std::string()));
      return begun;
    }
    if (type == "redacted_thinking") {
      auto data = block.string("data").value_or(std::string());
      return part(Kind::sealed, chat::Reasoning{.sealed = std::move(data), .origin = std::string(own_word)});
    }
    if (type == "tool_use") return started_call(in, block);
    return {};
  }

  Block started_call(Reading& in, Fields& block) {
    const std::string name = block.string("name").value_or(std::string());
    if (name.empty()) {
      broken("the provider sent a tool's call without the tool's name");
      return {};
    }
    const bool answer = way_back_.answer_in_tool && name == answer_tool;
    chat::ToolCall call{.id = call_id(block.string("id").value_or(std::string()), id_, begun_parts_),
                        .name = original_name(way_back_, name),
                        .arguments = {std::string()}};
    called_ = called_ || !answer;
    answered_ = answered_ || answer;
    Block begun = answer ? part(Kind::call, chat::Text{}) : part(Kind::call, std::move(call));
    take_usual_caller(in, block);
    const auto input = block.take("input", json::Type::object);
    begun.whole = input ? std::string(json::at(in.text, *input)) : "{}";
    return begun;
  }

  Block part(Kind kind, chat::Content content) {
    Block begun{.kind = kind, .part = begun_parts_++};
    tell(chat::PartBegan{0, begun.part, std::move(content)});
    return begun;
  }

  void grow(Block& block, std::string text) {
    if (text.empty() || block.kind == Kind::unknown || block.kind == Kind::sealed) return;
    block.grown = true;
    tell(chat::PartGrew{0, block.part, std::move(text)});
  }
  void sign(const Block& block, std::string signature) {
    if (!signature.empty() && block.kind == Kind::thought)
      tell(chat::PartSigned{0, block.part, std::move(signature)});
  }

  void block_delta(Reading& in, Fields& fields) {
    const auto object = fields.take("delta", json::Type::object);
    if (!object || stopped_) return;
    Fields delta(in, *object, "");
    const std::string type = delta.string("type").value_or(std::string());
    const std::uint64_t index = fields.whole("index").value_or(next_ == 0 ? 0 : next_ - 1);
    const auto found = open_.find(index);
    if (found == open_.end()) {
      if (type == "text_delta") return start_text(index, delta.string("text").value_or(std::string()));
      return tell_unsaid(place_of(index));
    }
    Block& block = found->second;
    if (block.kind == Kind::unknown) return;  // told when it began
    const auto row = std::ranges::find_if(
        pieces, [&](const Piece& piece) { return piece.type == type && piece.of == block.kind; });
    if (row == pieces.end()) {
      return tell_unsaid(place_of(index) + (type == "citations_delta" ? ".citations" : "." + type));
    }
    auto text = delta.string(row->member).value_or(std::string());
    if (row->signs)
      sign(block, std::move(text));
    else
      grow(block, std::move(text));
    tell_rest(in, delta, of_block, [&] { return place_of(index); });
  }

  // Text whose block was never announced.
  void start_text(std::uint64_t index, std::string text) {
    if (text.empty()) return;
    if (open_.size() >= most_open) return broken("the provider sent a stream of too many open blocks");
    begin();
    next_ = index + 1;
    Block& block = open_[index] = part(Kind::text, chat::Text{});
    grow(block, std::move(text));
  }

  void block_stop(Reading& /*in*/, Fields& fields) {
    end(fields.whole("index").value_or(next_ == 0 ? 0 : next_ - 1));
  }

  void end(std::uint64_t index) {
    const auto found = open_.find(index);
    if (found == open_.end()) return;
    Block& block = found->second;
    if (block.kind == Kind::call && !block.grown) grow(block, std::move(block.whole));
    if (block.kind != Kind::unknown) tell(chat::PartEnded{0, block.part});
    open_.erase(found);
  }

  void message_delta(Reading& in, Fields& fields) {
    count(in, fields);
    const auto object = fields.take("delta", json::Type::object);
    if (!object || stopped_) return;
    Fields delta(in, *object, "");
    auto word = delta.string("stop_reason").value_or(std::string());
    tell_rest(in, delta, of_stop, [] { return std::string(); });
    if (word.empty()) return;
    explain(in, delta);
    stop(std::move(word), delta.string("stop_sequence").value_or(std::string()));
  }

  // Why the model refused, where told.
  void explain(Reading& in, Fields& delta) {
    const auto object = delta.take("stop_details", json::Type::object);
    if (!object) return;
    Fields details(in, *object, "");
    auto why = details.string("explanation").value_or(std::string());
    tell_rest(in, details, of_details, [] { return std::string("stop_details"); });
    if (why.empty()) return;
    end_all();
    begin();
    const Block said = part(Kind::text, chat::RefusalText{});
    std::get<chat::PartBegan>(out_->back()).place = "stop_details.explanation";
    tell(chat::PartGrew{0, said.part, std::move(why)});
    tell(chat::PartEnded{0, said.part});
  }

  void end_all() {
    while (!open_.empty()) end(open_.begin()->first);
  }

  void stop(std::string word, std::string sequence) {
    begin();
    end_all();
    stopped_ = true;
    chat::StopReason reason = stop_of(std::move(word), std::move(sequence), called_);
    if (answered_ && !called_ && reason.stop == chat::Stop::tool_calls) reason.stop = chat::Stop::end;
    tell(chat::Stopped{0, std::move(reason)});
  }

  void message_stop(Reading& /*in*/, Fields& /*fields*/) {
    if (begun_parts_ == 0 && !stopped_) return broken("the provider sent a stream without an answer");
    if (!stopped_) stop({}, {});
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  // By value: the reader may outlive the request that was written.
  WayBack way_back_;
  json::Limits limits_;
  Counted counted_;
  Unsaid unsaid_;
  std::string id_;                       // of the message
  std::map<std::uint64_t, Block> open_;  // by index
  std::uint64_t next_ = 0;               // the index that follows the last one that began
  unsigned begun_parts_ = 0;
  bool began_ = false;
  bool called_ = false;    // a tool of the client's
  bool answered_ = false;  // in the tool that stands in for a form
  bool stopped_ = false;
  bool over_ = false;
  bool finished_ = false;
  std::vector<Event>* out_ = nullptr;  // of the call at work
};

const std::array<Events::Handler, 6> Events::handlers{{
    {"message_start", &Events::message_start},
    {"content_block_start", &Events::block_start},
    {"content_block_delta", &Events::block_delta},
    {"content_block_stop", &Events::block_stop},
    {"message_delta", &Events::message_delta},
    {"message_stop", &Events::message_stop},
}};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return std::make_unique<Events>(way_back, limits);
}

}  // namespace apigw::dialects::anthropic
