// What the files of Amazon Bedrock's Converse share: the halves that its table names, and the words that several of
// them read.
//
// Only providers speak it. A model is named in the path alone, a stream is asked for at a path of its own and comes
// in messages of application/vnd.amazon.eventstream whose type says what their JSON is. What a model takes beside the
// common settings goes into additionalModelRequestFields, in the words of its maker.
// Source: the Amazon Bedrock API reference, Converse and ConverseStream of bedrock-runtime 2023-09-30.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/anthropic_request.h"
#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::bedrock {

// The word of the dialect, as `dialect` of its native fields and `origin` of its thoughts.
inline constexpr std::string_view own_word = "bedrock";
inline constexpr std::string_view speaker = "Bedrock";  // as people read it in a loss

// Who made a model decides what it takes.
[[nodiscard]] inline bool of_anthropic(const TargetTraits& target) {
  return target.maker == "anthropic";
}
[[nodiscard]] inline bool of_amazon(const TargetTraits& target) {
  return target.maker == "amazon";
}

/* --------------------------------- usage -------------------------------- */

// Counters as the dialect names them; input excludes what the cache took part in.
struct Counted {
  std::optional<std::uint64_t> input, output, cache_read, cache_write, hour_writes;

  void read(std::string_view text, json::Slice usage);
  [[nodiscard]] chat::Usage disjoint() const;
};
// Of a usage: what is counted, and what restates it.
inline constexpr auto counters =
    std::to_array<std::string_view>({"inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens",
                                     "cacheWriteInputTokens", "cacheDetails", "serverToolUsage"});
// Beside an answer: how the call was served.
inline constexpr auto aside = std::to_array<std::string_view>({"metrics", "performanceConfig", "serviceTier"});

/* ------------------------------ how it ended ---------------------------- */

// `called`: a tool of the client's is. `answered`: the tool that stands in for a form of the answer is.
[[nodiscard]] chat::StopReason stop_of(std::string word, bool called, bool answered);

/* --------------------------------- parts -------------------------------- */

// The same each time it is met, so that a call and its result stay together: Bedrock takes ids of 64 letters, digits,
// _ and -.
[[nodiscard]] std::string sent_id(std::string_view id);

// A thought that goes back to a model: what it proved itself here. Claude's proofs are good wherever it is served.
[[nodiscard]] bool own_proof(const chat::Reasoning& thought);
[[nodiscard]] bool claudes_proof(const chat::Reasoning& thought);

/* --------------------------------- errors ------------------------------- */

// An exception of a stream, by its name ("throttlingException"); its payload holds a message, or is one.
[[nodiscard]] chat::ProviderError error_in(std::string_view name, std::string_view payload);
[[nodiscard]] chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body);

/* ----------------------------- the table's halves ----------------------- */

using anthropic::Arranged;
using anthropic::Settled;
using anthropic::Writing;

// The members `system` and `messages`. Error invalid: what cannot be said and must not be left out.
[[nodiscard]] Result<void> write_turns(JsonWriter& json, const Writing& writing, const Arranged& arranged,
                                       std::string_view instruction);
// An element that says "remember the prompt up to here"; a lifetime that has no word here is a loss.
void write_cache_point(JsonWriter& json, const chat::CacheMark& mark, const std::string& place, chat::Losses& losses);
// The member `toolConfig`. Error invalid: a tool that cannot be declared.
[[nodiscard]] Result<void> write_tools(JsonWriter& json, const Writing& writing, const Arranged& arranged,
                                       const Settled& settled);

[[nodiscard]] Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target,
                                                   chat::Losses& losses);
[[nodiscard]] Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back,
                                             const json::Limits& limits);
[[nodiscard]] std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits);

}  // namespace apigw::dialects::bedrock
