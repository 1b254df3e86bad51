// Embeddings of Cohere's dialect: /v2/embed, of texts, or of inputs in parts whose pictures no other dialect takes.
// Source: Cohere's API reference, "Embed".
//
// Vectors come by their type, as floats unless another is asked for. Of several types, of whole numbers, and of
// base64, whose layout the reference does not tell, no other dialect has any. What the texts are for must be said,
// and no other dialect's clients say it.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "dialects/cohere.h"
#include "dialects/embedding.h"
#include "dialects/native.h"
#include "dialects/reply_reading.h"

namespace apigw::dialects::cohere {

namespace {

using chat::EmbeddingInput;
using chat::EmbeddingReply;
using chat::EmbeddingRequest;

constexpr std::size_t most_inputs = 96;
constexpr std::string_view purpose = "input_type", usual_purpose = "search_document";

// The member that holds what is embedded, an element an input.
constexpr auto lists = std::to_array<std::string_view>({"texts", "inputs", "images"});

constexpr std::string_view floats = "float";  // of the types of vectors

/* -------------------------------- requests ------------------------------ */

// Of parts that are texts alone, one behind the other.
std::optional<std::string> text_of(Reading& in, json::Slice slice) {
  const json::Document input = json::members(in.text, slice);
  const json::Member* content = input.find("content");
  if (content == nullptr || content->value.type != json::Type::array || input.members.size() != 1)
    return std::nullopt;
  std::string said;
  for (const json::Slice part : json::elements(in.text, content->value)) {
    const json::Document fields = json::members(in.text, part);
    const json::Member* text = fields.find("text");
    auto words = text == nullptr ? std::nullopt : json::string_at(in.text, text->value);
    if (!words || fields.members.size() > 2) return std::nullopt;
    said += *words;
  }
  return said;
}

void read_inputs(Reading& in, Fields& fields, std::vector<EmbeddingInput>& inputs) {
  for (const std::string_view key : lists) {
    const auto list = fields.take(key);
    const auto elements = list ? in.elements(*list, key) : std::vector<json::Slice>();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      EmbeddingInput input{.text = {}, .other = {}, .place = element(key, i)};
      auto text = key == "texts"    ? json::string_at(in.text, elements[i])
                  : key == "inputs" ? text_of(in, elements[i])
                                    : std::nullopt;
      if (!text && key == "texts") return in.refuse(input.place, "must be a string");
      if (text)
        input.text = std::move(*text);
      else
        input.other = json::Raw{std::string(json::at(in.text, elements[i]))};
      inputs.push_back(std::move(input));
    }
  }
  if (inputs.empty()) fields.refuse("texts", "must hold at least one");
}

// Whether of the types of vectors, an array, floats alone are asked for: also by an empty one.
bool floats_alone(std::string_view text, json::Slice types) {
  const auto asked = json::elements(text, types);
  return asked.empty() || (asked.size() == 1 && json::string_at(text, asked.front()) == floats);
}

void check_types(Reading& in, Fields& fields) {
  const auto types = fields.take("embedding_types", json::Type::array);
  if (types && !floats_alone(in.text, *types))
    fields.refuse("embedding_types", "must be float alone, for this model");
}

Result<EmbeddingRequest> read_request(std::string_view /*operation*/, std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  EmbeddingRequest request;
  request.model = fields.required("model");
  read_inputs(in, fields, request.inputs);
  request.dimensions = fields.whole("output_dimension");
  check_types(in, fields);
  // How early the call is taken up.
  if (auto value = fields.raw("priority")) in.native.fields.push_back({"priority", std::move(*value), true});
  fields.keep_rest();
  if (in.error) return std::unexpected(std::move(*in.error));
  request.native = std::move(in.native);
  return request;
}

Result<WrittenEmbedding> write_request(const EmbeddingRequest& request, std::span<const EmbeddingInput> inputs,
                                       std::string_view model, chat::Losses& losses) {
  WrittenEmbedding written{.body = {}, .operation = "embeddings"};
  JsonWriter json(written.body);
  json.open_object();
  json.member("model", model);
  json.open_array("texts");
  for (const EmbeddingInput& input : inputs) {
    if (input.other) return fail(ErrorKind::invalid, not_text(input, speaker));
    json.element(input.text);
  }
  json.close();
  json.open_array("embedding_types");
  json.element(floats);
  json.close();
  json.member("output_dimension", request.dimensions);
  write_native(json, request.native, own_word, speaker, asks_nothing, losses);
  if (!json.has(purpose)) {
    json.member(purpose, usual_purpose);
    losses.add(chat::Loss::Kind::defaulted, std::string(purpose),
               fmt::format("Cohere demands what the texts are for; it is {}", usual_purpose));
  }
  json.close();
  return written;
}

// Nothing also where vectors of other types are asked for, which cannot be joined.
std::optional<json::Slice> list(std::string_view /*operation*/, std::string_view body,
                                const json::Document& scanned) {
  const json::Member* types = scanned.find("embedding_types");
  if (types != nullptr && types->value.type == json::Type::array && !floats_alone(body, types->value))
    return std::nullopt;
  std::optional<json::Slice> found;
  for (const std::string_view key : lists) {
    const json::Member* member = scanned.find(key);
    if (member == nullptr || member->value.type != json::Type::array) continue;
    if (found) return std::nullopt;  // of two lists its server knows the order
    found = member->value;
  }
  return found;
}

/* --------------------------------- replies ------------------------------ */

Result<void> read_vectors(Reading& in, json::Slice slice, EmbeddingReply& reply) {
  Fields fields(in, slice, "embeddings");
  const auto values = fields.take(floats, json::Type::array);
  const auto elements = values ? in.elements(*values, fields.path(floats)) : std::vector<json::Slice>();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto vector = elements[i].type == json::Type::array ? read_vector(in.text, elements[i]) : std::nullopt;
    if (!vector)
      return fail(ErrorKind::protocol,
                  fmt::format("the provider's reply has no vector in embeddings.{}[{}]", floats, i));
    reply.vectors.push_back(std::move(*vector));
  }
  fields.keep_rest();
  return {};
}

