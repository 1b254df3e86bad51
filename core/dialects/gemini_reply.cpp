// A whole reply of the Gemini dialect, both ways.
//
// Providers are read tolerantly. A prompt that was blocked has no candidates and is an answer that was refused; a
// candidate without parts is an empty answer. What tells how a call was served, or judged, is no part of the answer.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/media.h"
#include "dialects/native.h"
#include "dialects/proof.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Answer;
using chat::Loss;
using chat::Part;

constexpr auto of_reply = std::to_array<std::string_view>({"createTime", "modelStatus"});
constexpr auto of_candidate =
    std::to_array<std::string_view>({"index", "tokenCount", "avgLogprobs", "safetyRatings"});

/* --------------------------------- reading ------------------------------ */

class Candidate {
 public:
  Candidate(Reading& in, const WayBack& way_back, const std::string& response, std::size_t number, Answer& answer)
      : in_(in), way_back_(way_back), response_(response), number_(number), answer_(answer) {}

  void read(json::Slice slice, std::string path) {
    Fields candidate(in_, slice, std::move(path));
    if (const auto object = candidate.take("content", json::Type::object)) {
      Fields content(in_, *object, candidate.path("content"));
      (void)content.take("role");
      const auto list = content.take("parts", json::Type::array);
      const auto elements = list ? in_.elements(*list, content.path("parts")) : std::vector<json::Slice>();
      for (std::size_t i = 0; i < elements.size(); ++i) part(elements[i], element(content.path("parts"), i));
      content.keep_rest();
    }
    auto word = candidate.string("finishReason").value_or(std::string());
    answer_.stop = stop_of(std::move(word), called_, candidate.path("finishReason"));
    for (const std::string_view key : of_candidate) (void)candidate.take(key);
    candidate.keep_rest();
  }

 private:
  void part(json::Slice slice, std::string path) {
    if (slice.type != json::Type::object) return in_.keep(std::move(path), slice);
    Fields part(in_, slice, std::move(path));
    const auto on = part.peek("thought");
    const bool thought = on && json::boolean_at(in_.text, *on).value_or(false);
    auto proof = part.string("thoughtSignature").value_or(std::string());
    if (thought) {
      (void)part.take("thought");
      chat::Reasoning made;
      if (!proof.empty()) made = read_signature(std::move(proof));
      if (made.origin.empty()) made.origin = own_word;
      made.text = part.string("text").value_or(std::string());
      if (!made.text.empty() || carries_proof(made)) answer_.parts.push_back({std::move(made), {}, part.path()});
    } else {
      if (!proof.empty())  // it stands before what it led to
        answer_.parts.push_back({read_signature(std::move(proof)), {}, part.path("thoughtSignature")});
      said(part);
    }
    part.keep_rest();
  }

  void said(Fields& part) {
    if (auto text = part.string("text")) {
      if (!text->empty()) answer_.parts.push_back({chat::Text{std::move(*text)}, {}, part.path()});
    } else if (const auto call = part.take("functionCall", json::Type::object)) {
      Fields fields(in_, *call, part.path("functionCall"));
      function(fields, part.path());
      fields.keep_rest();
    } else if (const auto data = part.peek("inlineData"); data && data->type == json::Type::object) {
      Fields fields(in_, *data, part.path("inlineData"));
      picture(part, fields);
    }
  }

  void function(Fields& fields, const std::string& place) {
    chat::ToolCall call{.id = fields.string("id").value_or(std::string()),
                        .name = original_name(way_back_, fields.string("name").value_or(std::string()))};
    if (call.id.empty()) call.id = fmt::format("call_{}_{}_{}", response_, number_, answer_.parts.size());
    if (const auto args = fields.take("args", json::Type::object)) call.arguments.text = json::at(in_.text, *args);
    answer_.parts.push_back({std::move(call), {}, place});
    called_ = true;
  }

  void picture(Fields& part, Fields& fields) {
    chat::Source source;
    source.media_type = fields.string("mimeType").value_or(std::string());
    const auto data = base64(fields.string("data").value_or(std::string()));
    if (!data) return;
    source.base64 = *data;
    auto media = read_media(std::move(source), fields.string("displayName").value_or(std::string()));
    if (!media) return;
    (void)part.take("inlineData");
    answer_.parts.push_back({std::move(*media), {}, part.path()});
    fields.keep_rest();
  }

  Reading& in_;
  const WayBack& way_back_;
  const std::string& response_;
  const std::size_t number_;
  Answer& answer_;
  bool called_ = false;
};

