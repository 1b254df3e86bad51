// What the files of Cohere's dialect share: the halves that its row names, and the words that several of them read.
//
// Version 2 of its API: a conversation with the roles that OpenAI's has, content in parts, thoughts among them. What
// a model thinks before it calls tools is a text beside the content, `tool_plan`; with calls no other text is taken.
// A stream tells the beginning, growth and end of each part by events of their own. No reply names its model. Source:
// Cohere's API reference (docs.cohere.com/reference) and its specification, cohere-openapi.yaml.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::cohere {

// The word of the dialect, as `dialect` of its native fields and `origin` of its thoughts.
inline constexpr std::string_view own_word = "cohere";
inline constexpr std::string_view speaker = "Cohere";  // as people read it in a loss

/* --------------------------------- usage -------------------------------- */

// Counters as the dialect names them. A field that is absent stays as it was: the last present value wins.
struct Counted {
  std::optional<std::uint64_t> paid_prompt, paid_answer;    // billed_units
  std::optional<std::uint64_t> whole_prompt, whole_answer;  // tokens: with what Cohere itself writes around a prompt
  std::optional<std::uint64_t> cached;                      // of the whole prompt

  void read(std::string_view text, json::Slice usage);
  // What is paid, where that is told. Cached tokens are told apart where the whole prompt is paid: else nobody knows
  // which of the paid ones they are.
  [[nodiscard]] chat::Usage disjoint() const;
};
// Of a whole reply with vectors, of whatever type. Error protocol: it is none.
[[nodiscard]] Result<chat::Usage> embedding_usage(std::string_view body, const json::Limits& limits);
// Takes the member `usage` of a reply or of an event; what is no counter is left to the reading.
void take_usage(Reading& in, Fields& holder, Counted& counted);
// The member `usage`; nothing when nothing is known.
void write_usage(JsonWriter& json, const chat::Usage& usage);

/* ------------------------------ how it ended ---------------------------- */

// Whether the word says that the answer failed, and the HTTP status that this stands for; 0: it does not.
[[nodiscard]] int failure_of(std::string_view word);
// `called` mends an end where a tool is called; the word is then forgotten. `place`: of the word, for losses.
[[nodiscard]] chat::StopReason stop_of(std::string word, bool called, std::string place);
// A reason that the dialect has no word for is a loss.
[[nodiscard]] std::string_view finish_word(const chat::StopReason& stop, chat::Losses& losses);

/* --------------------------------- parts -------------------------------- */

// The members of an element of `tool_calls`, or of that member of a stream's event.
void write_call(JsonWriter& json, std::string_view id, std::string_view name, std::string_view arguments);

/* --------------------------------- errors ------------------------------- */

// {"id":…,"message":…}: clients of the dialect read it.
[[nodiscard]] bool is_own_error(std::string_view text, const json::Document& body);
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);
[[nodiscard]] std::string error_body(const ClientError& error);
// The event that ends a stream with an error.
[[nodiscard]] std::string failed_frame(std::string_view message);

/* ------------------------------ the row's halves ------------------------ */

extern const Embeddings embeddings;

[[nodiscard]] Result<chat::Request> read_request(std::string_view body, json::Document scanned);
[[nodiscard]] Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target,
                                                   chat::Losses& losses);
[[nodiscard]] Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back,
                                             const json::Limits& limits);
[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

}  // namespace apigw::dialects::cohere
