// The frames of a stream in the Gemini dialect, read into events.
//
// Each frame is a whole reply that holds the next parts of each candidate. Texts and thoughts go on from frame to
// frame until something else comes, a call comes whole. The proof of a thought comes on the part that it led to,
// which for a text may be its last, empty one. There is no end mark: a stream is over when its upstream closes after
// each candidate has told why it stopped, or the prompt was blocked.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/media.h"
#include "dialects/proof.h"
#include "dialects/provider_error.h"
#include "dialects/tool_names.h"
#include "dialects/unsaid.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Event;

constexpr unsigned most_answers = 128;
constexpr unsigned most_parts = 16'384;  // of one answer

constexpr auto of_frame = std::to_array<std::string_view>(
    {"responseId", "modelVersion", "usageMetadata", "createTime", "modelStatus", "promptFeedback"});
constexpr auto of_feedback = std::to_array<std::string_view>({"safetyRatings"});
constexpr auto of_candidate =
    std::to_array<std::string_view>({"index", "finishReason", "tokenCount", "avgLogprobs", "safetyRatings"});
constexpr auto of_content = std::to_array<std::string_view>({"role"});
constexpr auto of_part = std::to_array<std::string_view>({"thought"});

struct Answer {
  enum class Open : std::uint8_t { nothing, text, thought } open = Open::nothing;
  unsigned part = 0;  // the open one
  unsigned parts = 0;
  std::size_t seen = 0;  // parts of the provider, those that say nothing too
  bool called = false, stopped = false;
};

class Events final : public EventReader {
 public:
  Events(const WayBack& way_back, const json::Limits& limits) : way_back_(way_back), limits_(limits) {}

  void feed(const wire::Frame& frame, std::vector<Event>& events) override {
    if (over_ || !frame.has_data || frame.data.empty()) return;
    out_ = &events;
    auto chunk = json::scan(frame.data, limits_);
    if (!chunk || chunk->root.type != json::Type::object) {
      return broken(chunk ? "the provider sent a frame that is no JSON object"
                          : "the provider sent a frame that is no JSON: " + chunk.error().what);
    }
    if (frame.event == "error" || is_error(frame.data, *chunk)) return failed(error_in(frame.data, *chunk));
    read_frame(frame.data, std::move(*chunk));
  }

  [[nodiscard]] bool may_end() const override {
    const auto stopped = [](const auto& row) { return row.second.stopped; };
    return !over_ && !answers_.empty() && std::ranges::all_of(answers_, stopped);
  }
  void finish(std::vector<Event>& events) override {
    if (over_) return;
    out_ = &events;
    if (!may_end())
      return broken(semantic_ ? "the stream was cut before its answer ended" : "a stream without an answer");
    over_ = finished_ = true;
    tell(chat::Finished{usage()});
  }

  [[nodiscard]] chat::Usage usage() const override {
    chat::Usage usage = counted_.disjoint();
    usage.partial = !finished_;
    return usage;
  }

 private:
  void tell(Event event) {
    semantic_ = semantic_ || chat::says_something(event);
    out_->push_back(std::move(event));
  }
  void failed(chat::ProviderError error) {
    over_ = true;
    out_->push_back(chat::Failed{std::move(error)});
  }
  void broken(std::string what) { failed({.status = 502, .type = "UNAVAILABLE", .message = std::move(what)}); }

  template <class Place>
  void tell_rest(const Reading& in, const Fields& fields, std::span<const std::string_view> quiet,
                 const Place& place) {
    if (!over_) unsaid_.tell_rest(in, fields, quiet, place, *out_);
  }

  void read_frame(std::string_view text, json::Document root) {
    Reading in(text, own_word, true);
    Fields frame(in, std::move(root));
    const auto candidates = frame.take("candidates", json::Type::array);
    const auto elements = candidates ? in.elements(*candidates, "candidates") : std::vector<json::Slice>();
    const auto feedback = frame.peek("promptFeedback");
    const auto usage = frame.take("usageMetadata", json::Type::object);
    if (usage) counted_.read(text, *usage);
    if (!began_ && (!elements.empty() || feedback)) begin(frame);
    for (const json::Slice one : elements) {
      Fields candidate(in, one, "");
      if (!over_) read_candidate(in, candidate);
    }
    if (feedback && feedback->type == json::Type::object && !over_) read_feedback(in, *feedback);
    if (usage) tell_rest(in, Fields(in, *usage, ""), counters, [] { return std::string("usageMetadata"); });
    tell_rest(in, frame, of_frame, [] { return std::string(); });
  }

