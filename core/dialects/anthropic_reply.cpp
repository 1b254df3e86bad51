// A whole reply of the Anthropic dialect, both ways.
//
// Providers are read tolerantly. Written, a message has every member that the dialect demands. What has no form there
// is a loss: a second answer, a picture. A refusal's own words become text, because clients show nothing else.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/anthropic.h"
#include "dialects/native.h"
#include "dialects/proof.h"
#include "dialects/reply_reading.h"
#include "dialects/tool_names.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Answer;
using chat::Loss;
using chat::Part;
using chat::Stop;

struct StopRow {
  std::string_view word;
  Stop stop;
};
// The first row of a Stop is how it is written.
constexpr auto stops = std::to_array<StopRow>({
    {"end_turn", Stop::end},
    {"pause_turn", Stop::end},
    {"stop_sequence", Stop::stop_sequence},
    {"max_tokens", Stop::length},
    {"model_context_window_exceeded", Stop::length},
    {"tool_use", Stop::tool_calls},
    {"refusal", Stop::refusal},
});

bool object_in(const std::string& text) {
  const auto scanned = json::scan(text);
  return scanned && scanned->root.type == json::Type::object;
}

/* --------------------------------- reading ------------------------------ */

// What was asked for as a tool's arguments is the answer itself.
void unwrap(Answer& answer) {
  for (Part& part : answer.parts) {
    const auto* call = std::get_if<chat::ToolCall>(&part.content);
    if (call != nullptr && call->name == answer_tool) part.content = chat::Text{call->arguments.text};
  }
}

bool calls_tools(const Answer& answer) {
  return std::ranges::any_of(answer.parts,
                             [](const Part& part) { return std::holds_alternative<chat::ToolCall>(part.content); });
}

void read_answer(Reading& in, Fields& message, json::Slice content, const std::string& message_id,
                 const WayBack& way_back, Answer& answer) {
  const auto elements = in.elements(content, "content");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    read_block(in, elements[i], element("content", i), Place::reply, answer.parts);
  }
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    auto* call = std::get_if<chat::ToolCall>(&answer.parts[i].content);
    if (call == nullptr) continue;
    call->id = call_id(std::move(call->id), message_id, i);
    call->name = original_name(way_back, call->name);
  }
  if (way_back.answer_in_tool) unwrap(answer);
  auto word = message.string("stop_reason").value_or(std::string());
  auto sequence = message.string("stop_sequence").value_or(std::string());
  answer.stop = stop_of(std::move(word), std::move(sequence), calls_tools(answer));
  if (way_back.answer_in_tool && answer.stop.stop == Stop::tool_calls && !calls_tools(answer)) {
    answer.stop.stop = Stop::end;
  }
  if (const auto object = message.take("stop_details", json::Type::object)) {
    Fields details(in, *object, "stop_details");
    (void)details.take("type");
    auto why = details.string("explanation").value_or(std::string());
    if (!why.empty()) answer.parts.push_back({chat::RefusalText{std::move(why)}, {}, details.path("explanation")});
    details.keep_rest();
  }
}

/* --------------------------------- writing ------------------------------ */

class Writer {
 public:
  Writer(const chat::Reply& reply, const ReplyFacts& facts, std::string& out, chat::Losses& losses)
      : reply_(reply), facts_(facts), json_(out), losses_(losses) {}

  void write() {
    static const Answer nothing;
    const Answer& answer = reply_.answers.empty() ? nothing : reply_.answers.front();
    if (reply_.answers.size() > 1) {
      lose_answer(reply_.list, 1, losses_);
    }
    json_.open_object();
    json_.member("id", id());
    json_.member("type", "message");
    json_.member("role", "assistant");
    json_.member("model", reply_.model);
    json_.open_array("content");
    for (const Part& part : answer.parts) {
      part_ = &part;
      std::visit([this](const auto& content) { write_part(content); }, part.content);
      ++number_;
    }
    json_.close();
    json_.member("stop_reason", stop_word(answer.stop, refused_));
    if (answer.stop.stop == Stop::other) lose_stop(answer.stop, losses_);
    if (answer.stop.sequence.empty())
      json_.null("stop_sequence");
    else
      json_.member("stop_sequence", answer.stop.sequence);
    write_usage(json_, reply_.usage);
    if (!reply_.usage.known) losses_.add(Loss::Kind::defaulted, "usage", "the provider told none");
    write_native(json_, reply_.native, own_word, speaker, tells_nothing, losses_);
    json_.close();
  }

 private:
  [[nodiscard]] std::string_view id() const { return reply_.id.empty() ? facts_.id : std::string_view(reply_.id); }
  void lose(Loss::Kind kind, std::string_view why) {
    losses_.add(kind, part_->place.empty() ? element("content", number_) : part_->place, std::string(why));
  }

