// Content blocks of the Anthropic dialect, read into parts: of system prompts, turns, tools' results and replies.
//
// A block of a kind that the hub has no form for (a server's tools and their results, uploads) rides in `native`
// whole, so it is a loss in every other dialect and never fails a call. What the model is to read is never lost: a
// document in blocks and a search result become documents of plain text, its pictures parts behind it, and what
// cannot is the client's mistake. So is a block in the wrong place of a request; replies are read tolerantly.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "dialects/anthropic.h"
#include "dialects/media.h"
#include "dialects/proof.h"

namespace apigw::dialects::anthropic {

namespace {

using chat::Media;
using chat::Part;

std::optional<chat::CacheMark> read_mark(Reading& in, Fields& block) {
  const auto object = block.take("cache_control", json::Type::object);
  if (!object) return std::nullopt;
  Fields mark(in, *object, block.path("cache_control"));
  (void)mark.string("type");  // only "ephemeral"
  chat::CacheMark out{.ttl = mark.string("ttl").value_or(std::string())};
  mark.keep_rest();
  return out;
}

// The texts of `content`, a string or an array of blocks, as one; pictures go to `pictures`. Each is a text or a
// picture.
std::string read_texts(Reading& in, json::Slice content, const std::string& path, std::vector<Part>& pictures) {
  if (auto text = json::string_at(in.text, content)) return std::move(*text);
  if (content.type != json::Type::array) {
    in.refuse(path, "must be a string or an array of blocks");
    return {};
  }
  std::string out;
  const auto elements = in.elements(content, path);
  for (std::size_t i = 0; i < elements.size() && !in.error; ++i) {
    const std::string place = element(path, i);
    std::vector<Part> parts;
    read_block(in, elements[i], place, Place::result, parts);
    if (in.error) break;
    const auto* media = parts.empty() ? nullptr : std::get_if<Media>(&parts.front().content);
    if (parts.empty() || (media != nullptr && media->kind != Media::Kind::image)) {
      in.refuse(place, "must be a text or an image");
    } else if (media != nullptr) {
      pictures.push_back(std::move(parts.front()));
    } else {
      out += (out.empty() ? "" : "\n\n") + std::get<chat::Text>(parts.front().content).text;
    }
  }
  return out;
}

// Pictures that a document holds in blocks go to `pictures`.
chat::Source read_source(Reading& in, Fields& block, std::vector<Part>& pictures) {
  chat::Source out;
  const auto object = block.take("source", json::Type::object);
  if (!object) {
    block.refuse("source", "must be given and be an object");
    return out;
  }
  Fields source(in, *object, block.path("source"));
  const std::string type = source.required("type");
  if (type == "base64") {
    out.media_type = media_type(source.required("media_type"));
    auto data = base64(source.required("data"));
    if (!data) source.refuse("data", "must be base64");
    out.base64 = data ? std::move(*data) : std::string();
  } else if (type == "url") {
    out.url = source.required("url");
    if (out.url.empty()) source.refuse("url", "must not be empty");
  } else if (type == "file") {
    out.file_id = source.required("file_id");
    if (out.file_id.empty()) source.refuse("file_id", "must not be empty");
  } else if (type == "text") {
    out.media_type = media_type(source.string("media_type").value_or("text/plain"));
    out.text = source.required("data");
  } else if (type == "content") {
    out.media_type = "text/plain";
    const auto content = source.take("content");
    if (content)
      out.text = read_texts(in, *content, source.path("content"), pictures);
    else
      source.refuse("content", "must be given");
    if (out.text.empty() && pictures.empty()) source.refuse("content", "must not be empty");
  } else {
    source.refuse("type", "must be 'base64', 'url', 'file', 'text' or 'content'");
  }
  source.keep_rest();
  return out;
}

struct Block {
  Reading& in;
  json::Slice slice;
  Fields& fields;
  const std::string& path;
  Place place;
  std::vector<Part>& parts;

