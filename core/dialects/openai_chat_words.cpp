// The words and counters of the OpenAI dialect that requests, replies and streams share.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/decimal.h"
#include "dialects/openai_chat.h"

namespace apigw::dialects::openai {

namespace {

// Of the number `key`, in units of 10^-places.
std::optional<std::uint64_t> scaled(std::string_view text, const json::Document& fields, std::string_view key,
                                    unsigned places) {
  const json::Member* member = fields.find(key);
  if (member == nullptr || member->value.type != json::Type::number) return std::nullopt;
  return decimal::parse(text.substr(member->value.begin, member->value.end - member->value.begin), places);
}

// xAI counts in ticks, 10^10 a dollar. OpenRouter's `cost` is its fee alone where the key is the caller's own.
std::optional<std::uint64_t> told_cost(std::string_view text, const json::Document& fields) {
  constexpr unsigned dollar_places = 9;
  if (const auto ticks = scaled(text, fields, "cost_in_usd_ticks", 0))
    return *ticks / 10 + (*ticks % 10 == 0 ? 0 : 1);
  const auto cost = scaled(text, fields, "cost", dollar_places);
  const json::Member* own_key = fields.find("is_byok");
  if (!cost || own_key == nullptr || text.substr(own_key->value.begin, 4) != "true") return cost;
  const json::Member* details = fields.find("cost_details");
  if (details == nullptr) return std::nullopt;
  const auto upstream = scaled(text, json::members(text, details->value), "upstream_inference_cost", dollar_places);
  return upstream && *upstream <= UINT64_MAX - *cost ? std::optional(*cost + *upstream) : std::nullopt;
}

struct Finish {
  std::string_view word;
  chat::Stop stop;
};

// The first row of a stop is how it is written.
constexpr auto finishes = std::to_array<Finish>({
    {"stop", chat::Stop::end},
    {"length", chat::Stop::length},
    {"model_length", chat::Stop::length},  // of Mistral
    {"tool_calls", chat::Stop::tool_calls},
    {"content_filter", chat::Stop::refusal},
    {"function_call", chat::Stop::tool_calls},
    {"stop", chat::Stop::stop_sequence},
    {"stop", chat::Stop::other},
});

}  // namespace

void Counted::read(std::string_view text, json::Slice usage) {
  const json::Document fields = json::members(text, usage);
  take_tokens(text, fields, "prompt_tokens", prompt);
  take_tokens(text, fields, "completion_tokens", completion);
  take_tokens(text, fields, "prompt_cache_hit_tokens", cached);  // DeepSeek's own name, outside of the details
  if (const json::Member* details = fields.find("prompt_tokens_details")) {
    const json::Document inner = json::members(text, details->value);
    take_tokens(text, inner, "cached_tokens", cached);
    take_tokens(text, inner, "cache_write_tokens", cache_written);
  }
  if (const auto told = told_cost(text, fields)) cost = told;
  if (const json::Member* details = fields.find("completion_tokens_details")) {
    take_tokens(text, json::members(text, details->value), "reasoning_tokens", reasoning);
  }
}

chat::Usage Counted::disjoint() const {
  chat::Usage usage;
  usage.known = prompt || completion;
  const std::uint64_t input = prompt.value_or(0);
  const std::uint64_t output = completion.value_or(0);
  usage.cache_read = std::min(cached.value_or(0), input);
  usage.cache_write = std::min(cache_written.value_or(0), input - usage.cache_read);
  usage.input = input - usage.cache_read - usage.cache_write;
  usage.reasoning = std::min(reasoning.value_or(0), output);
  usage.output = output - usage.reasoning;
  usage.cache_read_told = cached.has_value();
  usage.reasoning_told = reasoning.has_value();
  usage.cost = cost;
  return usage;
}

void write_usage(JsonWriter& json, const chat::Usage& usage) {
  if (!usage.known) return;
  json.open_object("usage");
  json.member("prompt_tokens", usage.prompt());
  json.member("completion_tokens", usage.answer());
  json.member("total_tokens", usage.total());
  const bool cache_read = usage.cache_read_told || usage.cache_read != 0;
  if (cache_read || usage.cache_write != 0) {
    json.open_object("prompt_tokens_details");
    if (cache_read) json.member("cached_tokens", usage.cache_read);
    if (usage.cache_write != 0) json.member("cache_write_tokens", usage.cache_write);
    json.close();
  }
  if (usage.reasoning_told || usage.reasoning != 0) {
    json.open_object("completion_tokens_details");
    json.member("reasoning_tokens", usage.reasoning);
    json.close();
  }
  json.close();
}

chat::StopReason stop_of(std::string word, bool called) {
  const auto found = std::ranges::find(finishes, std::string_view(word.empty() ? "stop" : word), &Finish::word);
  chat::StopReason stop{.stop = found == finishes.end() ? chat::Stop::other : found->stop, .native = std::move(word)};
  if (called && (stop.stop == chat::Stop::end || stop.stop == chat::Stop::other)) stop.stop = chat::Stop::tool_calls;
  return stop;
}

std::string_view finish_word(chat::Stop stop) {
  return std::ranges::find(finishes, stop, &Finish::stop)->word;
}

void write_stop(JsonWriter& json, const chat::StopReason& stop, std::size_t answer, chat::Losses& losses,
                std::string_view who) {
  if (stop.stop == chat::Stop::other) {
    losses.add(chat::Loss::Kind::changed, stop.place.empty() ? element("answers", answer) + ".stop" : stop.place,
               fmt::format("{} says it as stop", who));
  }
  const std::string_view word = finish_word(stop.stop);
  json.member("finish_reason", word);
  if (stop.native != word) json.filled("native_finish_reason", stop.native);
  json.filled("stop_reason", stop.sequence);
}

}  // namespace apigw::dialects::openai
