// What the files of the Responses dialect share: the halves that its row names, and the words that several of them
// read. What OpenAI's two dialects say alike is read and written by openai_chat's files.
//
// An answer is a list of items: a message with its parts, a thought, a call. Their ids are the provider's handles for
// what it stores, so the hub does not carry them; a call's link to its result is its call_id.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/openai_chat.h"
#include "dialects/reading.h"

namespace apigw::dialects::responses {

inline constexpr std::string_view own_word = openai::responses_word;
// As people read it in a loss.
inline constexpr std::string_view speaker = "OpenAI Responses";

/* --------------------------------- usage -------------------------------- */

// Of the object `usage`. The dialect demands both details: what a server leaves out is none.
void read_usage(std::string_view text, json::Slice usage, openai::Counted& counted);
// Of a usage: what is counted.
inline constexpr auto counters = std::to_array<std::string_view>(
    {"input_tokens", "output_tokens", "total_tokens", "input_tokens_details", "output_tokens_details"});
// The member `usage`; nothing when nothing is known.
void write_usage(JsonWriter& json, const chat::Usage& usage);

/* -------------------------------- thoughts ------------------------------ */

// An item that is one, its text from the summary, else from the content.
[[nodiscard]] chat::Reasoning read_thought(Reading& in, Fields& item);
// Empty: the thought has none.
[[nodiscard]] std::string written_proof(const chat::Reasoning& thought);
// What stands between two parts of a summary, which is one text in the hub.
inline constexpr std::string_view between_summaries = "\n\n";

/* ------------------------------ how it ended ---------------------------- */

// Of a response whose status is `status`; `reason` is the one of incomplete_details, empty: none.
[[nodiscard]] chat::StopReason stop_of(std::string_view status, std::string reason, bool called, bool refused);
struct Ending {
  std::string_view status;  // "completed"
  std::string_view reason;  // of incomplete_details; empty: null
};
// A reason that the dialect has no word for is a loss.
[[nodiscard]] Ending ending_of(const chat::StopReason& stop, bool refused, chat::Losses& losses);

/* -------------------------------- requests ------------------------------ */

// The input, instructions before it. What only a provider that stores responses could read is refused.
void read_input(Reading& in, Fields& request, std::vector<chat::Message>& messages);

/* --------------------------------- items -------------------------------- */

// One item of an answer as a stream and a whole reply write it.
struct WrittenItem {
  enum class Kind : std::uint8_t { message, reasoning, call } kind = Kind::message;
  std::string id;
  std::string call_id, name;         // of a call
  std::string text;                  // arguments of a call, the summary of a thought
  std::string proof;                 // of a thought
  std::vector<std::string> content;  // parts of a message, as JSON
  [[nodiscard]] std::string_view type() const;
};
// How ids of items of the response `id` begin: "msg", "rs", "fc".
[[nodiscard]] std::string item_id(WrittenItem::Kind kind, std::string_view response, std::size_t number);
// As an element of the open array or member of the open object; empty `key`: an element.
void write_item(JsonWriter& json, std::string_view key, const WrittenItem& item, std::string_view status);
// The lists beside a text that hold nothing: every writer of the format puts them there.
void pass_over_empty(const Reading& in, Fields& part);
[[nodiscard]] std::string text_part(std::string_view text);
[[nodiscard]] std::string refusal_part(std::string_view refusal);

// The members that the format demands of a response and that nobody told: what the request asked is not repeated.
void write_demanded(JsonWriter& json);
// The value that such a member then has; empty: nothing demands it.
[[nodiscard]] std::string_view demanded(std::string_view key);
// The members `error` and `incomplete_details`.
void write_no_error(JsonWriter& json, std::string_view reason);

/* ------------------------------ the row's halves ------------------------ */

[[nodiscard]] Result<chat::Request> read_request(std::string_view body, json::Document scanned);
[[nodiscard]] Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target,
                                                   chat::Losses& losses);
[[nodiscard]] Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back,
                                             const json::Limits& limits);
[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

// What a response that failed, or the event `error`, says.
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
void lose_answer(std::string_view list, std::size_t number, chat::Losses& losses);

}  // namespace apigw::dialects::responses
