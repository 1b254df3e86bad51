// What the files of the Gemini dialect share: the halves that its row names, and the words that several of them read.
//
// Model and operation stand in the path, so a body says neither. An answer is a candidate: a list of parts. The proof
// of a thought (thoughtSignature) stands on the part that the thought led to; in the hub it is a thought of its own,
// without words, before that part.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialects/dialect.h"
#include "dialects/json_writer.h"
#include "dialects/reading.h"

namespace apigw::dialects::gemini {

// The word of the dialect, as `origin` of its signatures and `dialect` of its native fields.
inline constexpr std::string_view own_word = "gemini";
inline constexpr std::string_view speaker = "Gemini";  // as people read it in a loss

/* --------------------------------- names -------------------------------- */

// The name that a member has in a request: "mimeType", or "mime_type" as protocol buffers write it. Both are read.
[[nodiscard]] std::string named(const Fields& fields, std::string_view camel);
// "models/gemini-2.5-flash" and "gemini-2.5-flash" name the same.
[[nodiscard]] std::string_view without_prefix(std::string_view model);
// How ids of calls begin that nobody gave and that are never sent to a provider.
inline constexpr std::string_view made_id = "apigw_call_";

/* --------------------------------- usage -------------------------------- */

// Counters as the dialect names them. A field that is absent stays as it was: the last present value wins.
struct Counted {
  std::optional<std::uint64_t> prompt, of_tools, cached, candidates, thoughts;

  void read(std::string_view text, json::Slice usage);
  // Cached tokens are inside the prompt here, thoughts beside the candidates.
  [[nodiscard]] chat::Usage disjoint() const;
};
// Of a usage: what is counted, by modality too, and how the call was served.
inline constexpr auto counters = std::to_array<std::string_view>(
    {"promptTokenCount", "candidatesTokenCount", "totalTokenCount", "cachedContentTokenCount", "thoughtsTokenCount",
     "toolUsePromptTokenCount", "promptTokensDetails", "candidatesTokensDetails", "cacheTokensDetails",
     "toolUsePromptTokensDetails", "trafficType", "serviceTier"});
// The member `usageMetadata`; nothing when nothing is known.
void write_usage(JsonWriter& json, const chat::Usage& usage);

/* ------------------------------ how it ended ---------------------------- */

// Providers say STOP where a tool is called: `called` mends it. `place`: of the word, for losses.
[[nodiscard]] chat::StopReason stop_of(std::string word, bool called, std::string place);
// Of a prompt that was not answered, by its blockReason.
[[nodiscard]] chat::StopReason blocked(std::string reason);
// A reason that the dialect has no word for is a loss.
[[nodiscard]] std::string_view finish_word(const chat::StopReason& stop, chat::Losses& losses);

/* --------------------------------- parts -------------------------------- */

// The thought that a thoughtSignature proves: this dialect's own, or another one's that travels in it.
[[nodiscard]] chat::Reasoning read_signature(std::string signature);
// What thoughtSignature says for it; empty: nothing.
[[nodiscard]] std::string written_signature(const chat::Reasoning& thought);
// Whether a thought is nothing but the proof of the part behind it.
[[nodiscard]] bool proves_next(const chat::Reasoning& thought);
// A picture, sound or document by the members of inlineData or fileData, already taken apart. Nothing: of another
// kind (a film).
[[nodiscard]] std::optional<chat::Media> read_media(chat::Source source, std::string name);
// The media type of what lies at an address, by the end of its path; empty: it does not tell.
[[nodiscard]] std::string_view type_at(std::string_view url);
// The member inlineData or fileData of the open part, with the name where it is `named`; false: it cannot be said.
[[nodiscard]] bool write_media(JsonWriter& json, const chat::Media& media, bool named);

/* -------------------------------- schemas ------------------------------- */

// A member's value as it stands within quotes, else empty.
[[nodiscard]] inline std::string_view word_at(std::string_view text, json::Slice slice) {
  if (slice.type != json::Type::string) return {};
  return text.substr(slice.begin + 1, slice.end - slice.begin - 2);
}

// The dialect's own form of a schema (types in capitals, `nullable`) as JSON Schema.
[[nodiscard]] json::Raw json_schema(std::string_view text, json::Slice schema);
// A JSON schema in the dialect's own form, for models that do not take one. What that form cannot say is a loss below
// `place`.
[[nodiscard]] json::Raw own_schema(const json::Raw& schema, const std::string& place, chat::Losses& losses);

/* --------------------------------- errors ------------------------------- */

// The error of a stream's frame; its own code or status word implies a status.
[[nodiscard]] chat::ProviderError error_in(std::string_view text, const json::Document& body);
// {"error":{"code":…,"message":…,"status":…}}: clients of the dialect read it.
[[nodiscard]] bool is_own_error(std::string_view text, const json::Document& body);
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

}  // namespace apigw::dialects::gemini
