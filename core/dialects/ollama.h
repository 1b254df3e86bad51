// What the files of Ollama's own dialect share: the halves that its row names, and the words that several of them
// read.
//
// A stream is a JSON value a line and is what a client gets that does not say otherwise; its last line says "done".
// There are two forms of a call for an answer: a conversation (/api/chat), and one prompt (/api/generate), which the
// hub knows as a conversation of one turn.
// Source: Ollama's API reference (docs/api.md and docs/openapi.yaml of its repository).
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::ollama {

// The word of the dialect, as `dialect` of its native fields and `origin` of its thoughts.
inline constexpr std::string_view own_word = "ollama";
inline constexpr std::string_view speaker = "Ollama";  // as people read it in a loss

// The operations of a call that is one prompt, and of one for the vector of one prompt.
inline constexpr std::string_view generate = "generate", prompt_embedding = "prompt_embedding";

/* --------------------------------- usage -------------------------------- */

// Counters as the dialect names them, at the top of a reply. What is zero is left out there.
struct Counted {
  std::optional<std::uint64_t> prompt, answer;

  void read(std::string_view text, const json::Document& reply);
  // Thoughts are counted in the answer, and nobody tells them apart.
  [[nodiscard]] chat::Usage disjoint() const;
};
// What of a reply is counted or tells how the call was served.
inline constexpr auto counters =
    std::to_array<std::string_view>({"prompt_eval_count", "eval_count", "total_duration", "load_duration",
                                     "prompt_eval_duration", "eval_duration", "remote_model", "remote_host"});
// Its members prompt_eval_count and eval_count; nothing when nothing is known.
void write_usage(JsonWriter& json, const chat::Usage& usage);

/* --------------------------------- times -------------------------------- */

// RFC 3339, to the second. Reading drops a fraction; 0: it is none.
[[nodiscard]] std::string written_time(std::int64_t seconds);
[[nodiscard]] std::int64_t read_time(std::string_view written);

/* ------------------------------ how it ended ---------------------------- */

// Providers say "stop" where a tool is called: `called` mends it. `place`: of the word, for losses.
[[nodiscard]] chat::StopReason stop_of(std::string word, bool called, std::string place);
// A reason that the dialect has no word for is a loss.
[[nodiscard]] std::string_view done_word(const chat::StopReason& stop, chat::Losses& losses);

/* --------------------------------- parts -------------------------------- */

// The media type that the first bytes of a picture tell; empty: of no kind that is known here.
[[nodiscard]] std::string_view picture_type(std::string_view base64);
// The picture that stands as base64 in a list; nothing when it is none of these kinds.
[[nodiscard]] std::optional<chat::Media> read_picture(std::string written);
// The id of a call that has none: the same for the same `answered` (when, in the provider's words), number in the
// answer, name and arguments.
[[nodiscard]] std::string made_id(std::string_view answered, std::size_t number, const chat::ToolCall& call);
// An element of `tool_calls`; `arguments` are an object. Without an id where that is empty.
void write_call(JsonWriter& json, std::string_view id, std::string_view name, const json::Raw& arguments);

/* --------------------------------- errors ------------------------------- */

// {"error":"…"}: clients of the dialect read it.
[[nodiscard]] bool is_own_error(std::string_view text, const json::Document& body);
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);
[[nodiscard]] std::string error_body(const ClientError& error);
[[nodiscard]] std::string error_body(const chat::ProviderError& error);

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

}  // namespace apigw::dialects::ollama
