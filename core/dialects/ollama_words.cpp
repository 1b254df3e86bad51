// The words, counters, times and parts of Ollama's dialect that requests, replies and streams share, and its errors.
#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "dialects/media.h"
#include "dialects/ollama.h"
#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::ollama {

namespace {

using chat::Stop;

struct StopRow {
  std::string_view word;
  Stop stop;
};
// The first row of a Stop is how it is written. "load" and "unload" answer a call that asks nothing of the model.
constexpr auto stops = std::to_array<StopRow>({
    {"stop", Stop::end},
    {"length", Stop::length},
    {"load", Stop::end},
    {"unload", Stop::end},
});

// `count` digits at `at`; -1: they are none.
int digits(std::string_view s, std::size_t at, std::size_t count) {
  if (at + count > s.size() || s[at] < '0' || s[at] > '9') return -1;
  int value = 0;
  const char* const end = s.data() + at + count;
  const auto read = std::from_chars(s.data() + at, end, value);
  return read.ec == std::errc() && read.ptr == end ? value : -1;
}

// "Z", "+02:00" or "-07:00" behind the time, in seconds; nothing: none of these.
std::optional<int> offset(std::string_view s) {
  if (s == "Z" || s == "z") return 0;
  const int hours = digits(s, 1, 2), minutes = digits(s, 4, 2);
  const bool fits = s.size() == 6 && (s[0] == '+' || s[0] == '-') && s[3] == ':' && hours >= 0 && minutes >= 0;
  if (!fits) return std::nullopt;
  return (s[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

// FNV-1a.
std::uint64_t hash(std::uint64_t seed, std::string_view bytes) {
  for (const char c : bytes) seed = (seed ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return (seed ^ 0xff) * 0x100000001b3;
}

chat::ProviderError typed(chat::ProviderError error) {
  if (error.type.empty()) error.type = openai::error_type(error.status);  // Ollama has no words of its own for it
  return error;
}

std::string error_of(std::string_view message) {
  return fmt::format(R"({{"error":{}}})", json::quote(message));
}

}  // namespace

void Counted::read(std::string_view text, const json::Document& reply) {
  take_tokens(text, reply, "prompt_eval_count", prompt);
  take_tokens(text, reply, "eval_count", answer);
}

chat::Usage Counted::disjoint() const {
  chat::Usage usage;
  usage.known = prompt || answer;
  usage.input = prompt.value_or(0);
  usage.output = answer.value_or(0);
  return usage;
}

void write_usage(JsonWriter& json, const chat::Usage& usage) {
  if (!usage.known) return;
  json.member("prompt_eval_count", usage.prompt());
  json.member("eval_count", usage.answer());
}

std::string written_time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count());
}

std::int64_t read_time(std::string_view s) {
  using namespace std::chrono;
  constexpr std::size_t fraction = 19;  // behind "2026-01-02T03:04:05"
  if (s.size() <= fraction || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != 't') || s[13] != ':' ||
      s[16] != ':')
    return 0;
  const int years = digits(s, 0, 4);
  const year_month_day date{year(years), month(static_cast<unsigned>(digits(s, 5, 2))),
                            day(static_cast<unsigned>(digits(s, 8, 2)))};
  const int hour = digits(s, 11, 2), minute = digits(s, 14, 2), second = digits(s, 17, 2);
  std::string_view rest = s.substr(fraction);
  if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  const auto shift = offset(rest);
  const bool fits =
      years > 0 && date.ok() && hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!fits || !shift) return 0;
  return (sys_days(date).time_since_epoch() / 1s) + hour * 3600 + minute * 60 + second - *shift;
}

chat::StopReason stop_of(std::string word, bool called, std::string place) {
  chat::StopReason reason{.stop = Stop::other, .native = std::move(word)};
  const auto row = std::ranges::find(stops, std::string_view(reason.native), &StopRow::word);
  if (row != stops.end()) reason.stop = row->stop;
  if (reason.native.empty()) reason.stop = Stop::end;  // of a server from before there was a reason
  if (reason.stop == Stop::other) reason.place = std::move(place);
  if (called && reason.stop == Stop::end) reason.stop = Stop::tool_calls;
  return reason;
}

std::string_view done_word(const chat::StopReason& stop, chat::Losses& losses) {
  const bool ended = stop.stop == Stop::tool_calls || stop.stop == Stop::stop_sequence;
  const Stop kind = ended ? Stop::end : stop.stop;
  const auto own = std::ranges::find(stops, std::string_view(stop.native), &StopRow::word);
  if (own != stops.end() && own->stop == kind) return own->word;
  const auto row = std::ranges::find(stops, kind, &StopRow::stop);
  if (row != stops.end()) return row->word;
  losses.add(chat::Loss::Kind::changed, stop.place.empty() ? "stop" : stop.place,
             fmt::format("{} says it as stop", speaker));
  return stops.front().word;
}

std::string_view picture_type(std::string_view base64) {
  struct Kind {
    std::string_view begin, type;
  };
  // The first bytes of each format, in base64.
  constexpr auto kinds = std::to_array<Kind>(
      {{"iVBORw0KGgo", "image/png"}, {"/9j/", "image/jpeg"}, {"R0lGOD", "image/gif"}, {"UklGR", "image/webp"}});
  const auto fits = [&](const Kind& row) { return base64.starts_with(row.begin); };
  const auto found = std::ranges::find_if(kinds, fits);
  return found == kinds.end() ? std::string_view() : found->type;
}

std::optional<chat::Media> read_picture(std::string written) {
  auto data = base64(written);
  if (!data) return std::nullopt;
  chat::Media media{.kind = chat::Media::Kind::image, .source = {}, .name = {}, .detail = {}};
  media.source.media_type = picture_type(*data);
  if (media.source.media_type.empty()) return std::nullopt;
  media.source.base64 = std::move(*data);
  return media;
}

std::string made_id(std::string_view answered, std::size_t number, const chat::ToolCall& call) {
  std::uint64_t made = hash(0xcbf29ce484222325, answered);
  made = hash(made, std::to_string(number));
  made = hash(hash(made, call.name), call.arguments.text);
  return fmt::format("call_{:016x}", made);
}

void write_call(JsonWriter& json, std::string_view id, std::string_view name, const json::Raw& arguments) {
  json.open_object();
  json.filled("id", id);
  json.open_object("function");
  json.member("name", name);
  json.member("arguments", arguments);
  json.close();
  json.close();
}

bool is_own_error(std::string_view /*text*/, const json::Document& body) {
  const json::Member* error = body.find("error");
  return error != nullptr && error->value.type == json::Type::string;
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  return typed(provider_error(text, body, 0));
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  return typed(provider_error(status, headers, body));
}

std::string error_body(const ClientError& error) {
  return error_of(error.message);
}

std::string error_body(const chat::ProviderError& error) {
  return error_of(error.message);
}

}  // namespace apigw::dialects::ollama
