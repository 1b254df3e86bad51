// The table of Bedrock's dialect, and the words, counters and errors that its halves share.
#include "dialects/bedrock.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/proof.h"
#include "dialects/retry_advice.h"

namespace apigw::dialects {

namespace bedrock {

namespace {

using chat::Stop;

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", {}, "chat", "/model/{model}/converse", {}, "/model/{model}/converse-stream"},
});

struct StopRow {
  std::string_view word;
  Stop stop;
};
constexpr auto stops = std::to_array<StopRow>({
    {"end_turn", Stop::end},
    {"stop_sequence", Stop::stop_sequence},
    {"max_tokens", Stop::length},
    {"model_context_window_exceeded", Stop::length},
    {"tool_use", Stop::tool_calls},
    {"guardrail_intervened", Stop::refusal},
    {"content_filtered", Stop::refusal},
});

struct ErrorRow {
  std::string_view name;  // as the head of a reply says it; a stream begins it with a small letter
  int status;
};
// What the model did wrong is a bad gateway to a client: another target may do better.
constexpr auto errors = std::to_array<ErrorRow>({
    {"AccessDeniedException", 403},
    {"InternalServerException", 500},
    {"ModelErrorException", 502},
    {"ModelNotReadyException", 429},
    {"ModelStreamErrorException", 502},
    {"ModelTimeoutException", 504},
    {"ResourceNotFoundException", 404},
    {"ServiceQuotaExceededException", 429},
    {"ServiceUnavailableException", 503},
    {"ThrottlingException", 429},
    {"ValidationException", 400},
});

constexpr std::size_t longest_message = 2'000;  // bytes of Bedrock's words that are kept

const ErrorRow* row_of(std::string_view name) {
  const auto fits = [&](const ErrorRow& row) { return text::iequals(row.name, name); };
  const auto found = std::ranges::find_if(errors, fits);
  return found == errors.end() ? nullptr : &*found;
}

// {"message":"…"}, and with a capital from what stands in front of the service.
std::string message_in(std::string_view body) {
  const auto scanned = json::scan(body);
  if (!scanned) return {};
  for (const std::string_view key : {"message", "Message"}) {
    const json::Member* member = scanned->find(key);
    if (member == nullptr) continue;
    if (auto said = json::string_at(body, member->value)) return said->substr(0, longest_message);
  }
  return {};
}

// The name in "ThrottlingException:http://internal.amazon.com/…".
std::string_view named_in(const http::Headers& headers) {
  const std::string_view value = headers.find("x-amzn-errortype").value_or("");
  return value.substr(0, std::min(value.find(':'), value.size()));
}

}  // namespace

void Counted::read(std::string_view text, json::Slice usage) {
  const json::Document fields = json::members(text, usage);
  take_tokens(text, fields, "inputTokens", input);
  take_tokens(text, fields, "outputTokens", output);
  take_tokens(text, fields, "cacheReadInputTokens", cache_read);
  take_tokens(text, fields, "cacheWriteInputTokens", cache_write);
  const json::Member* details = fields.find("cacheDetails");
  if (details == nullptr || details->value.type != json::Type::array) return;
  for (const json::Slice one : json::elements(text, details->value, 16)) {
    const json::Document detail = json::members(text, one);
    const json::Member* ttl = detail.find("ttl");
    if (ttl != nullptr && json::at(text, ttl->value) == R"("1h")")
      take_tokens(text, detail, "inputTokens", hour_writes);
  }
}

chat::Usage Counted::disjoint() const {
  chat::Usage usage;
  usage.known = input || output;
  usage.input = input.value_or(0);
  usage.output = output.value_or(0);
  usage.cache_read = cache_read.value_or(0);
  usage.cache_read_told = cache_read.has_value();
  usage.cache_write = cache_write.value_or(0);
  usage.hour_writes = std::min(hour_writes.value_or(0), usage.cache_write);
  return usage;
}

chat::StopReason stop_of(std::string word, bool called, bool answered) {
  chat::StopReason reason{.stop = Stop::other, .native = std::move(word)};
  const auto row = std::ranges::find(stops, std::string_view(reason.native), &StopRow::word);
  if (row != stops.end()) reason.stop = row->stop;
  if (reason.native.empty()) reason.stop = Stop::end;
  if (reason.stop == Stop::other) reason.place = "stopReason";
  if (called && reason.stop == Stop::end) {
    reason.stop = Stop::tool_calls;
    reason.native.clear();  // the provider's word is wrong
  }
  if (answered && !called && reason.stop == Stop::tool_calls) reason.stop = Stop::end;
  return reason;
}

std::string sent_id(std::string_view id) {
  constexpr std::size_t most = 64;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  if (!id.empty() && id.size() <= most && std::ranges::all_of(id, plain)) return std::string(id);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("tooluse_{:016x}", hash);
}

bool own_proof(const chat::Reasoning& thought) {
  return thought.origin == own_word && carries_proof(thought);
}

bool claudes_proof(const chat::Reasoning& thought) {
  return own_proof(thought) || (thought.origin == anthropic::own_word && !thought.signature.empty());
}

chat::ProviderError error_in(std::string_view name, std::string_view payload) {
  const ErrorRow* const row = row_of(name);
  chat::ProviderError error{.status = row != nullptr ? row->status : 502,
                            .type = std::string(row != nullptr ? row->name : name.substr(0, 64)),
                            .message = message_in(payload)};
  if (error.type.empty()) error.type = "error";
  if (error.message.empty() && !json::scan(payload)) error.message = text::printable(payload, longest_message);
  if (error.message.empty()) error.message = "the provider failed without saying why";
  return error;
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  const ErrorRow* const row = row_of(named_in(headers));
  chat::ProviderError error{
      .status = status, .type = std::string(named_in(headers).substr(0, 64)), .message = message_in(body)};
  // 400 where a quota is used up, 408 where the model took too long, 424 where it failed.
  if (row != nullptr && row->status != 403) error.status = row->status;
  if (error.type.empty()) error.type = status >= 500 ? "InternalServerException" : "ValidationException";
  if (error.message.empty()) error.message = fmt::format("the provider answered with status {}", status);
  error.retry_after = retry_advice(headers);
  return error;
}

}  // namespace bedrock

extern const Dialect bedrock_converse;
constinit const Dialect bedrock_converse{
    .maker = "bedrock",
    .endpoints = bedrock::endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .framing = wire::Framing::event_stream,
    .write_request = bedrock::write_request,
    .read_reply = bedrock::read_reply,
    .read_events = bedrock::read_events,
    .read_error = bedrock::read_error,
};

}  // namespace apigw::dialects
