// What the files of the OpenAI dialect share: the halves that its row names, and the words that several of them read.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::openai {

// The word of the dialect, as `dialect` of its native fields.
inline constexpr std::string_view own_word = "openai";
// The word of OpenAI's other dialect, Responses (openai_responses.h).
inline constexpr std::string_view responses_word = "openai-responses";
// The word of Mistral's dialect, which grew out of this one (mistral.h).
inline constexpr std::string_view mistral_word = "mistral";
inline constexpr std::string_view completions_word = "openai-completions";
// Whether a request came in by one of OpenAI's: they share efforts, tiers and the store of files.
[[nodiscard]] inline bool of_openai(const chat::Native& native) {
  return native.dialect == own_word || native.dialect == responses_word || native.dialect == completions_word;
}
// As people read it in a loss.
inline constexpr std::string_view speaker = "OpenAI chat completions";

// What a dialect that grew out of this one, or that it grew out of, says otherwise, in what it is read from and
// written as.
struct Form {
  std::string_view word;     // of the dialect
  std::string_view speaker;  // as people read it in a loss
  std::string_view seed = "seed";
  std::string_view must_call = "required";  // the choice of any tool
  bool older_limit = false;                 // max_tokens
  bool usage_unasked = false;               // a stream tells it always, and may not be asked to
  bool top_k = true;                        // a model of it may take it
  bool allowed_tools = true;                // a choice may list those that may be called
  bool names = true;                        // speakers have them, and requests a user
  bool refusals = true;                     // are parts of their own, else text
  bool thoughts_in_content = false;         // as parts of type thinking, which it takes back
  bool goes_on = false;                     // with an answer that is begun, where `prefix` says so
  bool one_word_tiers = false;              // auto and standard_only
  bool texts = false;                       // a text is gone on with: no turns, no tools, no forms of an answer
  double hottest = 2;                       // temperature
  std::size_t most_stops = 4;
  chat::Effort most_effort = chat::Effort::max;
  // The id of a call as the dialect takes it; null: as it is.
  std::string (*call_id)(std::string_view id) = nullptr;
  // The members of a part; else why it cannot be said.
  std::string_view (*write_media)(JsonWriter& json, const chat::Media& media);
};
extern const Form own_form;
inline constexpr std::string_view done_mark = "[DONE]", done_frame = "data: [DONE]\n\n";

/* --------------------------------- usage -------------------------------- */

// Counters as the dialect names them. A field that is absent stays as it was: the last present value wins.
struct Counted {
  std::optional<std::uint64_t> prompt, completion, cached, cache_written, reasoning;
  std::optional<std::uint64_t> cost;  // billionths of a US dollar

  void read(std::string_view text, json::Slice usage);
  // The dialect counts cached tokens inside the prompt and reasoning inside the completion; here they come apart.
  [[nodiscard]] chat::Usage disjoint() const;
};
// Of a usage: what is counted, and how long which step took, which is no part of the answer.
inline constexpr auto counters = std::to_array<std::string_view>(
    {"prompt_tokens", "completion_tokens", "total_tokens", "prompt_cache_hit_tokens", "prompt_cache_miss_tokens",
     "prompt_tokens_details", "completion_tokens_details", "queue_time", "prompt_time", "completion_time",
     "total_time", "prompt_audio_seconds", "service_tier", "num_cached_tokens"});
// Of a reply or chunk: how the call was served. "provider" is OpenRouter's, "timings" are llama.cpp's.
inline constexpr auto served =
    std::to_array<std::string_view>({"service_tier", "system_fingerprint", "provider", "timings"});

// The member `usage`, summed up again; nothing when nothing is known, and no detail that nobody told.
void write_usage(JsonWriter& json, const chat::Usage& usage);

/* ------------------------------- both ways ------------------------------ */

