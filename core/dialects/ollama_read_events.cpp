// The lines of a stream in Ollama's dialect, read into events.
//
// Each line is a reply with the next piece of the answer. Thoughts and words go on from line to line until something
// else comes, a call comes whole. The last line says "done", and why; it may hold a piece of the answer too.
#include <fmt/format.h>

#include "dialects/ollama.h"
#include "dialects/provider_error.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Event;

constexpr unsigned most_parts = 16'384;

constexpr auto of_line = std::to_array<std::string_view>(
    {"model", "created_at", "done", "done_reason", "context", "prompt_eval_count", "eval_count", "total_duration",
     "load_duration", "prompt_eval_duration", "eval_duration", "remote_model", "remote_host"});
constexpr auto of_message = std::to_array<std::string_view>({"role"});
constexpr auto of_call = std::to_array<std::string_view>({"type"});
constexpr auto of_function = std::to_array<std::string_view>({"index"});

class Events final : public EventReader {
 public:
  explicit Events(const json::Limits& limits) : limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data) return;
    out_ = &events;
    auto line = json::scan(frame.data, limits_);
    if (!line || line->root.type != json::Type::object) {
      return broken(line ? "the provider sent a line that is no JSON object"
                         : "the provider sent a line that is no JSON: " + line.error().what);
    }
    if (is_error(frame.data, *line)) return failed(error_in(frame.data, *line));
    read_line(frame.data, std::move(*line));
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
  enum class Open : std::uint8_t { nothing, thought, text };

  void tell(Event event) {
    semantic_ = semantic_ || chat::says_something(event);
    out_->push_back(std::move(event));
  }
  void failed(chat::ProviderError error) {
    over_ = true;
    out_->push_back(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "server_error", .message = std::move(what)}); }

  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet,
                 const Place& place) {
    if (!over_) unsaid_.tell_rest(in, fields, quiet, place, *out_);
  }

  void read_line(std::string_view text, json::Document root) {
    counted_.read(text, root);
    Reading in(text, own_word, true);
    Fields line(in, std::move(root));
    const std::string answered = line.string("created_at").value_or(std::string());
    if (!began_) begin(line, answered);
    if (const auto object = line.take("message", json::Type::object)) {
      Fields message(in, *object, "");
      read_message(in, message, answered);
      tell_rest(in, message, of_message, [] { return std::string("message"); });
    } else {
      say(Open::thought, line.string("thinking").value_or(std::string()), "thinking");
      say(Open::text, line.string("response").value_or(std::string()), "response");
    }
    tell_rest(in, line, of_line, [] { return std::string(); });
    const auto done = line.peek("done");
    if (over_ || !done || !json::boolean_at(text, *done).value_or(false)) return;
    close();
    tell(chat::Stopped{0, stop_of(line.string("done_reason").value_or(std::string()), called_, "done_reason")});
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  void begin(Fields& line, const std::string& answered) {
    began_ = true;
    tell(
        chat::Began{.id = {}, .model = line.string("model").value_or(std::string()), .created = read_time(answered)});
  }

  void read_message(Reading& in, Fields& message, const std::string& answered) {
    say(Open::thought, message.string("thinking").value_or(std::string()), "message.thinking");
    read_pictures(in, message);
    say(Open::text, message.string("content").value_or(std::string()), "message.content");
    const auto list = message.take("tool_calls", json::Type::array);
    for (const json::Slice one : list ? in.elements(*list, "") : std::vector<json::Slice>()) {
      if (over_) return;
      Fields call(in, one, "");
      if (one.type == json::Type::object) read_call(in, call, answered);
    }
  }

  void say(Open kind, std::string text, std::string_view place) {
    if (text.empty() || over_) return;
    if (open_ != kind) {
      const unsigned part = next();
      if (over_) return;
      open_ = kind;
      part_ = part;
      if (kind == Open::thought)
        tell(chat::PartBegan{0, part, chat::Reasoning{.origin = std::string(own_word)}, std::string(place)});
      else
        tell(chat::PartBegan{0, part, chat::Text{}, std::string(place)});
    }
    tell(chat::PartGrew{0, part_, std::move(text)});
  }

  void read_pictures(Reading& in, Fields& message) {
    const auto list = message.take("images", json::Type::array);
    for (const json::Slice one : list ? in.elements(*list, "") : std::vector<json::Slice>()) {
      const std::string place = element("message.images", pictures_++);
      auto written = json::string_at(in.text, one);
      auto picture = written ? read_picture(std::move(*written)) : std::nullopt;
      if (!picture) {
        if (!over_) unsaid_.tell(place, *out_);
        continue;
      }
      const unsigned part = next();
      if (over_) return;
      tell(chat::PartBegan{0, part, std::move(*picture), place});
      tell(chat::PartEnded{0, part});
    }
  }

  void read_call(Reading& in, Fields& fields, const std::string& answered) {
    chat::ToolCall call{.id = fields.string("id").value_or(std::string()), .name = {}, .arguments = {"{}"}};
    const std::string place = element("message.tool_calls", calls_);
    if (const auto object = fields.take("function", json::Type::object)) {
      Fields function(in, *object, "");
      call.name = function.string("name").value_or(std::string());
      if (const auto arguments = function.take("arguments", json::Type::object))
        call.arguments.text = json::at(in.text, *arguments);
      tell_rest(in, function, of_function, [&] { return place + ".function"; });
    }
    if (call.name.empty()) return broken("the provider sent a tool's call without the tool's name");
    const unsigned part = next();
    if (over_) return;
    if (call.id.empty()) call.id = made_id(answered, part, call);
    ++calls_;
    called_ = true;
    std::string arguments = std::exchange(call.arguments.text, {});
    tell(chat::PartBegan{0, part, std::move(call), place});
    tell(chat::PartGrew{0, part, std::move(arguments)});
    tell(chat::PartEnded{0, part});
    tell_rest(in, fields, of_call, [&] { return place; });
  }

  // The number of a part that begins.
  unsigned next() {
    close();
    if (parts_ == most_parts) broken("the provider sent an answer of too many parts");
    return parts_++;
  }

  void close() {
    if (open_ != Open::nothing) tell(chat::PartEnded{0, part_});
    open_ = Open::nothing;
  }

  json::Limits limits_;
  std::vector<Event>* out_ = nullptr;  // of the line at work
  Open open_ = Open::nothing;
  unsigned part_ = 0;   // the open one
  unsigned parts_ = 0;  // so far,
  std::size_t calls_ = 0, pictures_ = 0;
  Counted counted_;
  Unsaid unsaid_;
  bool began_ = false, called_ = false, semantic_ = false, over_ = false, finished_ = false;
};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& /*way_back*/, const json::Limits& limits) {
  return std::make_unique<Events>(limits);
}

}  // namespace apigw::dialects::ollama
