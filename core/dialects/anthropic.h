// What the files of the Anthropic dialect share: the halves that the Dialect names, and how its usage is counted.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::anthropic {

// The word of the dialect, as `origin` of its signatures and `dialect` of its native fields.
inline constexpr std::string_view own_word = "anthropic";
inline constexpr std::string_view speaker = "Anthropic";  // as people read it in a loss
// Stands in for an answer in the form of a schema where a model takes none; its arguments are the answer.
inline constexpr std::string_view answer_tool = "apigw_json_answer";

// Counters as the dialect names them. A field that is absent or null stays as it was: the last present value wins,
// because those of a stream are cumulative and come in any of its frames.
struct Counted {
  std::optional<std::uint64_t> input, output, cache_read, cache_write, hour_writes, thinking;

  void read(std::string_view text, json::Slice usage);
  // Input here excludes what the cache took part in; thinking is inside the output.
  [[nodiscard]] chat::Usage disjoint() const;
};
// Of a usage: what is counted, and how the call was served, which is no part of the answer.
inline constexpr auto counters = std::to_array<std::string_view>(
    {"input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation",
     "output_tokens_details", "service_tier", "inference_geo", "speed"});

// The error of a stream's frame as the hub tells it; its own type or code implies a status.
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
// {"type":"error","error":{"type":…,"message":…}}: clients of the dialect read it.
[[nodiscard]] bool is_own_error(std::string_view text, const json::Document& body);

[[nodiscard]] std::string error_body(const ClientError& error);
[[nodiscard]] std::string error_body(const chat::ProviderError& error);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);

/* ------------------------------- both ways ------------------------------ */

// Where a block stands decides which kinds it may be of.
enum class Place : std::uint8_t { system, user, assistant, result, reply };
// One content block; what the hub has no form for rides in `native` whole.
void read_block(Reading& in, json::Slice block, const std::string& path, Place place, std::vector<chat::Part>& parts);

// Takes the caller of a call where it is the model itself, as it is wherever the tool is the client's.
void take_usual_caller(const Reading& in, Fields& call);

// The provider's, else one of our own that is unique within the message. `number`: of the part.
[[nodiscard]] std::string call_id(std::string given, std::string_view message, std::size_t number);

[[nodiscard]] chat::StopReason stop_of(std::string word, std::string sequence, bool called);
// `refused`: the answer holds a refusal in the model's own words, which other dialects end like any other text.
[[nodiscard]] std::string_view stop_word(const chat::StopReason& stop, bool refused);
void lose_stop(const chat::StopReason& stop, chat::Losses& losses);                 // of Stop::other
void lose_answer(std::string_view list, std::size_t number, chat::Losses& losses);  // beside the first
// The member `usage`, which the dialect demands: zeros where nothing is known.
void write_usage(JsonWriter& json, const chat::Usage& usage);
// Whether only the provider that made it takes it back, and that is this dialect's.
[[nodiscard]] bool own_proof(const chat::Reasoning& thought);
// A block of thoughts, sealed ones as they came; another dialect's proof in the place of the signature.
void write_thought(JsonWriter& json, const chat::Reasoning& thought);

/* ------------------------------ the row's halves ------------------------ */

[[nodiscard]] Result<chat::Request> read_request(std::string_view body, json::Document scanned);
[[nodiscard]] Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target,
                                                   chat::Losses& losses);
[[nodiscard]] Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back,
                                             const json::Limits& limits);
[[nodiscard]] std::string write_reply(const chat::Reply& reply, const ReplyFacts& facts, chat::Losses& losses);
[[nodiscard]] std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits);
[[nodiscard]] std::unique_ptr<EventWriter> write_events(const ReplyFacts& facts);

}  // namespace apigw::dialects::anthropic
