// Pictures, documents, sounds and cache marks, written as the OpenAI dialect says them.
#include <algorithm>

#include "dialects/media.h"
#include "dialects/openai_chat_request.h"

namespace apigw::dialects::openai {

namespace {

using chat::Loss;
using chat::Media;

std::string_view audio_format(std::string_view media_type) {
  const std::string_view format = media_type.substr(std::min(media_type.find('/') + 1, media_type.size()));
  return format == "mpeg" ? "mp3" : format == "x-wav" || format == "wave" ? "wav" : format;
}

void write_file(JsonWriter& json, const Media& media) {
  json.member("type", "file");
  json.open_object("file");
  json.filled("filename", media.name);
  json.filled("file_id", media.source.file_id);
  if (!media.source.base64.empty()) json.member("file_data", data_uri(media.source));
  json.close();
}

std::string_view write_image(JsonWriter& json, const Media& media) {
  if (media.source.base64.empty() && media.source.url.empty()) return "holds a picture without its data";
  json.member("type", "image_url");
  json.open_object("image_url");
  json.member("url", media.source.url.empty() ? data_uri(media.source) : media.source.url);
  json.filled("detail", media.detail);
  json.close();
  return {};
}

std::string_view write_audio(JsonWriter& json, const Media& media) {
  if (media.source.base64.empty()) return "holds a sound that is not given as data";
  json.member("type", "input_audio");
  json.open_object("input_audio");
  json.member("data", media.source.base64);
  json.member("format", audio_format(media.source.media_type));
  json.close();
  return {};
}

}  // namespace

std::string_view write_media(JsonWriter& json, const Media& media) {
  const chat::Source& source = media.source;
  if (!source.text.empty()) {
    json.member("type", "text");
    json.member("text", media.name.empty() ? source.text : media.name + "\n\n" + source.text);
    return {};
  }
  if (media.kind == Media::Kind::audio) return write_audio(json, media);
  if (media.kind == Media::Kind::image && source.file_id.empty()) return write_image(json, media);
  if (!source.url.empty()) {
    return "holds a document by its address, which OpenAI chat completions cannot fetch; send its data";
  }
  write_file(json, media);
  return {};
}

void write_cache_mark(JsonWriter& json, const std::optional<chat::CacheMark>& mark, const TargetTraits& target,
                      const std::string& place, chat::Losses& losses) {
  using enum TargetTraits::CacheMarks;
  if (!mark) return;
  if (target.cache_marks == none) {
    losses.add(Loss::Kind::dropped, place, "the target takes no cache marks");
  } else if (target.cache_marks == control) {
    json.open_object("cache_control");
    json.member("type", "ephemeral");
    json.filled("ttl", mark->ttl);
    json.close();
  } else {
    json.open_object("prompt_cache_breakpoint");
    json.member("mode", "explicit");
    json.close();
    if (!mark->ttl.empty())
      losses.add(Loss::Kind::dropped, inside(place, "ttl"), "a breakpoint keeps no time of its own");
  }
}

}  // namespace apigw::dialects::openai