  void write_part(const chat::Text& text) {
    if (text.text.empty()) return;
    json_.open_object();
    json_.member("type", "text");
    json_.member("text", text.text);
    json_.close();
  }
  void write_part(const chat::RefusalText& refusal) {
    if (refusal.text.empty()) return;
    lose(Loss::Kind::changed, "Anthropic tells a refusal as text");
    refused_ = true;
    write_part(chat::Text{refusal.text});
  }
  void write_part(const chat::Reasoning& thought) { write_thought(json_, thought); }
  void write_part(const chat::ToolCall& call) {
    json_.open_object();
    json_.member("type", "tool_use");
    json_.member("id", call_id(call.id, id(), number_));
    json_.member("name", call.name);
    const bool whole = object_in(call.arguments.text);
    json_.member("input", whole ? call.arguments : json::Raw{"{}"});
    json_.close();
    if (!whole) lose(Loss::Kind::changed, "the arguments of the call are no JSON object; they were left out");
  }
  void write_part(const chat::Media&) { lose(Loss::Kind::dropped, "an answer of Anthropic holds text alone"); }
  void write_part(const chat::ToolResult&) { lose(Loss::Kind::dropped, "an answer holds no results of tools"); }

  const chat::Reply& reply_;
  const ReplyFacts& facts_;
  JsonWriter json_;
  chat::Losses& losses_;
  const Part* part_ = nullptr;  // the one at work
  std::size_t number_ = 0;      // of it
  bool refused_ = false;
};

}  // namespace

std::string call_id(std::string given, std::string_view message, std::size_t number) {
  return given.empty() ? fmt::format("toolu_{}_{}", message, number) : given;
}

chat::StopReason stop_of(std::string word, std::string sequence, bool called) {
  chat::StopReason reason{.stop = Stop::other, .native = std::move(word), .sequence = std::move(sequence)};
  const auto row = std::ranges::find(stops, reason.native, &StopRow::word);
  if (row != stops.end()) reason.stop = row->stop;
  if (reason.native.empty()) reason.stop = Stop::end;
  if (reason.stop == Stop::other) reason.place = "stop_reason";
  if (called && reason.stop == Stop::end) {
    reason.stop = Stop::tool_calls;
    reason.native.clear();  // the provider's word is wrong
  }
  return reason;
}

void lose_stop(const chat::StopReason& stop, chat::Losses& losses) {
  losses.add(Loss::Kind::changed, stop.place.empty() ? "stop_reason" : stop.place,
             "Anthropic has no word for it but end_turn");
}

void lose_answer(std::string_view list, std::size_t number, chat::Losses& losses) {
  losses.add(Loss::Kind::dropped, element(list.empty() ? "answers" : list, number), "Anthropic gives one answer");
}

std::string_view stop_word(const chat::StopReason& stop, bool refused) {
  if (refused && stop.stop == Stop::end) return "refusal";
  const auto own = std::ranges::find(stops, std::string_view(stop.native), &StopRow::word);
  if (own != stops.end() && own->stop == stop.stop) return own->word;
  const auto row = std::ranges::find(stops, stop.stop, &StopRow::stop);
  return row == stops.end() ? "end_turn" : row->word;
}

void write_usage(JsonWriter& json, const chat::Usage& usage) {
  json.open_object("usage");
  json.member("input_tokens", usage.input);
  json.member("cache_creation_input_tokens", usage.cache_write);
  json.member("cache_read_input_tokens", usage.cache_read);
  if (usage.hour_writes != 0) {
    json.open_object("cache_creation");
    json.member("ephemeral_5m_input_tokens", usage.cache_write - usage.hour_writes);
    json.member("ephemeral_1h_input_tokens", usage.hour_writes);
    json.close();
  }
  json.member("output_tokens", usage.output + usage.reasoning);
  if (usage.reasoning != 0) {
    json.open_object("output_tokens_details");
    json.member("thinking_tokens", usage.reasoning);
    json.close();
  }
  json.close();
}

bool own_proof(const chat::Reasoning& thought) {
  return thought.origin == own_word && carries_proof(thought);
}

void write_thought(JsonWriter& json, const chat::Reasoning& thought) {
  json.open_object();
  if (!thought.sealed.empty() && own_proof(thought)) {
    json.member("type", "redacted_thinking");
    json.member("data", thought.sealed);
  } else {
    json.member("type", "thinking");
    json.member("thinking", thought.text);
    json.member("signature", written_proof(thought, own_word));
  }
  json.close();
}

Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, own_word, true);
  Fields message(in, std::move(*root));
  const auto content = message.take("content", json::Type::array);
  if (!content) return other_reply();
  chat::Reply reply;
  for (const std::string_view known : {"type", "role"}) (void)message.take(known);
  reply.id = message.string("id").value_or(std::string());
  reply.model = message.string("model").value_or(std::string());
  reply.answers.resize(1);
  read_answer(in, message, *content, reply.id, way_back, reply.answers.front());
  take_usage(in, message, "usage", counters, [&](json::Slice usage) {
    Counted counted;
    counted.read(body, usage);
    reply.usage = counted.disjoint();
  });
  message.keep_rest();
  return whole_reply(in, std::move(reply));
}

std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses) {
  std::string out;
  Writer(reply, facts, out, losses).write();
  return out;
}

}  // namespace apigw::dialects::anthropic