  void begin(Fields& frame) {
    began_ = true;
    chat::Began began{.id = frame.string("responseId").value_or(std::string()),
                      .model = frame.string("modelVersion").value_or(std::string()),
                      .list = "candidates"};
    if (const chat::Usage known = counted_.disjoint(); known.known) began.usage = known;
    made_ids_ = fmt::format("call_{}", began.id);
    tell(std::move(began));
  }

  // A prompt that was blocked is an answer that was refused.
  void read_feedback(Reading& in, json::Slice object) {
    Fields feedback(in, object, "");
    auto reason = feedback.string("blockReason");
    const auto message = feedback.string("blockReasonMessage");
    tell_rest(in, feedback, of_feedback, [] { return std::string("promptFeedback"); });
    if (!reason || !answers_.empty()) return;
    Answer& answer = answers_[0];
    if (message && !message->empty()) {
      const unsigned part = answer.parts++;
      tell(chat::PartBegan{0, part, chat::RefusalText{}, "promptFeedback.blockReasonMessage"});
      tell(chat::PartGrew{0, part, *message});
      tell(chat::PartEnded{0, part});
    }
    answer.stopped = true;
    tell(chat::Stopped{0, blocked(std::move(*reason))});
  }

  /* ------------------------------ candidates ----------------------------- */

  static std::string place_of(unsigned answer) { return element("candidates", answer); }
  static std::string place_of(unsigned answer, std::size_t part) {
    return element(place_of(answer) + ".content.parts", part);
  }

  void read_candidate(Reading& in, Fields& candidate) {
    const std::uint64_t index = candidate.whole("index").value_or(0);
    if (index >= most_answers) return broken("the provider sent a stream of too many answers");
    const auto number = static_cast<unsigned>(index);
    Answer& answer = answers_[number];
    if (answer.stopped) return;
    if (const auto object = candidate.take("content", json::Type::object)) {
      Fields content(in, *object, "");
      const auto list = content.take("parts", json::Type::array);
      for (const json::Slice one : list ? in.elements(*list, "") : std::vector<json::Slice>()) {
        if (over_) return;
        Fields part(in, one, "");
        if (one.type == json::Type::object) read_part(in, part, number, answer);
        ++answer.seen;
      }
      tell_rest(in, content, of_content, [&] { return place_of(number) + ".content"; });
    }
    if (over_) return;
    if (auto word = candidate.string("finishReason"); word && !word->empty()) {
      close(number, answer);
      answer.stopped = true;
      tell(chat::Stopped{number, stop_of(std::move(*word), answer.called, place_of(number) + ".finishReason")});
    }
    tell_rest(in, candidate, of_candidate, [&] { return place_of(number); });
  }

  void read_part(Reading& in, Fields& part, unsigned number, Answer& answer) {
    const auto place = [&] { return place_of(number, answer.seen); };
    const auto on = part.peek("thought");
    const auto proof = part.string("thoughtSignature").value_or(std::string());
    if (on && json::boolean_at(in.text, *on).value_or(false)) {
      think(part, proof, number, answer);
      return tell_rest(in, part, of_part, place);
    }
    if (auto text = part.string("text")) {
      const bool goes_on = answer.open == Answer::Open::text;  // and ends with its proof
      if (!goes_on) prove(proof, number, answer);
      if (!text->empty() && !over_) say(std::move(*text), number, answer);
      if (goes_on) prove(proof, number, answer);
    } else {
      prove(proof, number, answer);
      if (!over_) read_other(in, part, number, answer);
    }
    tell_rest(in, part, of_part, place);
  }

  // The number of a part that begins.
  unsigned next(unsigned number, Answer& answer) {
    close(number, answer);
    if (answer.parts == most_parts) broken("the provider sent an answer of too many parts");
    return answer.parts++;
  }

  void close(unsigned number, Answer& answer) {
    if (answer.open == Answer::Open::nothing) return;
    answer.open = Answer::Open::nothing;
    tell(chat::PartEnded{number, answer.part});
  }

  void say(std::string text, unsigned number, Answer& answer) {
    if (answer.open != Answer::Open::text) {
      const unsigned part = next(number, answer);
      if (over_) return;
      answer.open = Answer::Open::text;
      answer.part = part;
      tell(chat::PartBegan{number, part, chat::Text{}, place_of(number, answer.seen)});
    }
    tell(chat::PartGrew{number, answer.part, std::move(text)});
  }