  void add(chat::Content content, std::optional<chat::CacheMark> cache = std::nullopt) const {
    parts.push_back({std::move(content), std::move(cache)});
    fields.keep_rest();
  }
};

void read_text(const Block& block) {
  auto cache = read_mark(block.in, block.fields);
  block.add(chat::Text{block.fields.required("text")}, std::move(cache));
}

void read_media(const Block& block, Media::Kind kind) {
  std::vector<Part> pictures;
  Media media{.kind = kind, .source = read_source(block.in, block.fields, pictures), .name = {}, .detail = {}};
  if (kind == Media::Kind::document) media.name = block.fields.string("title").value_or(std::string());
  auto cache = read_mark(block.in, block.fields);
  if (pictures.empty()) return block.add(std::move(media), std::move(cache));
  if (!media.source.text.empty())
    block.parts.push_back({std::move(media), {}});
  else if (!media.name.empty())
    block.parts.push_back({chat::Text{media.name}, {}});
  std::ranges::move(pictures, std::back_inserter(block.parts));
  if (cache) {
    block.parts.back().cache = std::move(cache);
    block.parts.back().place = block.path;  // the mark is the whole document's
  }
  block.fields.keep_rest();
}
void read_image(const Block& block) {
  read_media(block, Media::Kind::image);
}
void read_document(const Block& block) {
  read_media(block, Media::Kind::document);
}

// Where it was found is the first line of its text.
void read_search_result(const Block& block) {
  Fields& fields = block.fields;
  Media media{.kind = Media::Kind::document, .source = {}, .name = fields.string("title").value_or(""), .detail = {}};
  std::string from = fields.required("source");
  std::vector<Part> pictures;
  const auto content = fields.take("content");
  if (!content) return fields.refuse("content", "must be given");
  const std::string text = read_texts(block.in, *content, fields.path("content"), pictures);
  if (!pictures.empty()) fields.refuse("content", "must hold texts alone");
  media.source.media_type = "text/plain";
  media.source.text = from.empty() || text.empty() ? from + text : from + "\n\n" + text;
  if (media.source.text.empty()) fields.refuse("content", "must not be empty");
  auto cache = read_mark(block.in, fields);
  block.add(std::move(media), std::move(cache));
}

void read_thinking(const Block& block) {
  chat::Reasoning thought;
  thought.text = block.fields.string("thinking").value_or(std::string());
  read_proof(block.fields.string("signature").value_or(std::string()), own_word, thought);
  block.add(std::move(thought));
}

void read_redacted(const Block& block) {
  chat::Reasoning thought{.text = {}, .signature = {}, .sealed = {}, .origin = std::string(own_word)};
  thought.sealed = block.fields.required("data");
  block.add(std::move(thought));
}

void read_call(const Block& block) {
  Fields& fields = block.fields;
  chat::ToolCall call{.id = fields.required("id"), .name = fields.required("name")};
  const auto input = fields.take("input", json::Type::object);
  if (input)
    call.arguments = {std::string(json::at(block.in.text, *input))};
  else
    fields.refuse("input", "must be given and be an object");
  take_usual_caller(block.in, fields);
  auto cache = read_mark(block.in, fields);
  block.add(std::move(call), std::move(cache));
}

void read_result(const Block& block) {
  Fields& fields = block.fields;
  chat::ToolResult result{.call_id = fields.required("tool_use_id"), .content = {}, .failed = false};
  result.failed = fields.boolean("is_error").value_or(false);
  if (const auto content = fields.take("content")) {
    const std::string path = fields.path("content");
    if (content->type == json::Type::string) {
      result.content.push_back({chat::Text{*json::string_at(block.in.text, *content)}, {}});
    } else {
      const auto elements = block.in.elements(*content, path);
      for (std::size_t i = 0; i < elements.size(); ++i) {
        read_block(block.in, elements[i], element(path, i), Place::result, result.content);
      }
    }
  }
  auto cache = read_mark(block.in, fields);
  block.add(std::move(result), std::move(cache));
}

using enum Place;

struct Kind {
  std::string_view type;
  void (*read)(const Block& block);
  std::array<Place, 4> places;  // repeated to fill
};

constexpr auto kinds = std::to_array<Kind>({
    {"text", read_text, {system, user, assistant, result}},
    {"image", read_image, {user, result, user, user}},
    {"document", read_document, {user, result, user, user}},
    {"search_result", read_search_result, {user, result, user, user}},
    {"thinking", read_thinking, {assistant, assistant, assistant, assistant}},
    {"redacted_thinking", read_redacted, {assistant, assistant, assistant, assistant}},
    {"tool_use", read_call, {assistant, assistant, assistant, assistant}},
    {"tool_result", read_result, {user, user, user, user}},
});

}  // namespace

void take_usual_caller(const Reading& in, Fields& call) {
  const auto caller = call.peek("caller");
  if (!caller || caller->type != json::Type::object) return;
  const json::Document inner = json::members(in.text, *caller);
  const json::Member* type = inner.find("type");
  if (type != nullptr && json::at(in.text, type->value) == R"("direct")") (void)call.take("caller");
}

void read_block(Reading& in, json::Slice slice, const std::string& path, Place place, std::vector<Part>& parts) {
  Fields fields(in, slice, path);
  const std::string type = fields.required("type");
  if (in.error) return;
  const auto kind = std::ranges::find(kinds, type, &Kind::type);
  if (kind == kinds.end()) return in.keep(path, slice);
  const Place where = place == Place::reply ? Place::assistant : place;
  if (std::ranges::find(kind->places, where) == kind->places.end()) {
    if (place == Place::reply) return in.keep(path, slice);
    return in.refuse(path, "is a block of type '" + type + "', which has no place here");
  }
  const std::size_t before = parts.size();
  kind->read({in, slice, fields, path, place, parts});
  // A number among the parts is one among the blocks until something rides in `native` or comes in several parts.
  const bool counted = place != Place::reply && place != Place::result && path.ends_with(fmt::format("[{}]", before));
  for (std::size_t i = before; i < parts.size(); ++i) {
    const bool lost = place != Place::reply || !std::holds_alternative<chat::Text>(parts[i].content);
    if (lost && (!counted || i != before) && parts[i].place.empty()) parts[i].place = path;
  }
}

}  // namespace apigw::dialects::anthropic
