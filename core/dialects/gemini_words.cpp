// The words, counters and parts of the Gemini dialect that requests, replies and streams share.
#include <algorithm>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/media.h"
#include "dialects/proof.h"

namespace apigw::dialects::gemini {

namespace {

using chat::Media;
using chat::Stop;

struct StopRow {
  std::string_view word;
  Stop stop;
};
// The first row of a Stop is how it is written.
constexpr auto stops = std::to_array<StopRow>({
    {"STOP", Stop::end},
    {"MAX_TOKENS", Stop::length},
    {"SAFETY", Stop::refusal},
    {"BLOCKLIST", Stop::refusal},
    {"PROHIBITED_CONTENT", Stop::refusal},
    {"SPII", Stop::refusal},
    {"IMAGE_SAFETY", Stop::refusal},
    {"IMAGE_PROHIBITED_CONTENT", Stop::refusal},
    {"MODEL_ARMOR", Stop::refusal},
    {"OTHER", Stop::other},
    {"RECITATION", Stop::other},
    {"LANGUAGE", Stop::other},
    {"MALFORMED_FUNCTION_CALL", Stop::other},
    {"MALFORMED_RESPONSE", Stop::other},
    {"UNEXPECTED_TOOL_CALL", Stop::other},
    {"TOO_MANY_TOOL_CALLS", Stop::other},
    {"MISSING_THOUGHT_SIGNATURE", Stop::other},
    {"NO_IMAGE", Stop::other},
    {"IMAGE_OTHER", Stop::other},
    {"IMAGE_RECITATION", Stop::other},
    {"FINISH_REASON_UNSPECIFIED", Stop::other},
});

constexpr std::string_view models_prefix = "models/";

}  // namespace

std::string named(const Fields& fields, std::string_view camel) {
  if (fields.peek(camel)) return std::string(camel);
  std::string snake;
  for (const char c : camel) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital) snake += '_';
    snake += capital ? static_cast<char>(c + 32) : c;
  }
  return fields.peek(snake) ? snake : std::string(camel);
}

std::string_view without_prefix(std::string_view model) {
  return model.starts_with(models_prefix) ? model.substr(models_prefix.size()) : model;
}

void Counted::read(std::string_view text, json::Slice usage) {
  const json::Document fields = json::members(text, usage);
  take_tokens(text, fields, "promptTokenCount", prompt);
  take_tokens(text, fields, "toolUsePromptTokenCount", of_tools);
  take_tokens(text, fields, "cachedContentTokenCount", cached);
  take_tokens(text, fields, "candidatesTokenCount", candidates);
  take_tokens(text, fields, "thoughtsTokenCount", thoughts);
}

chat::Usage Counted::disjoint() const {
  chat::Usage usage;
  usage.known = prompt || candidates;
  if (!usage.known) return usage;
  const std::uint64_t read = std::min(cached.value_or(0), prompt.value_or(0));
  usage.input = prompt.value_or(0) - read + of_tools.value_or(0);
  usage.cache_read = read;
  usage.output = candidates.value_or(0);
  usage.reasoning = thoughts.value_or(0);
  usage.cache_read_told = usage.reasoning_told = true;  // what is zero is left out
  return usage;
}

void write_usage(JsonWriter& json, const chat::Usage& usage) {
  if (!usage.known) return;
  json.open_object("usageMetadata");
  json.member("promptTokenCount", usage.prompt());
  json.member("candidatesTokenCount", usage.output);
  json.member("totalTokenCount", usage.total());
  if (usage.cache_read != 0) json.member("cachedContentTokenCount", usage.cache_read);
  if (usage.reasoning != 0) json.member("thoughtsTokenCount", usage.reasoning);
  json.close();
}

chat::StopReason stop_of(std::string word, bool called, std::string place) {
  chat::StopReason reason{.stop = Stop::other, .native = std::move(word)};
  const auto row = std::ranges::find(stops, std::string_view(reason.native), &StopRow::word);
  if (row != stops.end()) reason.stop = row->stop;
  if (reason.native.empty()) reason.stop = Stop::end;
  if (reason.stop == Stop::other) reason.place = std::move(place);
  if (called && reason.stop == Stop::end) reason.stop = Stop::tool_calls;
  return reason;
}

chat::StopReason blocked(std::string reason) {
  return {.stop = Stop::refusal, .native = std::move(reason)};
}

std::string_view finish_word(const chat::StopReason& stop, chat::Losses& losses) {
  const Stop kind = stop.stop == Stop::tool_calls || stop.stop == Stop::stop_sequence ? Stop::end : stop.stop;
  const auto own = std::ranges::find(stops, std::string_view(stop.native), &StopRow::word);
  if (own != stops.end() && own->stop == kind) return own->word;
  if (kind == Stop::other)
    losses.add(chat::Loss::Kind::changed, stop.place.empty() ? "stop" : stop.place,
               fmt::format("{} has no word for it but OTHER", speaker));
  return std::ranges::find(stops, kind, &StopRow::stop)->word;
}

chat::Reasoning read_signature(std::string signature) {
  chat::Reasoning thought;
  auto bytes = decoded(signature);
  if (bytes) {
    read_proof(std::move(*bytes), own_word, thought);
    if (thought.origin != own_word) return thought;
  }
  return {.text = {}, .signature = std::move(signature), .sealed = {}, .origin = std::string(own_word)};
}

std::string written_signature(const chat::Reasoning& thought) {
  std::string proof = written_proof(thought, own_word);
  return thought.origin == own_word || proof.empty() ? proof : encoded(proof);
}

bool proves_next(const chat::Reasoning& thought) {
  return thought.text.empty() && thought.origin == own_word && carries_proof(thought);
}

std::optional<Media> read_media(chat::Source source, std::string name) {
  struct Kind {
    std::string_view begin;
    Media::Kind kind;
  };
  constexpr auto kinds = std::to_array<Kind>({{"image/", Media::Kind::image},
                                              {"audio/", Media::Kind::audio},
                                              {"application/", Media::Kind::document},
                                              {"text/", Media::Kind::document}});
  source.media_type = media_type(source.media_type);
  const auto fits = [&](const Kind& row) { return source.media_type.starts_with(row.begin); };
  const auto kind = std::ranges::find_if(kinds, fits);
  if (kind == kinds.end()) return std::nullopt;
  return Media{.kind = kind->kind, .source = std::move(source), .name = std::move(name), .detail = {}};
}

std::string_view type_at(std::string_view url) {
  struct Ending {
    std::string_view end, type;
  };
  constexpr auto endings = std::to_array<Ending>({{".png", "image/png"},
                                                  {".jpg", "image/jpeg"},
                                                  {".jpeg", "image/jpeg"},
                                                  {".webp", "image/webp"},
                                                  {".gif", "image/gif"},
                                                  {".pdf", "application/pdf"}});
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  const auto found = std::ranges::find_if(endings, [&](const Ending& row) { return path.ends_with(row.end); });
  return found == endings.end() ? std::string_view() : found->type;
}

bool write_media(JsonWriter& json, const Media& media, bool named) {
  const chat::Source& source = media.source;
  if (!source.base64.empty()) {
    json.open_object("inlineData");
    json.member("mimeType", source.media_type);
    json.member("data", source.base64);
  } else if (const std::string& address = source.url.empty() ? source.file_id : source.url; !address.empty()) {
    json.open_object("fileData");
    json.filled("mimeType", source.media_type.empty() ? type_at(address) : source.media_type);
    json.member("fileUri", address);
  } else {
    return false;
  }
  if (named) json.filled("displayName", media.name);
  json.close();
  return true;
}

}  // namespace apigw::dialects::gemini