  void think(Fields& part, const std::string& proof, unsigned number, Answer& answer) {
    auto text = part.string("text").value_or(std::string());
    if (text.empty() && proof.empty()) return;
    chat::Reasoning made;
    if (!proof.empty()) made = read_signature(proof);
    if (made.origin.empty()) made.origin = own_word;
    const bool begins = answer.open != Answer::Open::thought;
    if (begins) {
      const unsigned begun = next(number, answer);
      if (over_) return;
      answer.open = Answer::Open::thought;
      answer.part = begun;
      tell(chat::PartBegan{number, begun,
                           chat::Reasoning{.text = {}, .signature = {}, .sealed = made.sealed, .origin = made.origin},
                           place_of(number, answer.seen)});
    }
    if (!text.empty()) tell(chat::PartGrew{number, answer.part, std::move(text)});
    if (!carries_proof(made)) return;
    // Of a thought that has begun as this dialect's, another's proof keeps its mark.
    const bool whole = begins || made.origin == own_word;
    const std::string signature = whole ? made.signature : written_signature(made);
    if (!signature.empty()) tell(chat::PartSigned{number, answer.part, signature});
    close(number, answer);  // what is thought behind it is another one
  }

  // A thought without words, before what it led to.
  void prove(const std::string& proof, unsigned number, Answer& answer) {
    if (proof.empty() || over_) return;
    const unsigned part = next(number, answer);
    if (over_) return;
    chat::Reasoning thought = read_signature(proof);
    std::string signature = std::exchange(thought.signature, {});
    tell(chat::PartBegan{number, part, std::move(thought), place_of(number, answer.seen) + ".thoughtSignature"});
    if (!signature.empty()) tell(chat::PartSigned{number, part, std::move(signature)});
    tell(chat::PartEnded{number, part});
  }

  void read_other(Reading& in, Fields& part, unsigned number, Answer& answer) {
    if (const auto call = part.take("functionCall", json::Type::object)) {
      Fields fields(in, *call, "");
      function(in, fields, number, answer);
      return tell_rest(in, fields, {}, [&] { return place_of(number, answer.seen) + ".functionCall"; });
    }
    const auto data = part.peek("inlineData");
    if (!data || data->type != json::Type::object) return;
    Fields fields(in, *data, "");
    chat::Source source;
    source.media_type = fields.string("mimeType").value_or(std::string());
    auto bytes = base64(fields.string("data").value_or(std::string()));
    if (!bytes) return;
    source.base64 = std::move(*bytes);
    auto media = read_media(std::move(source), fields.string("displayName").value_or(std::string()));
    if (!media) return;
    (void)part.take("inlineData");
    const unsigned begun = next(number, answer);
    if (over_) return;
    tell(chat::PartBegan{number, begun, std::move(*media), place_of(number, answer.seen)});
    tell(chat::PartEnded{number, begun});
  }

  void function(Reading& in, Fields& fields, unsigned number, Answer& answer) {
    const auto name = fields.string("name").value_or(std::string());
    if (name.empty()) return broken("the provider sent a tool's call without the tool's name");
    const unsigned part = next(number, answer);
    if (over_) return;
    answer.called = true;
    std::string id = fields.string("id").value_or(std::string());
    if (id.empty()) id = fmt::format("{}_{}_{}", made_ids_, number, part);
    tell(chat::PartBegan{
        number, part, chat::ToolCall{.id = std::move(id), .name = original_name(way_back_, name), .arguments = {""}},
        place_of(number, answer.seen)});
    const auto args = fields.take("args", json::Type::object);
    tell(chat::PartGrew{number, part, args ? std::string(json::at(in.text, *args)) : "{}"});
    tell(chat::PartEnded{number, part});
  }

  WayBack way_back_;
  json::Limits limits_;
  std::vector<Event>* out_ = nullptr;  // of the call at work
  std::map<unsigned, Answer> answers_;
  Counted counted_;
  Unsaid unsaid_;
  std::string made_ids_;  // how ids begin that the provider left out
  bool began_ = false, semantic_ = false, over_ = false, finished_ = false;
};

}  // namespace

std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return std::make_unique<Events>(way_back, limits);
}

}  // namespace apigw::dialects::gemini
