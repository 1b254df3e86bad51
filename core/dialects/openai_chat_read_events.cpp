// The frames of a stream in the OpenAI dialect, read into events.
//
// One chunk may say several things, they count in the order thoughts, text, refusal, calls, end, usage. A call is
// told apart by its index, and where servers leave that out or give all calls the same one, by its id, else by its
// name. A call stays open until the answer stops, or until another begins and its arguments are a whole object. An
// answer that has stopped says nothing more; the stream goes on for its usage until [DONE] or its close. What is
// passed over is told once, in the words of a whole reply: "choices[0].message.annotations".
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dialects/openai_chat.h"
#include "dialects/openai_chat_calls.h"
#include "dialects/provider_error.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::openai {

namespace {

using chat::Event;

constexpr unsigned most_answers = 128;
constexpr std::size_t most_calls = 512;  // of one answer
constexpr auto of_chunk =
    std::to_array<std::string_view>({"id", "object", "created", "model", "usage", "obfuscation"});
constexpr auto of_choice = std::to_array<std::string_view>({"index", "finish_reason", "native_finish_reason"});
constexpr auto of_delta = std::to_array<std::string_view>({"role"});
constexpr auto of_call = std::to_array<std::string_view>({"index", "id", "type"});
constexpr std::size_t most_early_bytes = 1 << 20;  // of arguments that come before the name of their tool

struct Choice {
  enum class Open : std::uint8_t { nothing, text, refusal, thought } open = Open::nothing;
  bool proven = false;  // the open thought has its signature
  bool stopped = false;
  unsigned part = 0;  // the open one
  unsigned parts = 0;
  std::vector<Call> calls;
};

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits, const Form& form)
      : way_back_(way_back), limits_(limits), form_(form) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data || frame.data.empty()) return;
    out_ = &events;
    if (frame.data == done_mark) return done();
    auto chunk = json::scan(frame.data, limits_);
    if (!chunk || chunk->root.type != json::Type::object) {
      return broken(chunk ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + chunk.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *chunk)) return failed(error_in(frame.data, *chunk));
    read_chunk(frame.data, std::move(*chunk));
  }

  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    const bool all =
        !choices_.empty() && std::ranges::all_of(choices_, [](const auto& row) { return row.second.stopped; });
    if (!all) return broken(semantic_ ? "the stream was cut before its answer ended" : "a stream without an answer");
    finished();
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !finished_;
    return usage;
  }

 private:
  void tell(Event event) { out_->push_back(std::move(event)); }
  void failed(chat::ProviderError error) {
    over_ = true;
    tell(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "server_error", .message = std::move(what)}); }
  void finished() {
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  void done() {
    if (!semantic_) return broken("the provider sent a stream without an answer");
    for (auto& [index, choice] : choices_) {
      if (!choice.stopped) stop(index, choice, stop_of({}, !choice.calls.empty()));
    }
    if (!over_) finished();
  }

  void read_chunk(std::string_view text, json::Document root) {
    Reading in(text, form_.word, true);
    Fields chunk(in, std::move(root));
    const auto choices = chunk.take("choices", json::Type::array);
    const auto elements = choices ? in.elements(*choices, "choices") : std::vector<json::Slice>();
    if (!elements.empty() && !began_) begin(chunk);
    for (const json::Slice one : elements) {
      Fields choice(in, one, "");
      if (!over_) read_choice(in, choice);
    }
    if (const auto usage = chunk.take("usage", json::Type::object)) {
      counted_.read(text, *usage);
      tell_rest(in, Fields(in, *usage, ""), counters, [] { return std::string("usage"); });
    }
    for (const std::string_view key : served) (void)chunk.take(key);
    tell_rest(in, chunk, of_chunk, [] { return std::string(); });
  }

  // Nothing follows the end.
  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet,
                 const Place& place) {
    if (!over_) unsaid_.tell_rest(in, fields, quiet, place, *out_);
  }

  void begin(Fields& chunk) {
    began_ = true;
    chat::Began began{.id = chunk.string("id").value_or(std::string()),
                      .model = chunk.string("model").value_or(std::string()),
                      .created = chunk.integer("created").value_or(0),
                      .list = "choices"};
    made_ids_ = fmt::format("call_{}", began.id.empty() ? std::to_string(began.created) : began.id);
    tell(std::move(began));
  }

  void read_choice(Reading& in, Fields& fields) {
    const std::uint64_t index = fields.whole("index").value_or(0);
    if (index >= most_answers) return broken("the provider sent a stream of too many answers");
    const auto number = static_cast<unsigned>(index);
    Choice& choice = choices_[number];
    if (choice.stopped) return;
    if (const auto object = fields.take("delta", json::Type::object)) {
      Fields delta(in, *object, "");
      read_delta(in, delta, number, choice);
      const auto place = [&] { return place_of(number) + ".message"; };
      tell_rest(in, delta, of_delta, place);
      if (!over_) unsaid_.tell_kept(in, place, *out_);
    }
    if (form_.texts) {
      if (const auto text = fields.string("text")) say(number, choice, Choice::Open::text, *text);
    }
    if (!over_) read_stop(fields, number, choice);
    tell_rest(in, fields, of_choice, [&] { return place_of(number); });
  }

  static std::string place_of(unsigned answer) { return element("choices", answer); }

  void read_delta(Reading& in, Fields& delta, unsigned answer, Choice& choice) {
    thoughts_ = thoughts_key(delta);
    for (chat::Reasoning& thought : read_thoughts(in, delta)) think(answer, choice, std::move(thought));
    if (const auto text = delta.string("content")) say(answer, choice, Choice::Open::text, *text);
    if (const auto text = delta.string("refusal")) say(answer, choice, Choice::Open::refusal, *text);
    for (const std::string_view key : {"content", "images"}) {
      const auto list = delta.take(key, json::Type::array);
      if (list) read_parts(in, *list, key, answer, choice);
    }
    if (const auto list = delta.take("tool_calls", json::Type::array)) {
      for (const json::Slice one : in.elements(*list, "")) {
        Fields entry(in, one, "");
        if (!over_) read_call(in, entry, answer, choice);
      }
    }
    if (const auto legacy = delta.take("function_call", json::Type::object)) {
      Fields function(in, *legacy, "");
      Fragment fragment;
      read_function(in, function, fragment);
      tell_rest(in, function, {}, [&] { return place_of(answer) + ".message.function_call"; });
      call(answer, choice, std::move(fragment));
    }
  }

  // A list of parts where a text is usual, or the pictures that some servers give.
  void read_parts(Reading& in, json::Slice list, std::string_view key, unsigned answer, Choice& choice) {
    std::vector<chat::Part> parts;
    read_content(in, list, std::string(key), Allowed::anything, parts);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      chat::Part& part = parts[i];
      if (const auto* text = std::get_if<chat::Text>(&part.content)) {
        say(answer, choice, Choice::Open::text, text->text);
        continue;
      }
      if (auto* thought = std::get_if<chat::Reasoning>(&part.content)) {
        thoughts_ = key;
        // Its signature may come later.
        if (form_.thoughts_in_content && thought->origin.empty()) thought->origin = form_.word;
        think(answer, choice, std::move(*thought));
        continue;
      }
      close(answer, choice);
      std::string place = part.place.empty() ? element(key, i) : std::move(part.place);
      tell(chat::PartBegan{answer, choice.parts, std::move(part.content), place_of(answer) + ".message." + place});
      tell(chat::PartEnded{answer, choice.parts++});
      semantic_ = true;
    }
  }

  void read_stop(Fields& fields, unsigned answer, Choice& choice) {
    const std::string word = fields.string("finish_reason").value_or(std::string());
    if (word.empty() || word == "null") return;  // some servers write either for null
    if (word == "error") return broken("the provider ended its answer with an error");
    chat::StopReason reason = stop_of(word, !choice.calls.empty());
    if (auto native = fields.string("native_finish_reason")) reason.native = std::move(*native);
    if (reason.stop == chat::Stop::other) reason.place = place_of(answer) + ".finish_reason";
    if (const auto met = fields.peek("stop_reason"); met && met->type == json::Type::string) {
      reason.sequence = *fields.string("stop_reason");
      if (reason.stop == chat::Stop::end) reason.stop = chat::Stop::stop_sequence;
    }
    stop(answer, choice, std::move(reason));
  }

  void stop(unsigned answer, Choice& choice, chat::StopReason reason) {
    close(answer, choice);
    for (Call& call : choice.calls) {
      if (!call.begun && !call.early.empty())
        return broken("the provider sent a tool's call without the tool's name");
      end(answer, call);
    }
    choice.stopped = true;
    semantic_ = true;
    tell(chat::Stopped{answer, std::move(reason)});
  }

  void open(unsigned answer, Choice& choice, Choice::Open kind, chat::Content content) {
    std::string place;
    if (kind == Choice::Open::refusal) place = place_of(answer) + ".message.refusal";
    if (kind == Choice::Open::thought) place = fmt::format("{}.message.{}", place_of(answer), thoughts_);
    close(answer, choice);
    choice.open = kind;
    choice.proven = false;
    choice.part = choice.parts++;
    semantic_ = true;
    tell(chat::PartBegan{answer, choice.part, std::move(content), std::move(place)});
  }

  void close(unsigned answer, Choice& choice) {
    if (choice.open == Choice::Open::nothing) return;
    choice.open = Choice::Open::nothing;
    tell(chat::PartEnded{answer, choice.part});
  }

  void say(unsigned answer, Choice& choice, Choice::Open kind, const std::string& text) {
    if (text.empty()) return;
    if (choice.open != kind) {
      open(answer, choice, kind, kind == Choice::Open::text ? chat::Content(chat::Text{}) : chat::RefusalText{});
    }
    tell(chat::PartGrew{answer, choice.part, text});
  }

  // What is said behind a signature belongs to the next thought.
  void think(unsigned answer, Choice& choice, chat::Reasoning thought) {
    if (!thought.sealed.empty()) {
      open(answer, choice, Choice::Open::thought, std::move(thought));
      return close(answer, choice);
    }
    if (thought.text.empty() && thought.signature.empty()) return;
    if (choice.open != Choice::Open::thought || (choice.proven && !thought.text.empty())) {
      open(answer, choice, Choice::Open::thought, chat::Reasoning{.origin = thought.origin});
    }
    if (!thought.text.empty()) tell(chat::PartGrew{answer, choice.part, std::move(thought.text)});
    if (thought.signature.empty()) return;
    choice.proven = true;
    tell(chat::PartSigned{answer, choice.part, std::move(thought.signature)});
  }

  void read_function(Reading& in, Fields& function, Fragment& fragment) {
    fragment.name = function.string("name").value_or(std::string());
    const auto place = function.take("arguments");
    if (!place) return;
    auto text = json::string_at(in.text, *place);
    fragment.arguments = text ? std::move(*text) : std::string(json::at(in.text, *place));
  }

  void read_call(Reading& in, Fields& entry, unsigned answer, Choice& choice) {
    Fragment fragment{.index = entry.whole("index"), .id = entry.string("id").value_or(std::string())};
    if (const auto object = entry.take("function", json::Type::object)) {
      Fields function(in, *object, "");
      read_function(in, function, fragment);
      tell_rest(in, function, {}, [&] { return place_of(answer, fragment) + ".function"; });
    } else if (entry.peek("custom")) {  // not a function's: passed over whole
      return unsaid_.tell(place_of(answer, fragment), *out_);
    }
    tell_rest(in, entry, of_call, [&] { return place_of(answer, fragment); });
    call(answer, choice, std::move(fragment));
  }
  static std::string place_of(unsigned answer, const Fragment& fragment) {
    return element(place_of(answer) + ".message.tool_calls", fragment.index.value_or(0));
  }

  void call(unsigned answer, Choice& choice, Fragment fragment) {
    Call* call = known(choice.calls, fragment);
    if (call == nullptr) {
      if (choice.calls.size() == most_calls) return broken("the provider sent an answer of too many calls");
      call = &choice.calls.emplace_back();
      call->index = fragment.index;
    }
    if (call->ended) return;  // its arguments were a whole object: nothing can follow
    if (call->id.empty()) call->id = std::move(fragment.id);
    if (!call->begun) call->name += fragment.name;
    call->arguments.feed(fragment.arguments);
    if (!call->begun) {
      call->early += fragment.arguments;
      if (call->early.size() > most_early_bytes)
        return broken("the provider sent arguments of a tool that has no name yet");
      return begin(answer, choice, *call);
    }
    if (!fragment.arguments.empty()) tell(chat::PartGrew{answer, call->part, std::move(fragment.arguments)});
  }

  void begin(unsigned answer, Choice& choice, Call& call) {
    if (call.name.empty()) return;
    close(answer, choice);
    for (Call& earlier : choice.calls) {
      if (&earlier != &call && earlier.begun && !earlier.ended && earlier.arguments.whole()) end(answer, earlier);
    }
    call.begun = true;
    call.part = choice.parts++;
    semantic_ = true;
    const std::string id = call.id.empty() ? fmt::format("{}_{}_{}", made_ids_, answer, call.part) : call.id;
    tell(chat::PartBegan{answer, call.part,
                         chat::ToolCall{.id = id, .name = original_name(way_back_, call.name), .arguments = {""}}});
    if (!call.early.empty()) tell(chat::PartGrew{answer, call.part, std::move(call.early)});
  }

  void end(unsigned answer, Call& call) {
    if (!call.begun || call.ended) return;
    call.ended = true;
    if (call.arguments.blank()) tell(chat::PartGrew{answer, call.part, "{}"});
    tell(chat::PartEnded{answer, call.part});
  }

  WayBack way_back_;
  json::Limits limits_;
  const Form& form_;
  std::vector<Event>* out_ = nullptr;  // of the call at work
  std::map<unsigned, Choice> choices_;
  Counted counted_;
  Unsaid unsaid_;
  std::string_view thoughts_;  // the member of the delta at work that they stand in
  std::string made_ids_;       // how ids begin that the provider left out
  bool began_ = false, semantic_ = false, over_ = false, finished_ = false;
};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits, const Form& form) {
  return std::make_unique<Events>(way_back, limits, form);
}

}  // namespace apigw::dialects::openai
