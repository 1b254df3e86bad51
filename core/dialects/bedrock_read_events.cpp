// The messages of a stream of Bedrock's ConverseStream, read into events.
//
// A message's type says what its JSON is. Only the start of a tool's call is announced: a text or thought begins with
// its first piece. A call's input comes in pieces, or not at all, which means an empty object. Why the answer stopped
// comes before what it cost: `metadata` ends the stream, and an upstream that closes behind the stop without it has
// ended the answer too, its cost untold. An exception ends it wherever it stands.
#include <map>

#include <fmt/format.h>

#include "dialects/bedrock.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::bedrock {

namespace {

using chat::Event;
using json::Type;

constexpr std::size_t most_open = 512;  // blocks at a time

// "p" pads messages so that their sizes tell nothing.
constexpr auto of_event =
    std::to_array<std::string_view>({"p", "role", "contentBlockIndex", "start", "delta", "stopReason", "usage",
                                     "metrics", "performanceConfig", "serviceTier"});
constexpr auto of_call = std::to_array<std::string_view>({"type"});

struct Block {
  enum class Kind : std::uint8_t { text, thought, call, unknown } kind = Kind::unknown;
  unsigned part = 0;
  bool grown = false;
};

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits) : way_back_(way_back), limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    if (frame.error) return failed(error_in(frame.event, frame.data));
    if (!frame.has_data) return;
    auto scanned = json::scan(frame.data, limits_);
    if (!scanned || scanned->root.type != Type::object)
      return broken(scanned ? "the provider sent a message that is no JSON object"
                            : "the provider sent a message that is no JSON: " + scanned.error().what);
    Reading in(frame.data, own_word, true);
    Fields fields(in, std::move(*scanned));
    for (const Handler& row : handlers) {
      if (row.type != frame.event) continue;
      (this->*row.on)(in, fields);
      if (!over_) unsaid_.tell_rest(in, fields, of_event, [] { return std::string(); }, *out_);
      break;
    }
    if (std::ranges::find(handlers, frame.event, &Handler::type) == handlers.end() && !frame.event.empty())
      unsaid_.tell(std::string(frame.event), *out_);
    if (counted_last_ && stopped_) finished();
  }

  [[nodiscard]] bool may_end() const override { return stopped_; }

  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    if (stopped_) return finished();
    broken(parts_ == 0 ? "a stream without an answer" : "the stream was cut before its answer ended");
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
  void broken(std::string what) {
    failed({.status = 502, .type = "ModelStreamErrorException", .message = std::move(what)});
  }
  void finished() {
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }
  void tell_unsaid(std::string place) {
    if (!over_) unsaid_.tell(std::move(place), *out_);
  }
  static std::string place_of(std::uint64_t index) { return element("output.message.content", index); }

  void begin() {
    if (began_) return;
    began_ = true;
    tell(chat::Began{.id = {}, .model = way_back_.model});
  }

  void message_start(Reading& /*in*/, Fields& /*fields*/) { begin(); }

  void block_start(Reading& in, Fields& fields) {
    const auto object = fields.take("start", Type::object);
    if (!object || stopped_) return;
    begin();
    const std::uint64_t index = index_in(fields);
    Fields start(in, *object, "");
    if (const auto call = start.take("toolUse", Type::object)) start_call(in, *call, index);
    if (!over_) unsaid_.tell_rest(in, start, of_call, [&] { return place_of(index); }, *out_);
  }

  void start_call(Reading& in, json::Slice object, std::uint64_t index) {
    Fields fields(in, object, "");
    const std::string name = fields.string("name").value_or(std::string());
    if (name.empty()) return broken("the provider sent a tool's call without the tool's name");
    std::string id = fields.string("toolUseId").value_or(std::string());
    if (id.empty()) id = fmt::format("tooluse_{}", parts_);
    const bool answer = way_back_.answer_in_tool && name == anthropic::answer_tool;
    (answer ? answered_ : called_) = true;
    chat::Content content = chat::Text{};
    if (!answer)
      content =
          chat::ToolCall{.id = std::move(id), .name = original_name(way_back_, name), .arguments = {std::string()}};
    open(index, Kind::call, std::move(content), place_of(index) + ".toolUse");
    if (!over_) unsaid_.tell_rest(in, fields, of_call, [&] { return place_of(index) + ".toolUse"; }, *out_);
  }

  void block_delta(Reading& in, Fields& fields) {
    const auto object = fields.take("delta", Type::object);
    if (!object || stopped_) return;
    begin();
    const std::uint64_t index = index_in(fields);
    Fields delta(in, *object, "");
    if (auto text = delta.string("text")) {
      if (Block* block = of_kind(index, Kind::text)) grow(*block, std::move(*text));
    } else if (const auto call = delta.take("toolUse", Type::object)) {
      Fields input(in, *call, "");
      const auto found = open_.find(index);
      auto piece = input.string("input").value_or(std::string());
      if (found == open_.end() || found->second.kind != Kind::call)
        tell_unsaid(place_of(index) + ".toolUse");
      else
        grow(found->second, std::move(piece));
    } else if (const auto thought = delta.take("reasoningContent", Type::object)) {
      think(in, *thought, index);
    }
    if (!over_) unsaid_.tell_rest(in, delta, {}, [&] { return place_of(index); }, *out_);
  }

  void think(Reading& in, json::Slice object, std::uint64_t index) {
    Fields fields(in, object, "");
    if (auto sealed = fields.string("redactedContent"); sealed && !sealed->empty()) {
      close(index);
      chat::Reasoning thought{.sealed = std::move(*sealed), .origin = std::string(own_word)};
      tell(chat::PartBegan{0, parts_, std::move(thought), place_of(index) + ".reasoningContent"});
      tell(chat::PartEnded{0, parts_++});
    }
    auto text = fields.string("text").value_or(std::string());
    auto signature = fields.string("signature").value_or(std::string());
    if (!text.empty() || !signature.empty()) {
      Block* const block = of_kind(index, Kind::thought);
      if (block == nullptr) return;
      grow(*block, std::move(text));
      if (!signature.empty()) tell(chat::PartSigned{0, block->part, std::move(signature)});
    }
    if (!over_) unsaid_.tell_rest(in, fields, {}, [&] { return place_of(index) + ".reasoningContent"; }, *out_);
  }

  void block_stop(Reading& /*in*/, Fields& fields) { close(index_in(fields)); }

  void message_stop(Reading& in, Fields& fields) {
    if (stopped_) return;
    begin();
    while (!open_.empty()) close(open_.begin()->first);
    stopped_ = true;
    tell(chat::Stopped{0, stop_of(fields.string("stopReason").value_or(std::string()), called_, answered_)});
    static_cast<void>(in);
  }

  void metadata(Reading& in, Fields& fields) {
    const auto usage = fields.take("usage", Type::object);
    if (usage) {
      counted_.read(in.text, *usage);
      unsaid_.tell_rest(in, Fields(in, *usage, ""), counters, [] { return std::string("usage"); }, *out_);
    }
    counted_last_ = true;
  }

  std::uint64_t index_in(Fields& fields) {
    index_ = fields.whole("contentBlockIndex").value_or(index_);
    return index_;
  }

  // The open block of that kind, begun where there is none; null once the stream has failed.
  Block* of_kind(std::uint64_t index, Kind kind) {
    const auto found = open_.find(index);
    if (found != open_.end() && found->second.kind == kind) return &found->second;
    close(index);
    if (kind == Kind::text) return open(index, kind, chat::Text{}, place_of(index));
    return open(index, kind, chat::Reasoning{.origin = std::string(own_word)}, place_of(index) + ".reasoningContent");
  }

  Block* open(std::uint64_t index, Kind kind, chat::Content content, std::string place) {
    close(index);
    if (open_.size() >= most_open) {
      broken("the provider sent a stream of too many open blocks");
      return nullptr;
    }
    Block& block = open_[index] = {.kind = kind, .part = parts_++};
    tell(chat::PartBegan{0, block.part, std::move(content), std::move(place)});
    return &block;
  }

  void grow(Block& block, std::string text) {
    if (text.empty()) return;
    block.grown = true;
    tell(chat::PartGrew{0, block.part, std::move(text)});
  }

  void close(std::uint64_t index) {
    const auto found = open_.find(index);
    if (found == open_.end()) return;
    Block& block = found->second;
    if (block.kind == Kind::call && !block.grown) grow(block, "{}");
    tell(chat::PartEnded{0, block.part});
    open_.erase(found);
  }

  // By value: the reader may outlive the request that was written.
  WayBack way_back_;
  json::Limits limits_;
  Counted counted_;
  Unsaid unsaid_;
  std::map<std::uint64_t, Block> open_;  // by index
  std::uint64_t index_ = 0;              // the last that was named
  unsigned parts_ = 0;                   // so far
  bool began_ = false;
  bool called_ = false;        // a tool of the client's
  bool answered_ = false;      // in the tool that stands in for a form
  bool counted_last_ = false;  // metadata came
  bool stopped_ = false;
  bool over_ = false;
  bool finished_ = false;
  std::vector<Event>* out_ = nullptr;  // of the message at work
};

const std::array<Events::Handler, 6> Events::handlers{{
    {"messageStart", &Events::message_start},
    {"contentBlockStart", &Events::block_start},
    {"contentBlockDelta", &Events::block_delta},
    {"contentBlockStop", &Events::block_stop},
    {"messageStop", &Events::message_stop},
    {"metadata", &Events::metadata},
}};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return std::make_unique<Events>(way_back, limits);
}

}  // namespace apigw::dialects::bedrock