// The reason an answer stopped for; no word is an end. Providers say "stop" where a tool is called: `called` mends
// it.
[[nodiscard]] chat::StopReason stop_of(std::string word, bool called);
[[nodiscard]] std::string_view finish_word(chat::Stop stop);
// finish_reason, and the provider's own word where it differs. A reason that the dialect has no word for is a loss.
void write_stop(JsonWriter& json, const chat::StopReason& stop, std::size_t answer, chat::Losses& losses,
                std::string_view who = speaker);

// The thoughts of a message or a delta from whichever extension tells most of them: thinking_blocks,
// reasoning_details, reasoning_content, reasoning.
[[nodiscard]] std::vector<chat::Reasoning> read_thoughts(Reading& in, Fields& message);

// The member that they stand in, for losses.
[[nodiscard]] std::string_view thoughts_key(const Fields& message);

// The members of a part of type thinking, as Mistral tells a thought within the content.
void write_thinking(JsonWriter& json, const chat::Reasoning& thought);
// Their members of a message or delta; the first entry of a list has `index`.
void write_thoughts(JsonWriter& json, std::span<const chat::Reasoning> thoughts, TargetTraits::Thoughts form,
                    std::size_t index = 0);

// An element of `tool_calls`, with its index in a stream; and the member itself, where the answer holds calls.
void write_call(JsonWriter& json, std::string_view id, std::string_view name, std::string_view arguments,
                std::optional<std::size_t> index = {});
void write_calls(JsonWriter& json, const chat::Answer& answer);

// The value of a message's `content` in a form of its role; what has no place there rides in `native`.
enum class Allowed : std::uint8_t { text, answer, result, anything };
void read_content(Reading& in, json::Slice content, const std::string& path, Allowed allowed,
                  std::vector<chat::Part>& parts);
// The members of a sound, below `input_audio`.
void read_audio(Reading& in, Fields& fields, chat::Part& part);
// filename, file_id and file_data, each where it is given.
void read_file_members(Fields& file, chat::Media& media);
// The mark on a part, message or tool, in either of its forms.
[[nodiscard]] std::optional<chat::CacheMark> read_cache_mark(Reading& in, Fields& fields);

/* ------------------------------ the row's halves ------------------------ */

// The model of a request, whatever else it asks; `otherwise` where it names none, which is a mistake where that is
// empty.
[[nodiscard]] Result<RequestFacts> scan_model(std::string_view body, const json::Limits& limits,
                                              std::string_view otherwise = {});
// Error invalid: the member `stream` is no boolean.
[[nodiscard]] Result<void> scan_stream_flag(std::string_view body, RequestFacts& facts);

// Of the operations that reply with `choices` ("chat"), with `data` and with `results`.
[[nodiscard]] Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body,
                                             const json::Limits& limits);
// Of operation "chat" with what makes its stream tell the usage.
[[nodiscard]] Result<RequestFacts> scan_request(std::string_view operation, std::string_view body,
                                                const json::Limits& limits);
[[nodiscard]] std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& facts, const json::Limits& limits);
[[nodiscard]] std::string error_frame(std::string_view body);

[[nodiscard]] Result<chat::Request> read_request(std::string_view body, json::Document scanned, const Form& form);
[[nodiscard]] Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target,
                                                   chat::Losses& losses, const Form& form);
[[nodiscard]] Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back,
                                             const json::Limits& limits, const Form& form);
[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits,
                                                       const Form& form);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

// The error of a stream's frame, whose own code or type implies a status.
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
// {"error":{"message":…}}: clients of the dialect read it.
[[nodiscard]] bool is_own_error(std::string_view text, const json::Document& body);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);
[[nodiscard]] std::string_view error_type(int status);
[[nodiscard]] std::string error_body(const ClientError& error);
[[nodiscard]] std::string error_body(const chat::ProviderError& error);
// The list of what `one` writes.
[[nodiscard]] std::string list_body(std::span<const ListedModel> models,
                                    std::string (*one)(const ListedModel& model));
[[nodiscard]] std::string models_body(std::span<const ListedModel> models);
[[nodiscard]] std::string model_body(const ListedModel& model);

}  // namespace apigw::dialects::openai