// Nothing: the prompt was not blocked.
std::optional<Answer> blocked_in(Reading& in, Fields& reply) {
  const auto object = reply.take("promptFeedback", json::Type::object);
  if (!object) return std::nullopt;
  Fields feedback(in, *object, "promptFeedback");
  (void)feedback.take("safetyRatings");
  auto reason = feedback.string("blockReason");
  auto message = feedback.string("blockReasonMessage");
  feedback.keep_rest();
  if (!reason) return std::nullopt;
  Answer answer{.parts = {}, .stop = blocked(std::move(*reason))};
  if (message && !message->empty())
    answer.parts.push_back({chat::RefusalText{std::move(*message)}, {}, feedback.path("blockReasonMessage")});
  return answer;
}

/* --------------------------------- writing ------------------------------ */

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply), facts_(facts), json_(out), losses_(losses) {}

  void write() {
    json_.open_object();
    json_.open_array("candidates");
    for (std::size_t i = 0; i < reply_.answers.size(); ++i) candidate(reply_.answers[i], i);
    json_.close();
    write_usage(json_, reply_.usage);
    json_.filled("modelVersion", reply_.model);
    json_.member("responseId", reply_.id.empty() ? facts_.id : std::string_view(reply_.id));
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  void candidate(const Answer& answer, std::size_t number) {
    json_.open_object();
    json_.open_object("content");
    json_.open_array("parts");
    written_ = 0;
    proof_.clear();
    for (const Part& part : answer.parts) {
      part_ = &part;
      std::visit([this](const auto& content) { write_part(content); }, part.content);
    }
    if (!proof_.empty() || written_ == 0) put([&] { json_.member("text", std::string_view()); });
    json_.close();
    json_.member("role", "model");
    json_.close();
    json_.member("finishReason", finish_word(answer.stop, losses_));
    json_.member("index", number);
    json_.close();
  }

  // One part, with the proof that stood before it.
  template <class Members>
  void put(const Members& members) {
    json_.open_object();
    members();
    json_.filled("thoughtSignature", std::exchange(proof_, {}));
    json_.close();
    ++written_;
  }

  void write_part(const chat::Text& text) {
    if (!text.text.empty()) put([&] { json_.member("text", text.text); });
  }
  void write_part(const chat::RefusalText& refusal) {
    if (refusal.text.empty()) return;
    lose(Loss::Kind::changed, "Gemini tells a refusal as text");
    write_part(chat::Text{refusal.text});
  }
  void write_part(const chat::Reasoning& thought) {
    if (!proof_.empty()) put([&] { json_.member("text", std::string_view()); });
    if (proves_next(thought)) {
      proof_ = written_signature(thought);
      return;
    }
    json_.open_object();
    json_.member("text", thought.text);
    json_.member("thought", true);
    json_.filled("thoughtSignature", written_signature(thought));
    json_.close();
    ++written_;
  }
  void write_part(const chat::ToolCall& call) {
    const auto args = object_of(call.arguments);
    if (!args) lose(Loss::Kind::changed, "the arguments of the call are no JSON object; they were left out");
    put([&] {
      json_.open_object("functionCall");
      json_.filled("id", call.id);
      json_.member("name", call.name);
      json_.member("args", args.value_or(json::Raw{"{}"}));
      json_.close();
    });
  }
  void write_part(const chat::Media& media) {
    if (media.source.base64.empty()) return lose(Loss::Kind::dropped, "an answer of Gemini holds data alone");
    put([&] { (void)write_media(json_, media, true); });
  }
  void write_part(const chat::ToolResult&) { lose(Loss::Kind::dropped, "an answer holds no results of tools"); }

  void lose(Loss::Kind kind, std::string_view why) {
    losses_.add(kind, part_->place.empty() ? element("answers", 0) : part_->place, std::string(why));
  }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  JsonWriter json_;
  chat::Losses& losses_;
  const Part* part_ = nullptr;  // the one at work
  std::string proof_;           // of the part that comes next
  std::size_t written_ = 0;     // parts of the candidate
};

}  // namespace

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto candidates = fields.take("candidates", json::Type::array);
  chat::Reply reply{.list = "candidates"};
  reply.id = fields.string("responseId").value_or(std::string());
  reply.model = fields.string("modelVersion").value_or(std::string());
  const auto elements = candidates ? in.elements(*candidates, "candidates") : std::vector<json::Slice>();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Candidate(in, way_back, reply.id, i, reply.answers.emplace_back()).read(elements[i], element("candidates", i));
  }
  if (auto refused = blocked_in(in, fields); refused && reply.answers.empty())
    reply.answers.push_back(std::move(*refused));
  if (reply.answers.empty()) return other_reply();
  take_usage(in, fields, "usageMetadata", counters, [&](json::Slice usage) {
    Counted counted;
    counted.read(body, usage);
    reply.usage = counted.disjoint();
  });
  for (const std::string_view key : of_reply) (void)fields.take(key);
  fields.keep_rest();
  return whole_reply(in, std::move(reply));
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::gemini
