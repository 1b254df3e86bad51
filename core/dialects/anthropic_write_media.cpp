// Pictures and documents as the sources of the Anthropic dialect.
//
// It takes four kinds of pictures, PDF, and plain text. What it does not take is told and never left out in silence:
// an answer about a picture that the model has not seen is worse than none.
#include <algorithm>

#include "dialects/anthropic_request.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Media;
using chat::Source;

constexpr std::string_view pdf = "application/pdf";

bool picture(std::string_view type) {
  constexpr auto types = std::to_array<std::string_view>({"image/jpeg", "image/png", "image/gif", "image/webp"});
  return std::ranges::find(types, type) != types.end();
}

// By the first bytes, for data that came without a type.
std::string_view sniffed(std::string_view base64) {
  struct Row {
    std::string_view begin, type;
  };
  constexpr auto rows = std::to_array<Row>({{"iVBORw0KGgo", "image/png"},
                                            {"/9j/", "image/jpeg"},
                                            {"R0lGOD", "image/gif"},
                                            {"UklGR", "image/webp"},
                                            {"JVBERi", pdf}});
  const auto row = std::ranges::find_if(rows, [&](const Row& one) { return base64.starts_with(one.begin); });
  return row == rows.end() ? std::string_view() : row->type;
}

// Of the standard alphabet with padding.
std::string decoded(std::string_view base64) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0, group = 0;
  for (const char c : base64) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos) break;
    group = (group << 6) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((group >> bits) & 0xff);
  }
  return out;
}

bool readable(std::string_view type) {
  return type.starts_with("text/") || type == "application/json" || type == "application/xml";
}

void write_source(JsonWriter& json, std::string_view type, std::string_view key, std::string_view value,
                  std::string_view media_type = {}) {
  json.open_object("source");
  json.member("type", type);
  json.filled("media_type", media_type);
  json.member(key, value);
  json.close();
}

std::string_view write_base64(JsonWriter& json, const Source& source) {
  const std::string_view type = source.media_type.empty() ? sniffed(source.base64) : source.media_type;
  if (picture(type) || type == pdf) {
    json.member("type", type == pdf ? "document" : "image");
    write_source(json, "base64", "data", source.base64, type);
    return {};
  }
  if (!readable(type)) return "is of a type that Anthropic does not take (JPEG, PNG, GIF, WebP, PDF and text are)";
  json.member("type", "document");
  write_source(json, "text", "data", decoded(source.base64), "text/plain");
  return {};
}

}  // namespace

std::string_view write_media(JsonWriter& json, const Media& media, bool own_files) {
  const Source& source = media.source;
  if (media.kind == Media::Kind::audio) return "is a sound, which Anthropic does not take";
  if (!source.base64.empty()) return write_base64(json, source);
  const std::string_view type = media.kind == Media::Kind::image ? "image" : "document";
  if (!source.text.empty()) {
    json.member("type", "document");
    write_source(json, "text", "data", source.text, "text/plain");
  } else if (!source.url.empty()) {
    json.member("type", type);
    write_source(json, "url", "url", source.url);
  } else if (source.file_id.empty()) {
    return "holds no data";
  } else if (!own_files) {
    return "names a file that another provider keeps; send the file itself";
  } else {
    json.member("type", type);
    write_source(json, "file", "file_id", source.file_id);
  }
  return {};
}

}  // namespace apigw::dialects::anthropic