// Of `billed_units`.
chat::Usage paid(std::string_view text, json::Slice units) {
  std::optional<std::uint64_t> told;
  take_tokens(text, json::members(text, units), "input_tokens", told);
  return {.input = told.value_or(0), .known = told.has_value()};
}

void read_meta(Reading& in, Fields& reply, chat::Usage& usage) {
  const auto slice = reply.take("meta", json::Type::object);
  if (!slice) return;
  Fields meta(in, *slice, "meta");
  (void)meta.take("api_version");
  if (const auto units = meta.take("billed_units", json::Type::object)) {
    usage = paid(in.text, *units);
    Fields rest(in, *units, meta.path("billed_units"));
    (void)rest.take("input_tokens");
    rest.keep_rest();
  }
  meta.keep_rest();
}

Result<EmbeddingReply> read_reply(std::string_view body, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(std::move(root.error()));
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  const auto vectors = fields.take("embeddings", json::Type::object);
  if (!vectors) return other_reply();
  EmbeddingReply reply;
  reply.id = fields.string("id").value_or(std::string());
  (void)fields.take("response_type");
  (void)fields.take("texts");  // what was asked
  if (auto read = read_vectors(in, *vectors, reply); !read) return std::unexpected(std::move(read.error()));
  read_meta(in, fields, reply.usage);
  fields.keep_rest();
  if (in.error) return fail(ErrorKind::protocol, "reply: " + in.error->what);
  reply.native = std::move(in.native);
  return reply;
}

std::string write_reply(std::string_view /*operation*/, const EmbeddingReply& reply, const ReplyFacts& facts,
                        chat::Losses& losses) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  json.member("id", reply.id.empty() ? facts.id : std::string_view(reply.id));
  json.open_object("embeddings");
  json.open_array(floats);
  for (const chat::Vector& vector : reply.vectors) json.element(json::Raw{vector.text});
  json.close();
  json.close();
  json.member("response_type", "embeddings_by_type");
  if (reply.usage.known) {
    json.open_object("meta");
    json.open_object("billed_units");
    json.member("input_tokens", reply.usage.total());
    json.close();
    json.close();
  }
  write_native(json, reply.native, own_word, speaker, tells_nothing, losses);
  json.close();
  return out;
}

}  // namespace

Result<chat::Usage> embedding_usage(std::string_view body, const json::Limits& limits) {
  const auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  const json::Member* vectors = root->find("embeddings");
  if (vectors == nullptr || vectors->value.type != json::Type::object) return other_reply();
  const json::Member* meta = root->find("meta");
  if (meta == nullptr) return chat::Usage{};
  const json::Document fields = json::members(body, meta->value);
  const json::Member* units = fields.find("billed_units");
  return units == nullptr ? chat::Usage{} : paid(body, units->value);
}

constinit const Embeddings embeddings{.most_inputs = most_inputs,
                                      .read_request = read_request,
                                      .write_request = write_request,
                                      .read_reply = read_reply,
                                      .write_reply = write_reply,
                                      .list = list};

}  // namespace apigw::dialects::cohere
