// The content of messages in the OpenAI dialect, read: parts and cache marks.
//
// Requests and replies share it. A part of a kind that its role cannot hold, or that nobody here knows, rides in
// `native` as it stands.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialects/media.h"
#include "dialects/openai_chat.h"
#include "dialects/proof.h"

namespace apigw::dialects::openai {

namespace {

using chat::Media;

void read_text(Reading&, Fields& fields, chat::Part& part) {
  part.content = chat::Text{fields.required("text")};
}

void read_refusal(Reading&, Fields& fields, chat::Part& part) {
  part.content = chat::RefusalText{fields.required("refusal")};
}

void read_image(Reading& in, Fields& fields, chat::Part& part) {
  Media media{.kind = Media::Kind::image};
  std::string url;
  const auto place = fields.peek("image_url");
  if (place && place->type == json::Type::string) {  // some clients leave the object out
    url = *fields.string("image_url");
  } else if (const auto object = fields.take("image_url")) {
    Fields image(in, *object, fields.path("image_url"));
    url = image.required("url");
    media.detail = image.string("detail").value_or(std::string());
    image.keep_rest();
  } else {
    fields.refuse("image_url", "must be given and be an object");
  }
  if (auto source = source_of(url))
    media.source = std::move(*source);
  else
    fields.refuse("image_url.url", "must be an address or a data URI whose data can be read");
  part.content = std::move(media);
}

// How the data of a sound begins, in base64, by its format.
struct Beginning {
  std::string_view base64, type;
};
constexpr auto beginnings = std::to_array<Beginning>({
    {"UklGR", "audio/wav"},   // RIFF
    {"SUQz", "audio/mpeg"},   // ID3
    {"//", "audio/mpeg"},     // the sync word of MPEG
    {"T2dnU", "audio/ogg"},   // OggS
    {"ZkxhQ", "audio/flac"},  // fLaC
    {"GkXfo", "audio/webm"},  // EBML
});

// Nobody says it: WAV where the data does not tell.
std::string sound_type(std::string_view base64) {
  const auto begins = [&](const Beginning& row) { return base64.starts_with(row.base64); };
  const auto found = std::ranges::find_if(beginnings, begins);
  return std::string(found == beginnings.end() ? "audio/wav" : found->type);
}

}  // namespace

void read_audio(Reading& in, Fields& fields, chat::Part& part) {
  Media media{.kind = Media::Kind::audio};
  if (const auto place = fields.peek("input_audio"); place && place->type == json::Type::string) {
    std::string said = *fields.string("input_audio");  // as Mistral takes it
    if (said.starts_with("http://") || said.starts_with("https://") || said.starts_with("data:")) {
      if (auto source = source_of(said)) media.source = std::move(*source);
    } else if (auto data = base64(said)) {
      media.source.base64 = std::move(*data);
      media.source.media_type = sound_type(media.source.base64);
    }
    if (media.source.url.empty() && media.source.base64.empty())
      fields.refuse("input_audio", "must be base64, an address or an object");
  } else if (const auto object = fields.take("input_audio")) {
    Fields audio(in, *object, fields.path("input_audio"));
    if (auto data = base64(audio.required("data")))
      media.source.base64 = std::move(*data);
    else
      audio.refuse("data", "must be base64");
    const std::string format = text::lower(audio.required("format"));
    media.source.media_type = "audio/" + (format == "mp3" ? "mpeg" : format);
    audio.keep_rest();
  } else {
    fields.refuse("input_audio", "must be given and be an object");
  }
  part.content = std::move(media);
}

namespace {

struct Extension {
  std::string_view end, type;
};
constexpr auto extensions = std::to_array<Extension>({
    {".txt", "text/plain"},
    {".md", "text/markdown"},
    {".csv", "text/csv"},
    {".html", "text/html"},
    {".json", "application/json"},
});

// Bare base64 tells no type; PDF is what the dialect's own examples send.
std::string type_by_name(std::string_view name) {
  const auto ends = [&](const Extension& row) { return name.ends_with(row.end); };
  const auto found = std::ranges::find_if(extensions, ends);
  return std::string(found == extensions.end() ? "application/pdf" : found->type);
}

}  // namespace

void read_file_members(Fields& file, chat::Media& media) {
  media.name = file.string("filename").value_or(std::string());
  media.source.file_id = file.string("file_id").value_or(std::string());
  if (const auto data = file.string("file_data")) {
    const bool bare = !text::iequals(std::string_view(*data).substr(0, 5), "data:");
    const auto source = source_of(bare ? "data:" + type_by_name(media.name) + ";base64," + *data : *data);
    if (source)
      media.source = *source;
    else
      file.refuse("file_data", "must be base64 or a data URI whose data can be read");
  }
  if (text::lower(media.source.media_type).starts_with("image/")) media.kind = Media::Kind::image;
}

namespace {

void read_file(Reading& in, Fields& fields, chat::Part& part) {
  Media media{.kind = Media::Kind::document};
  if (fields.peek("file_id")) {  // as Mistral names what it stores
    media.source.file_id = fields.required("file_id");
    part.content = std::move(media);
    return;
  }
  const auto object = fields.take("file");
  if (!object) fields.refuse("file", "must be given and be an object");
  if (!object) return;
  Fields file(in, *object, fields.path("file"));
  if (!file.peek("file_data") && !file.peek("file_id")) fields.refuse("file", "must hold file_data or file_id");
  read_file_members(file, media);
  file.keep_rest();
  part.content = std::move(media);
}

// As Mistral's dialect has them: a document by its address, and what the model thought.
void read_document(Reading&, Fields& fields, chat::Part& part) {
  Media media{.kind = Media::Kind::document, .name = fields.string("document_name").value_or(std::string())};
  if (auto source = source_of(fields.required("document_url")))
    media.source = std::move(*source);
  else
    fields.refuse("document_url", "must be an address or a data URI whose data can be read");
  part.content = std::move(media);
}

void read_thinking(Reading& in, Fields& fields, chat::Part& part) {
  chat::Reasoning thought;
  if (auto proof = fields.string("signature"); proof && !proof->empty())
    read_proof(std::move(*proof), mistral_word, thought);
  (void)fields.take("closed");
  const auto list = fields.take("thinking", json::Type::array);
  const auto pieces = list ? in.elements(*list, fields.path("thinking")) : std::vector<json::Slice>();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Fields piece(in, pieces[i], element(fields.path("thinking"), i));
    if (piece.string("type").value_or("text") == "text") thought.text += piece.string("text").value_or(std::string());
    piece.keep_rest();
  }
  part.content = std::move(thought);
}

struct Kind {
  std::string_view type;
  void (*read)(Reading&, Fields&, chat::Part&);
  std::array<bool, 4> allowed;  // by Allowed: text, answer, result, anything
};

constexpr auto kinds = std::to_array<Kind>({
    {"text", read_text, {true, true, true, true}},
    {"refusal", read_refusal, {false, true, false, false}},
    {"image_url", read_image, {false, false, true, true}},
    {"input_audio", read_audio, {false, false, false, true}},
    {"file", read_file, {false, false, true, true}},
    {"document_url", read_document, {false, false, true, true}},
    {"thinking", read_thinking, {false, true, false, true}},
});

void read_part(Reading& in, json::Slice element, const std::string& path, Allowed allowed,
               std::vector<chat::Part>& parts) {
  Fields fields(in, element, path);
  const std::string type = fields.required("type");
  const auto kind = std::ranges::find(kinds, type, &Kind::type);
  if (in.error) return;
  if (kind == kinds.end() || !kind->allowed[static_cast<std::size_t>(allowed)]) {
    in.keep(path, element);
    return;
  }
  chat::Part part;
  kind->read(in, fields, part);
  part.cache = read_cache_mark(in, fields);
  fields.keep_rest();
  parts.push_back(std::move(part));
}

}  // namespace

