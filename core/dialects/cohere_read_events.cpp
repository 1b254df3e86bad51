// The events of a stream in Cohere's dialect, read into events of the hub.
//
// A part begins, grows and ends by events of its own: content and calls with an index each, a plan by growing alone.
// message-end tells why the answer stopped and what it cost; [DONE], which not every server sends, stands behind it.
#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Event;

constexpr unsigned most_parts = 16'384;

constexpr auto of_event = std::to_array<std::string_view>({"type", "index", "id", "delta"});
constexpr auto of_begin = std::to_array<std::string_view>({"role", "content", "tool_plan", "tool_calls"});
constexpr auto of_content = std::to_array<std::string_view>({"type"});
constexpr auto of_call = std::to_array<std::string_view>({"type"});
constexpr std::span<const std::string_view> nothing{};

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits) : way_back_(way_back), limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data || frame.data.empty()) return;
    out_ = &events;
    if (frame.data == openai::done_mark) return done();
    auto event = json::scan(frame.data, limits_);
    if (!event || event->root.type != json::Type::object) {
      return broken(event ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + event.error().what);
    }
    if (is_error(frame.data, *event)) return failed(error_in(frame.data, *event));
    if (event->find("type") == nullptr && is_own_error(frame.data, *event))
      return failed(error_in(frame.data, *event));
    if (ended_) return;  // nothing but the end mark belongs here
    Reading in(frame.data, own_word, true);
    Fields fields(in, std::move(*event));
    read(in, fields);
  }

  [[nodiscard]] bool may_end() const override { return ended_ && !over_; }

  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    done();
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !finished_;
    return usage;
  }

 private:
  /* -------------------------------- the end ----------------------------- */

  void tell(Event event) {
    semantic_ = semantic_ || chat::says_something(event);
    out_->push_back(std::move(event));
  }
  void failed(chat::ProviderError error) {
    over_ = true;
    out_->push_back(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "server_error", .message = std::move(what)}); }

  void done() {
    if (!ended_)
      return broken(semantic_ ? "the stream was cut before its answer ended" : "a stream without an answer");
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet,
                 const Place& place) {
    if (!over_) unsaid_.tell_rest(in, fields, quiet, place, *out_);
  }

  /* ------------------------------- one event ---------------------------- */

  struct Handler {
    std::string_view type;
    void (Events::*take)(Reading& in, Fields& event, Fields& delta, std::uint64_t index);
  };

  void read(Reading& in, Fields& event) {
    static constexpr auto handlers = std::to_array<Handler>({
        {"message-start", &Events::message_start},
        {"content-start", &Events::content_start},
        {"content-delta", &Events::content_delta},
        {"content-end", &Events::content_end},
        {"tool-plan-delta", &Events::plan_delta},
        {"tool-call-start", &Events::call_start},
        {"tool-call-delta", &Events::call_delta},
        {"tool-call-end", &Events::call_end},
        {"citation-start", &Events::citation_start},
        {"citation-end", &Events::citation_end},
        {"message-end", &Events::message_end},
    });
    const std::string type = event.string("type").value_or(std::string());
    const auto handler = std::ranges::find(handlers, std::string_view(type), &Handler::type);
    if (handler == handlers.end()) return unsaid_.tell(type, *out_);
    const auto index = event.whole("index").value_or(0);
    const auto slice = event.take("delta", json::Type::object);
    Fields delta(in, slice.value_or(json::Slice{}), "");
    (this->*handler->take)(in, event, delta, index);
    tell_rest(in, event, of_event, [] { return std::string(); });
  }

  // What stands at `delta.message`, of whatever kind it is; an empty object where there is none.
  static Fields message_of(Reading& in, Fields& delta) {
    return Fields(in, delta.take("message", json::Type::object).value_or(json::Slice{}), "");
  }
  static Fields member_of(Reading& in, Fields& fields, std::string_view key) {
    return Fields(in, fields.take(key, json::Type::object).value_or(json::Slice{}), "");
  }

  void message_start(Reading& in, Fields& event, Fields& delta, std::uint64_t) {
    begin(event.string("id").value_or(std::string()));
    const Fields message = message_of(in, delta);
    tell_rest(in, message, of_begin, [] { return std::string("message"); });
  }

  void begin(std::string id) {
    if (!std::exchange(began_, true)) tell(chat::Began{.id = std::move(id), .model = way_back_.model, .created = 0});
  }

  /* ------------------------------- contents ----------------------------- */

  void content_start(Reading& in, Fields&, Fields& delta, std::uint64_t index) {
    end(contents_, index);
    content(in, delta, index);
  }
  void content_delta(Reading& in, Fields&, Fields& delta, std::uint64_t index) { content(in, delta, index); }

  // A text or a thought that begins where none is open, or goes on.
  void content(Reading& in, Fields& delta, std::uint64_t index) {
    Fields message = message_of(in, delta);
    Fields content = member_of(in, message, "content");
    const std::string type = content.string("type").value_or(std::string());
    auto thought = content.string("thinking");
    auto text = content.string("text");
    const bool thinks = type == "thinking" || (type.empty() && thought);
    const std::string place = element("message.content", index);
    if (!contents_.contains(index) && !type.empty() && type != "text" && !thinks) unsaid_.tell(place, *out_);
    if (!contents_.contains(index) && (thinks || type == "text" || text)) {
      chat::Content part = chat::Text{};
      if (thinks) part = chat::Reasoning{.origin = std::string(own_word)};
      open(contents_, index, std::move(part), place);
    }
    const auto open = contents_.find(index);
    if (over_ || open == contents_.end()) return;
    grow(open->second, thought.value_or(std::string()) + text.value_or(std::string()));
    tell_rest(in, content, of_content, [&] { return place; });
  }

  void content_end(Reading&, Fields&, Fields&, std::uint64_t index) { end(contents_, index); }

  void plan_delta(Reading& in, Fields&, Fields& delta, std::uint64_t) {
    Fields message = message_of(in, delta);
    auto text = message.string("tool_plan").value_or(std::string());
    if (text.empty()) return;
    if (plans_.empty()) open(plans_, 0, chat::Reasoning{.origin = std::string(own_word)}, "message.tool_plan");
    if (!over_) grow(plans_.begin()->second, std::move(text));
  }

  /* --------------------------------- calls ------------------------------ */

  void call_start(Reading& in, Fields&, Fields& delta, std::uint64_t index) {
    end(plans_, 0);
    end(calls_, index);
    Fields message = message_of(in, delta);
    Fields call = member_of(in, message, "tool_calls");
    const std::string place = element("message.tool_calls", called_);
    chat::ToolCall made{.id = call.string("id").value_or(std::string()), .name = {}, .arguments = {""}};
    Fields function = member_of(in, call, "function");
    made.name = original_name(way_back_, function.string("name").value_or(std::string()));
    if (made.name.empty()) return broken("the provider sent a tool's call without the tool's name");
    ++called_;
    open(calls_, index, std::move(made), place);
    if (over_) return;
    argue(calls_.at(index), function);
    tell_rest(in, function, nothing, [&] { return place + ".function"; });
    tell_rest(in, call, of_call, [&] { return place; });
  }

  void call_delta(Reading& in, Fields&, Fields& delta, std::uint64_t index) {
    Fields message = message_of(in, delta);
    Fields call = member_of(in, message, "tool_calls");
    Fields function = member_of(in, call, "function");
    const auto open = calls_.find(index);
    if (open == calls_.end()) return broken("the provider sent the arguments of a call that it did not begin");
    argue(open->second, function);
  }

  void call_end(Reading&, Fields&, Fields&, std::uint64_t index) { end(calls_, index); }

  /* ------------------------------- the rest ----------------------------- */

  void citation_start(Reading&, Fields&, Fields&, std::uint64_t index) {
    unsaid_.tell(element("message.citations", index), *out_);
  }
  void citation_end(Reading&, Fields&, Fields&, std::uint64_t) {}

  void message_end(Reading& in, Fields& event, Fields& delta, std::uint64_t) {
    std::string finish = delta.string("finish_reason").value_or(std::string());
    const auto error = delta.string("error");
    const int status = failure_of(finish);
    if (status != 0 || (error && !error->empty())) return fail_with(status, error);
    begin(event.string("id").value_or(std::string()));
    for (auto* group : {&contents_, &plans_, &calls_})
      while (!group->empty()) end(*group, group->begin()->first);
    take_usage(in, delta, counted_);
    unsaid_.tell_kept(in, [] { return std::string(); }, *out_);
    tell_rest(in, delta, nothing, [] { return std::string(); });
    ended_ = true;
    tell(chat::Stopped{0, stop_of(std::move(finish), called_ != 0, "finish_reason")});
  }

  void fail_with(int status, const std::optional<std::string>& said) {
    chat::ProviderError error{.status = status == 0 ? 502 : status, .type = {}, .message = {}};
    error.type = openai::error_type(error.status);
    error.message = said && !said->empty() ? *said : "the provider ended its answer with an error";
    failed(std::move(error));
  }

  /* --------------------------------- parts ------------------------------ */

  struct Open {
    unsigned part = 0;
    bool grew = false;
    bool call = false;
  };
  using Group = std::map<std::uint64_t, Open>;  // by the provider's index

  void open(Group& group, std::uint64_t index, chat::Content content, std::string place) {
    begin({});
    if (parts_ == most_parts) return broken("the provider sent an answer of too many parts");
    const bool call = std::holds_alternative<chat::ToolCall>(content);
    group.insert_or_assign(index, Open{.part = parts_, .call = call});
    tell(chat::PartBegan{0, parts_++, std::move(content), std::move(place)});
  }

  void grow(Open& open, std::string text) {
    if (text.empty()) return;
    open.grew = true;
    tell(chat::PartGrew{0, open.part, std::move(text)});
  }
  void argue(Open& open, Fields& function) { grow(open, function.string("arguments").value_or(std::string())); }

  void end(Group& group, std::uint64_t index) {
    const auto found = group.find(index);
    if (found == group.end()) return;
    if (found->second.call) grow(found->second, found->second.grew ? "" : "{}");
    tell(chat::PartEnded{0, found->second.part});
    group.erase(found);
  }

  const WayBack way_back_;
  json::Limits limits_;
  std::vector<Event>* out_ = nullptr;  // of the frame at work
  Group contents_, plans_, calls_;     // open ones
  unsigned parts_ = 0;                 // so far,
  std::size_t called_ = 0;             // likewise
  Counted counted_;
  Unsaid unsaid_;
  bool began_ = false, semantic_ = false, over_ = false, finished_ = false;
  bool ended_ = false;  // the answer: nothing but the end mark is missing
};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return std::make_unique<Events>(way_back, limits);
}

}  // namespace apigw::dialects::cohere
