// The words and counters of Cohere's dialect that requests, replies and streams share, and its errors.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::cohere {

namespace {

using chat::Stop;

struct StopRow {
  std::string_view word;
  Stop stop;
};
constexpr auto stops = std::to_array<StopRow>({
    {"COMPLETE", Stop::end},
    {"STOP_SEQUENCE", Stop::stop_sequence},
    {"MAX_TOKENS", Stop::length},
    {"TOOL_CALL", Stop::tool_calls},
});

struct FailureRow {
  std::string_view word;
  int status;
};
constexpr auto failures = std::to_array<FailureRow>({{"ERROR", 502}, {"TIMEOUT", 504}});

constexpr int invalid_token = 498;  // Cohere's own status for a key that it does not know

chat::ProviderError typed(chat::ProviderError error) {
  if (error.status == invalid_token) error.status = 401;
  if (error.type.empty()) error.type = openai::error_type(error.status);  // Cohere has no words of its own for it
  return error;
}

void read_pair(std::string_view text, const json::Document& usage, std::string_view key,
               std::optional<std::uint64_t>& prompt, std::optional<std::uint64_t>& answer) {
  const json::Member* pair = usage.find(key);
  if (pair == nullptr) return;
  const json::Document fields = json::members(text, pair->value);
  take_tokens(text, fields, "input_tokens", prompt);
  take_tokens(text, fields, "output_tokens", answer);
}

void write_pair(JsonWriter& json, std::string_view key, const chat::Usage& usage) {
  json.open_object(key);
  json.member("input_tokens", usage.prompt());
  json.member("output_tokens", usage.answer());
  json.close();
}

}  // namespace

/* --------------------------------- usage -------------------------------- */

void Counted::read(std::string_view text, json::Slice usage) {
  const json::Document fields = json::members(text, usage);
  read_pair(text, fields, "billed_units", paid_prompt, paid_answer);
  read_pair(text, fields, "tokens", whole_prompt, whole_answer);
  take_tokens(text, fields, "cached_tokens", cached);
}

chat::Usage Counted::disjoint() const {
  const auto prompt = paid_prompt ? paid_prompt : whole_prompt;
  const auto answer = paid_answer ? paid_answer : whole_answer;
  const bool apart = cached && (!paid_prompt || paid_prompt == whole_prompt);
  chat::Usage usage;
  usage.known = prompt || answer;
  usage.cache_read = apart ? std::min(*cached, prompt.value_or(0)) : 0;
  usage.cache_read_told = apart;
  usage.input = prompt.value_or(0) - usage.cache_read;
  usage.output = answer.value_or(0);
  return usage;
}

void take_usage(Reading& in, Fields& holder, Counted& counted) {
  const auto slice = holder.take("usage", json::Type::object);
  if (!slice) return;
  counted.read(in.text, *slice);
  Fields usage(in, *slice, holder.path("usage"));
  for (const std::string_view key : {"billed_units", "tokens"}) {
    const auto pair = usage.take(key, json::Type::object);
    if (!pair) continue;
    Fields fields(in, *pair, usage.path(key));
    (void)fields.take("input_tokens");
    (void)fields.take("output_tokens");
    fields.keep_rest();
  }
  (void)usage.take("cached_tokens");
  usage.keep_rest();
}

// Who is asked pays for all of it: there is nothing around the prompt that is not.
void write_usage(JsonWriter& json, const chat::Usage& usage) {
  if (!usage.known) return;
  json.open_object("usage");
  write_pair(json, "billed_units", usage);
  write_pair(json, "tokens", usage);
  if (usage.cache_read_told || usage.cache_read != 0) json.member("cached_tokens", usage.cache_read);
  json.close();
}

/* ------------------------------ how it ended ---------------------------- */

int failure_of(std::string_view word) {
  const auto row = std::ranges::find(failures, word, &FailureRow::word);
  return row == failures.end() ? 0 : row->status;
}

chat::StopReason stop_of(std::string word, bool called, std::string place) {
  chat::StopReason reason{.stop = Stop::other, .native = std::move(word)};
  const auto row = std::ranges::find(stops, std::string_view(reason.native), &StopRow::word);
  if (row != stops.end()) reason.stop = row->stop;
  if (reason.native.empty()) reason.stop = Stop::end;
  if (reason.stop == Stop::other) reason.place = std::move(place);
  if (called && reason.stop == Stop::end) reason = {.stop = Stop::tool_calls};  // whose word was another
  return reason;
}

std::string_view finish_word(const chat::StopReason& stop, chat::Losses& losses) {
  const auto row = std::ranges::find(stops, stop.stop, &StopRow::stop);
  if (row != stops.end()) return row->word;
  losses.add(chat::Loss::Kind::changed, stop.place.empty() ? "stop" : stop.place,
             fmt::format("{} says it as {}", speaker, stops.front().word));
  return stops.front().word;
}

/* --------------------------------- parts -------------------------------- */

void write_call(JsonWriter& json, std::string_view id, std::string_view name, std::string_view arguments) {
  json.member("id", id);
  json.member("type", "function");
  json.open_object("function");
  json.member("name", name);
  json.member("arguments", arguments);
  json.close();
}

/* --------------------------------- errors ------------------------------- */

bool is_own_error(std::string_view text, const json::Document& body) {
  const json::Member* message = body.find("message");
  return message != nullptr && message->value.type == json::Type::string && !is_error(text, body);
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  return typed(provider_error(text, body, 0));
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  return typed(provider_error(status, headers, body));
}

std::string error_body(const ClientError& error) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  json.filled("id", error.request_id);
  json.member("message", error.message);
  json.close();
  return out;
}

std::string failed_frame(std::string_view message) {
  return fmt::format("event: message-end\ndata: {}{}{}\n\n",
                     R"({"type":"message-end","delta":{"finish_reason":"ERROR","error":)", json::quote(message),
                     "}}");
}

}  // namespace apigw::dialects::cohere
