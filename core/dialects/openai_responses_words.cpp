// The words, counters and items of the Responses dialect that requests, replies and streams share.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_responses.h"
#include "dialects/proof.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::responses {

namespace {

constexpr std::string_view at_limit = "max_output_tokens", filtered = "content_filter";

struct Demanded {
  std::string_view key, value;
};
constexpr auto demanded_members = std::to_array<Demanded>({
    {"instructions", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"temperature", "null"},
    {"tool_choice", R"("auto")"},
    {"tools", "[]"},
    {"top_p", "null"},
});

}  // namespace

void read_usage(std::string_view text, json::Slice usage, openai::Counted& counted) {
  const json::Document fields = json::members(text, usage);
  take_tokens(text, fields, "input_tokens", counted.prompt);
  take_tokens(text, fields, "output_tokens", counted.completion);
  if (!counted.prompt && !counted.completion) return;
  counted.cached = counted.cached.value_or(0);
  counted.reasoning = counted.reasoning.value_or(0);
  if (const json::Member* details = fields.find("input_tokens_details")) {
    const json::Document inner = json::members(text, details->value);
    take_tokens(text, inner, "cached_tokens", counted.cached);
    take_tokens(text, inner, "cache_write_tokens", counted.cache_written);
  }
  if (const json::Member* details = fields.find("output_tokens_details"))
    take_tokens(text, json::members(text, details->value), "reasoning_tokens", counted.reasoning);
}

void write_usage(JsonWriter& json, const chat::Usage& usage) {
  if (!usage.known) return;
  json.open_object("usage");
  json.member("input_tokens", usage.prompt());
  json.open_object("input_tokens_details");
  json.member("cached_tokens", usage.cache_read);
  if (usage.cache_write != 0) json.member("cache_write_tokens", usage.cache_write);
  json.close();
  json.member("output_tokens", usage.answer());
  json.open_object("output_tokens_details");
  json.member("reasoning_tokens", usage.reasoning);
  json.close();
  json.member("total_tokens", usage.total());
  json.close();
}

chat::Reasoning read_thought(Reading& in, Fields& item) {
  chat::Reasoning thought;
  read_proof(item.string("encrypted_content").value_or(std::string()), own_word, thought);
  for (const std::string_view key : {"summary", "content"}) {
    const auto list = thought.text.empty() ? item.take(key, json::Type::array) : std::nullopt;
    if (!list) continue;
    const auto elements = in.elements(*list, item.path(key));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Fields part(in, elements[i], element(item.path(key), i));
      (void)part.take("type");
      if (i != 0) thought.text += between_summaries;
      thought.text += part.required("text");
      part.keep_rest();
    }
  }
  return thought;
}

std::string written_proof(const chat::Reasoning& thought) {
  return dialects::written_proof(thought, own_word);
}

chat::StopReason stop_of(std::string_view status, std::string reason, bool called, bool refused) {
  using chat::Stop;
  chat::StopReason stop{.native = std::string(status)};
  if (status.empty() || status == "completed") {
    stop.stop = called ? Stop::tool_calls : refused ? Stop::refusal : Stop::end;
  } else if (status == "incomplete" && !reason.empty()) {
    stop.stop = reason == at_limit ? Stop::length : reason == filtered ? Stop::refusal : Stop::other;
    stop.native = std::move(reason);
    if (stop.stop == Stop::other) stop.place = "incomplete_details.reason";
  } else {
    stop.stop = Stop::other;
    stop.place = "status";
  }
  return stop;
}

Ending ending_of(const chat::StopReason& stop, bool refused, chat::Losses& losses) {
  using chat::Stop;
  if (stop.stop == Stop::length) return {"incomplete", at_limit};
  // A refusal in words is an answer that came to its end.
  if (stop.stop == Stop::refusal && (!refused || stop.native == filtered)) return {"incomplete", filtered};
  if (stop.stop == Stop::other)
    losses.add(chat::Loss::Kind::changed, stop.place.empty() ? "stop" : stop.place,
               fmt::format("{} says it as completed", speaker));
  return {"completed", {}};
}

std::string_view WrittenItem::type() const {
  constexpr auto words = std::to_array<std::string_view>({"message", "reasoning", "function_call"});
  return words[static_cast<std::size_t>(kind)];
}

std::string item_id(WrittenItem::Kind kind, std::string_view response, std::size_t number) {
  constexpr auto words = std::to_array<std::string_view>({"msg", "rs", "fc"});
  return fmt::format("{}_{}_{}", words[static_cast<std::size_t>(kind)], response, number);
}

void write_item(JsonWriter& json, std::string_view key, const WrittenItem& item, std::string_view status) {
  using Kind = WrittenItem::Kind;
  if (key.empty())
    json.open_object();
  else
    json.open_object(key);
  json.member("id", item.id);
  json.member("type", item.type());
  if (item.kind == Kind::message) {
    json.member("status", status);
    json.member("role", "assistant");
    json.open_array("content");
    for (const std::string& part : item.content) json.element(json::Raw{part});
    json.close();
  } else if (item.kind == Kind::reasoning) {
    json.open_array("summary");
    if (!item.text.empty()) {
      json.open_object();
      json.member("type", "summary_text");
      json.member("text", item.text);
      json.close();
    }
    json.close();
    json.filled("encrypted_content", item.proof);
  } else {
    json.member("status", status);
    json.member("call_id", item.call_id);
    json.member("name", item.name);
    json.member("arguments", item.text);
  }
  json.close();
}

void pass_over_empty(const Reading& in, Fields& part) {
  for (const std::string_view key : {"annotations", "logprobs"}) {
    const auto list = part.peek(key);
    if (list && tells_nothing(in.text, *list)) (void)part.take(key);
  }
}

std::string text_part(std::string_view text) {
  return fmt::format(R"({{"type":"output_text","annotations":[],"logprobs":[],"text":{}}})", json::quote(text));
}

std::string refusal_part(std::string_view refusal) {
  return fmt::format(R"({{"type":"refusal","refusal":{}}})", json::quote(refusal));
}

std::string_view demanded(std::string_view key) {
  const auto found = std::ranges::find(demanded_members, key, &Demanded::key);
  return found == demanded_members.end() ? std::string_view() : found->value;
}

void write_demanded(JsonWriter& json) {
  for (const Demanded& row : demanded_members) {
    if (!json.has(row.key)) json.member(row.key, json::Raw{std::string(row.value)});
  }
}

void write_no_error(JsonWriter& json, std::string_view reason) {
  json.null("error");
  if (reason.empty()) return json.null("incomplete_details");
  json.open_object("incomplete_details");
  json.member("reason", reason);
  json.close();
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  const json::Member* response = body.find("response");
  auto error = response != nullptr && response->value.type == json::Type::object
                   ? openai::error_in(text, json::members(text, response->value))
                   : openai::error_in(text, body);
  if (error.type == "error") {  // the kind of the event, which tells no type
    const bool client = error.status >= 400 && error.status < 500;
    error.type = error.status == 429 ? "rate_limit_error" : client ? "invalid_request_error" : "server_error";
  }
  return error;
}

void lose_answer(std::string_view list, std::size_t number, chat::Losses& losses) {
  losses.add(chat::Loss::Kind::dropped, element(list.empty() ? "answers" : list, number),
             fmt::format("{} gives one answer", speaker));
}

}  // namespace apigw::dialects::responses