void read_content(Reading& in, json::Slice content, const std::string& path, Allowed allowed,
                  std::vector<chat::Part>& parts) {
  if (auto text = json::string_at(in.text, content)) {
    parts.push_back({chat::Text{std::move(*text)}, std::nullopt});
    return;
  }
  if (content.type != json::Type::array) {
    in.refuse(path, "must be a string or an array of parts");
    return;
  }
  const auto elements = in.elements(content, path);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t number = parts.size();
    const std::string place = element(path, i);
    read_part(in, elements[i], place, allowed, parts);
    // What stands before it may have gone to `native`, or is no part of this list.
    if (parts.size() > number && number != i) parts.back().place = place;
  }
}

std::optional<chat::CacheMark> read_cache_mark(Reading& in, Fields& fields) {
  std::optional<chat::CacheMark> mark;
  if (const auto object = fields.take("cache_control", json::Type::object)) {
    Fields control(in, *object, fields.path("cache_control"));
    (void)control.take("type");
    mark = chat::CacheMark{control.string("ttl").value_or(std::string())};
    control.keep_rest();
  }
  if (const auto object = fields.take("prompt_cache_breakpoint", json::Type::object)) {
    Fields point(in, *object, fields.path("prompt_cache_breakpoint"));
    (void)point.take("mode");
    if (!mark) mark = chat::CacheMark{};
    point.keep_rest();
  }
  return mark;
}

}  // namespace apigw::dialects::openai
