// The typed events of a stream in the Responses dialect, read into events of the hub.
//
// Parts begin with what they first say, so that an item that stays empty is none. What only a .done event or the
// item's own end says is taken there. The answer is over with response.completed or response.incomplete and never
// before; an item that this dialect alone knows is told once, as what could not be said.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "dialects/openai_responses.h"
#include "dialects/proof.h"
#include "dialects/provider_error.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::responses {

namespace {

using chat::Event;

constexpr std::size_t most_items = 4'096;   // of one answer
constexpr std::size_t most_parts = 16'384;  // likewise

constexpr auto of_item = std::to_array<std::string_view>(
    {"id", "type", "status", "role", "content", "summary", "name", "arguments", "call_id", "encrypted_content"});
constexpr auto of_part = std::to_array<std::string_view>({"type", "text", "refusal"});

struct Item {
  std::string id, type;
  std::map<std::uint64_t, unsigned> open;  // parts of a message by their index
  std::set<std::uint64_t> spoken;          // those that have begun, ended or not
  // Of a thought or a call.
  std::optional<unsigned> part;
  bool spoke = false;        // its text or arguments came, whole or in pieces
  std::uint64_t last = 0;    // index of the summary's part at work
  std::string_view said_by;  // the event that tells a thought's text: another says it again
  std::string place;         // "output[2]"
  bool ended = false;
};

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits) : way_back_(way_back), limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data || frame.data.empty() || frame.data == openai::done_mark) return;
    out_ = &events;
    auto scanned = json::scan(frame.data, limits_);
    if (!scanned || scanned->root.type != json::Type::object) {
      return broken(scanned ? "the provider sent a frame that is no JSON object"
                            : "the provider sent a frame that is no JSON: " + scanned.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *scanned)) return failed(error_in(frame.data, *scanned));
    Reading in(frame.data, own_word, true);
    const json::Member* said = scanned->find("type");
    const std::string type = said == nullptr
                                 ? std::string(frame.event)
                                 : json::string_at(frame.data, said->value).value_or(std::string(frame.event));
    if (type == "response.failed") return failed(error_in(frame.data, *scanned));
    Fields fields(in, std::move(*scanned));
    const auto row = std::ranges::find(rows, type, &Row::type);
    if (row != rows.end()) (this->*row->read)(in, fields, *row);
    if (!over_) unsaid_.tell_kept(in, [] { return std::string(); }, *out_);
  }

  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    broken(semantic_ ? "the stream was cut before its answer ended" : "a stream without an answer");
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !finished_;
    return usage;
  }

 private:
  struct Row {
    std::string_view type;
    void (Events::*read)(Reading&, Fields&, const Row&);
    std::string_view of = {};   // text, refusal; of a thought the list that it stands in
    std::string_view key = {};  // the member that says it
    bool whole = false;         // says again all that was said
  };
  static const std::array<Row, 17> rows;

  void tell(Event event) {
    semantic_ = semantic_ || chat::says_something(event);
    out_->push_back(std::move(event));
  }
  void failed(chat::ProviderError error) {
    over_ = true;
    out_->push_back(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "server_error", .message = std::move(what)}); }

  /* ------------------------------ response ------------------------------ */

  void began(Reading& in, Fields& event, const Row&) {
    if (began_) return;
    const auto object = event.take("response", json::Type::object);
    if (!object) return;
    Fields response(in, *object, "");
    begin(response);
  }

  void begin(Fields& response) {
    if (began_) return;
    began_ = true;
    chat::Began began{.id = response.string("id").value_or(std::string()),
                      .model = response.string("model").value_or(std::string())};
    if (const auto at = response.number("created_at"))
      began.created = static_cast<std::int64_t>(std::clamp(at->value, 0.0, 1e15));
    made_ids_ = fmt::format("call_{}", began.id.empty() ? std::to_string(began.created) : began.id);
    tell(std::move(began));
  }

  void begin_without_words() {
    if (began_) return;
    began_ = true;
    made_ids_ = "call_0";
    tell(chat::Began{});
  }

  void ended(Reading& in, Fields& event, const Row&) {
    const auto object = event.take("response", json::Type::object);
    if (!object) return broken("the provider ended its answer without it");
    Fields response(in, *object, "");
    begin(response);
    // A server that streams no items has told them all here.
    if (items_.empty()) read_output(in, response);
    for (auto& [index, item] : items_) {
      if (!over_) end(in, item, nullptr);
    }
    if (over_) return;
    if (const auto usage = response.take("usage", json::Type::object)) {
      read_usage(in.text, *usage, counted_);
      unsaid_.tell_rest(in, Fields(in, *usage, ""), counters, [] { return std::string("usage"); }, *out_);
    }
    std::string reason;
    if (const auto details = response.take("incomplete_details", json::Type::object))
      reason = Fields(in, *details, "").string("reason").value_or(std::string());
    const auto status = response.string("status").value_or(std::string());
    tell(chat::Stopped{0, stop_of(status, std::move(reason), called_, refused_)});
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  void read_output(Reading& in, Fields& response) {
    const auto output = response.take("output", json::Type::array);
    if (!output) return;
    const auto elements = in.elements(*output, "");
    for (std::size_t i = 0; i < elements.size() && !over_; ++i) {
      Item* item = item_at(i);
      if (item == nullptr) return;
      Fields fields(in, elements[i], "");
      begin_item(in, *item, fields);
      if (!over_) end(in, *item, &fields);
    }
  }

  /* -------------------------------- items ------------------------------- */

  Item* item_at(std::uint64_t index) {
    begin_without_words();
    const auto found = items_.find(index);
    if (found != items_.end()) return &found->second;
    if (items_.size() == most_items) {
      broken("the provider sent an answer of too many items");
      return nullptr;
    }
    Item& item = items_[index];
    item.place = element("output", index);
    return &item;
  }
  Item* item_of(Fields& event) { return item_at(event.whole("output_index").value_or(0)); }

  // Some servers give every item the same index: another id begins another item.
  Item* item_told(Reading& in, Fields& event, Fields& fields) {
    const std::uint64_t index = event.whole("output_index").value_or(0);
    const auto id = fields.string("id").value_or(std::string());
    const auto found = items_.find(index);
    if (found != items_.end() && !id.empty() && !found->second.id.empty() && found->second.id != id) {
      end(in, found->second, nullptr);
      if (over_) return nullptr;
      items_.erase(found);
    }
    Item* item = item_at(index);
    if (item != nullptr && item->id.empty()) item->id = id;
    return item;
  }

  void added(Reading& in, Fields& event, const Row&) {
    const auto object = event.take("item", json::Type::object);
    if (!object) return;
    Fields fields(in, *object, "");
    if (Item* item = item_told(in, event, fields)) begin_item(in, *item, fields);
  }

  void begin_item(Reading&, Item& item, Fields& fields) {
    if (!item.type.empty()) return;
    item.type = fields.string("type").value_or("message");
    if (item.type != "function_call") return;
    const auto name = fields.string("name").value_or(std::string());
    if (name.empty()) return broken("the provider sent a tool's call without the tool's name");
    called_ = true;
    item.part = next_part();
    if (over_) return;
    std::string id = fields.string("call_id").value_or(std::string());
    if (id.empty()) id = fmt::format("{}_{}", made_ids_, *item.part);
    tell(chat::PartBegan{
        0, *item.part, chat::ToolCall{.id = std::move(id), .name = original_name(way_back_, name), .arguments = {""}},
        item.place});
  }

  void done(Reading& in, Fields& event, const Row&) {
    const auto object = event.take("item", json::Type::object);
    if (!object) return;
    Fields fields(in, *object, "");
    Item* item = item_told(in, event, fields);
    if (item == nullptr) return;
    begin_item(in, *item, fields);
    if (!over_) end(in, *item, &fields);
  }

  // `last` is the item as it ended; null: nobody told.
  void end(Reading& in, Item& item, Fields* last) {
    if (item.ended) return;
    item.ended = true;
    if (item.type == "message")
      end_message(in, item, last);
    else if (item.type == "reasoning")
      end_thought(in, item, last);
    else if (item.type == "function_call")
      end_call(item, last);
    else
      return unsaid_.tell(item.place, *out_);
    if (last != nullptr && !over_) unsaid_.tell_rest(in, *last, of_item, [&] { return item.place; }, *out_);
  }

  void end_message(Reading& in, Item& item, Fields* last) {
    const auto list = last == nullptr ? std::nullopt : last->peek("content");
    const auto elements =
        list && list->type == json::Type::array ? in.elements(*list, "") : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size() && !over_; ++i) {
      if (elements[i].type != json::Type::object) continue;
      Fields part(in, elements[i], "");
      const auto type = part.string("type").value_or(std::string());
      const std::string place = element(item.place + ".content", i);
      if (type != "output_text" && type != "refusal") {
        unsaid_.tell(place, *out_);
        continue;
      }
      if (!item.spoken.contains(i))
        say(item, i, type == "refusal", part.string(type == "refusal" ? "refusal" : "text").value_or(std::string()));
      if (!over_) unsaid_.tell_rest(in, part, of_part, [&] { return place; }, *out_);
    }
    for (const auto& [index, part] : item.open) tell(chat::PartEnded{0, part});
    item.open.clear();
  }

  void end_thought(Reading& in, Item& item, Fields* last) {
    chat::Reasoning proven;
    if (last != nullptr) proven = read_thought(in, *last);
    if (!item.spoke) think(item, "summary", 0, std::move(proven.text));
    if (!proven.sealed.empty() && !item.part) {  // another dialect's, whole
      item.part = next_part();
      if (!over_) tell(chat::PartBegan{0, *item.part, std::move(proven), item.place});
    } else if (carries_proof(proven)) {
      const bool begun = item.part.has_value();  // as this dialect's, so another's proof keeps its mark
      if (!begun) begin_thought(item, proven.origin);
      if (!over_) tell(chat::PartSigned{0, *item.part, begun ? written_proof(proven) : proven.signature});
    }
    if (item.part && !over_) tell(chat::PartEnded{0, *item.part});
  }

  void end_call(Item& item, Fields* last) {
    if (!item.part) return;
    if (!item.spoke) {
      std::string text = last == nullptr ? std::string() : last->string("arguments").value_or(std::string());
      if (text.find_first_not_of(" \t\r\n") == std::string::npos) text = "{}";
      tell(chat::PartGrew{0, *item.part, std::move(text)});
    }
    tell(chat::PartEnded{0, *item.part});
  }

  unsigned next_part() {
    if (parts_ == most_parts) broken("the provider sent an answer of too many parts");
    return parts_++;
  }

  /* -------------------------------- parts ------------------------------- */

  void say(Item& item, std::uint64_t index, bool refusal, std::string text) {
    if (text.empty()) return;
    auto open = item.open.find(index);
    if (open == item.open.end()) {
      if (!item.spoken.insert(index).second) return;  // it has ended
      const unsigned part = next_part();
      if (over_) return;
      refused_ = refused_ || refusal;
      open = item.open.emplace(index, part).first;
      std::string place = element(item.place + ".content", index);
      tell(chat::PartBegan{0, part, refusal ? chat::Content(chat::RefusalText{}) : chat::Text{}, std::move(place)});
    }
    tell(chat::PartGrew{0, open->second, std::move(text)});
  }

  void grew(Reading&, Fields& event, const Row& row) {
    Item* item = item_of(event);
    if (item == nullptr || item->ended) return;
    if (item->type.empty()) item->type = "message";
    if (item->type != "message") return;
    const std::uint64_t index = event.whole("content_index").value_or(0);
    if (!row.whole || !item->spoken.contains(index))
      say(*item, index, row.of == "refusal", event.string(row.key).value_or(std::string()));
    if (!row.whole || over_) return;
    const auto open = item->open.find(index);
    if (open == item->open.end()) return;
    tell(chat::PartEnded{0, open->second});
    item->open.erase(open);
  }

  void begin_thought(Item& item, std::string origin) {
    item.part = next_part();
    if (!over_) tell(chat::PartBegan{0, *item.part, chat::Reasoning{.origin = std::move(origin)}, item.place});
  }

  // Text of the part `index` of the list that `key` names; a second list says the same again.
  void think(Item& item, std::string_view key, std::uint64_t index, std::string text) {
    if (text.empty() || (!item.said_by.empty() && item.said_by != key)) return;
    item.said_by = key;
    if (!item.part) begin_thought(item, std::string(own_word));
    if (over_) return;
    if (item.spoke && index != item.last) text.insert(0, between_summaries);
    item.spoke = true;
    item.last = index;
    tell(chat::PartGrew{0, *item.part, std::move(text)});
  }

  void thought(Reading&, Fields& event, const Row& row) {
    Item* item = item_of(event);
    if (item == nullptr || item->ended) return;
    if (item->type.empty()) item->type = "reasoning";
    if (item->type != "reasoning") return;
    const std::uint64_t number = event.whole(row.of == "summary" ? "summary_index" : "content_index").value_or(0);
    if (row.whole && item->spoke && item->last == number) return;
    think(*item, row.of, number, event.string(row.key).value_or(std::string()));
  }

  void arguments(Reading&, Fields& event, const Row& row) {
    Item* item = item_of(event);
    if (item == nullptr || item->ended || !item->part || item->type != "function_call" || (row.whole && item->spoke))
      return;
    std::string text = event.string(row.key).value_or(std::string());
    if (text.empty() || (row.whole && text.find_first_not_of(" \t\r\n") == std::string::npos)) return;
    item->spoke = true;
    tell(chat::PartGrew{0, *item->part, std::move(text)});
  }

  WayBack way_back_;
  json::Limits limits_;
  std::vector<Event>* out_ = nullptr;  // of the call at work
  std::map<std::uint64_t, Item> items_;
  openai::Counted counted_;
  Unsaid unsaid_;
  std::string made_ids_;  // how ids begin that the provider left out
  unsigned parts_ = 0;
  bool called_ = false, refused_ = false;
  bool began_ = false, semantic_ = false, over_ = false, finished_ = false;
};

const std::array<Events::Row, 17> Events::rows = {{
    {"response.created", &Events::began},
    {"response.queued", &Events::began},
    {"response.in_progress", &Events::began},
    {"response.output_item.added", &Events::added},
    {"response.output_text.delta", &Events::grew, "text", "delta"},
    {"response.output_text.done", &Events::grew, "text", "text", true},
    {"response.refusal.delta", &Events::grew, "refusal", "delta"},
    {"response.refusal.done", &Events::grew, "refusal", "refusal", true},
    {"response.reasoning_summary_text.delta", &Events::thought, "summary", "delta"},
    {"response.reasoning_summary_text.done", &Events::thought, "summary", "text", true},
    {"response.reasoning_text.delta", &Events::thought, "content", "delta"},
    {"response.reasoning_text.done", &Events::thought, "content", "text", true},
    {"response.function_call_arguments.delta", &Events::arguments, "arguments", "delta"},
    {"response.function_call_arguments.done", &Events::arguments, "arguments", "arguments", true},
    {"response.output_item.done", &Events::done},
    {"response.completed", &Events::ended},
    {"response.incomplete", &Events::ended},
}};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return std::make_unique<Events>(way_back, limits);
}

}  // namespace apigw::dialects::responses
