#include "dialects/openai_embeddings.h"

#include <algorithm>

#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/openai_chat.h"
#include "dialects/reply_reading.h"

namespace apigw::dialects::openai {

namespace {

using chat::EmbeddingInput;
using chat::EmbeddingReply;
using chat::EmbeddingRequest;
using chat::VectorForm;

constexpr EmbeddingForm own{.word = own_word, .speaker = "OpenAI"};
constexpr EmbeddingForm of_mistral{.word = mistral_word,
                                   .speaker = "Mistral",
                                   .dimensions = "output_dimension",
                                   .tokens = false,
                                   .always_usage = true,
                                   .dtype = "output_dtype"};

/* -------------------------------- requests ------------------------------ */

bool is_tokens(std::string_view text, json::Slice slice) {
  return slice.type == json::Type::array && is_numbers(json::at(text, slice));
}

void read_input(Reading& in, json::Slice slice, std::string place, std::vector<EmbeddingInput>& inputs) {
  if (auto text = json::string_at(in.text, slice))
    inputs.push_back({std::move(*text), {}, std::move(place)});
  else if (is_tokens(in.text, slice))
    inputs.push_back({{}, json::Raw{std::string(json::at(in.text, slice))}, std::move(place)});
  else
    in.refuse(place, "must be a string or a list of tokens");
}

void read_inputs(Reading& in, Fields& fields, std::vector<EmbeddingInput>& inputs) {
  const auto input = fields.take("input");
  if (!input) return fields.refuse("input", "must be given");
  if (input->type != json::Type::array || is_tokens(in.text, *input)) return read_input(in, *input, "input", inputs);
  const auto elements = in.elements(*input, "input");
  if (elements.empty()) return fields.refuse("input", "must not be empty");
  inputs.reserve(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) read_input(in, elements[i], element("input", i), inputs);
}

std::optional<VectorForm> read_form(Fields& fields) {
  const auto word = fields.string("encoding_format");
  if (!word) return std::nullopt;
  if (*word == "base64") return VectorForm::base64;
  if (*word != "float") fields.refuse("encoding_format", "must be float or base64");
  return VectorForm::floats;
}

Result<EmbeddingRequest> read_asked(std::string_view body, json::Document scanned, const EmbeddingForm& form) {
  Reading in(body, form.word);
  Fields fields(in, std::move(scanned));
  EmbeddingRequest request;
  request.model = fields.required("model");
  read_inputs(in, fields, request.inputs);
  request.dimensions = fields.whole(form.dimensions);
  request.form = read_form(fields);
  if (const auto type = form.dtype.empty() ? std::nullopt : fields.peek(form.dtype);
      type && json::at(body, *type) == R"("float")")
    (void)fields.take(form.dtype);
  fields.keep_rest();
  if (in.error) return std::unexpected(std::move(*in.error));
  request.native = std::move(in.native);
  return request;
}

Result<WrittenEmbedding> write_asked(const EmbeddingRequest& request, std::span<const EmbeddingInput> inputs,
                                     std::string_view model, chat::Losses& losses, const EmbeddingForm& form) {
  WrittenEmbedding written{.body = {}, .operation = "embeddings"};
  JsonWriter json(written.body);
  json.open_object();
  json.member("model", model);
  const bool own_tokens = form.tokens && request.native.dialect == form.word;
  json.open_array("input");
  for (const EmbeddingInput& input : inputs) {
    if (input.other && !own_tokens) return fail(ErrorKind::invalid, not_text(input, form.speaker));
    if (input.other)
      json.element(*input.other);
    else
      json.element(input.text);
  }
  json.close();
  json.member(form.dimensions, request.dimensions);
  if (request.form) json.member("encoding_format", *request.form == VectorForm::base64 ? "base64" : "float");
  write_native(json, request.native, form.word, form.speaker, asks_nothing, losses);
  json.close();
  return written;
}

std::optional<json::Slice> list(std::string_view /*operation*/, std::string_view body,
                                const json::Document& scanned) {
  const json::Member* input = scanned.find("input");
  if (input == nullptr || input->value.type != json::Type::array || is_tokens(body, input->value))
    return std::nullopt;
  return input->value;
}

/* --------------------------------- replies ------------------------------ */

// Puts each vector where its index says; without one it is where it stands.
Result<void> read_data(Reading& in, std::span<const json::Slice> elements, EmbeddingReply& reply) {
  std::vector<bool> filled(elements.size());
  reply.vectors.resize(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Fields fields(in, elements[i], element("data", i));
    (void)fields.take("object");
    const std::uint64_t at = fields.whole("index").value_or(i);
    const auto value = fields.take("embedding");
    auto vector = value ? read_vector(in.text, *value) : std::nullopt;
    if (!vector) return fail(ErrorKind::protocol, fmt::format("the provider's reply has no vector in data[{}]", i));
    if (at >= elements.size() || filled[at])
      return fail(ErrorKind::protocol, fmt::format("the provider's reply counts its vectors wrongly in data[{}]", i));
    filled[at] = true;
    reply.vectors[at] = std::move(*vector);
    fields.keep_rest();
  }
  return {};
}

Result<EmbeddingReply> read_told(std::string_view body, const json::Limits& limits, const EmbeddingForm& form) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, form.word, true);
  Fields fields(in, std::move(*root));
  const auto data = fields.take("data", json::Type::array);
  if (!data) return other_reply();
  EmbeddingReply reply;
  (void)fields.take("object");
  reply.id = fields.string("id").value_or(std::string());
  reply.model = fields.string("model").value_or(std::string());
  if (const auto usage = fields.take("usage", json::Type::object)) reply.usage = embedding_usage(body, *usage);
  const auto elements = in.elements(*data, "data");
  if (in.error) return fail(ErrorKind::protocol, "reply: " + in.error->what);
  if (auto read = read_data(in, elements, reply); !read) return std::unexpected(std::move(read.error()));
  (void)fields.take("created");
  for (const std::string_view key : served) (void)fields.take(key);
  fields.keep_rest();
  if (in.error) return fail(ErrorKind::protocol, "reply: " + in.error->what);
  reply.native = std::move(in.native);
  return reply;
}

void write_usage(JsonWriter& json, const chat::Usage& usage, const EmbeddingForm& form) {
  if (!usage.known && !form.always_usage) return;
  json.open_object("usage");
  if (usage.known) {
    json.member("prompt_tokens", usage.total());
    if (form.always_usage) json.member("completion_tokens", 0);
    json.member("total_tokens", usage.total());
  }
  json.close();
}

std::string write_told(const EmbeddingReply& reply, const ReplyFacts& facts, chat::Losses& losses,
                       const EmbeddingForm& form) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  if (form.always_usage) json.member("id", reply.id.empty() ? facts.id : std::string_view(reply.id));
  json.member("object", "list");
  json.open_array("data");
  for (std::size_t i = 0; i < reply.vectors.size(); ++i) {
    json.open_object();
    json.member("object", "embedding");
    json.member("index", i);
    const chat::Vector& vector = reply.vectors[i];
    if (vector.form == VectorForm::base64)
      json.member("embedding", vector.text);
    else
      json.member("embedding", json::Raw{vector.text});
    json.close();
  }
  json.close();
  json.member("model", reply.model);
  write_usage(json, reply.usage, form);
  write_native(json, reply.native, form.word, form.speaker, tells_nothing, losses);
  json.close();
  return out;
}

// The functions of a row, for one form.
template <const EmbeddingForm& form>
struct In {
  static Result<EmbeddingRequest> read_request(std::string_view /*operation*/, std::string_view body,
                                               json::Document scanned) {
    return read_asked(body, std::move(scanned), form);
  }
  static Result<WrittenEmbedding> write_request(const EmbeddingRequest& request,
                                                std::span<const EmbeddingInput> inputs, std::string_view model,
                                                chat::Losses& losses) {
    return write_asked(request, inputs, model, losses, form);
  }
  static Result<EmbeddingReply> read_reply(std::string_view body, const json::Limits& limits) {
    return read_told(body, limits, form);
  }
  static std::string write_reply(std::string_view /*operation*/, const EmbeddingReply& reply, const ReplyFacts& facts,
                                 chat::Losses& losses) {
    return write_told(reply, facts, losses, form);
  }
  static constexpr Embeddings row(std::size_t most) {
    return {.most_inputs = most,
            .read_request = read_request,
            .write_request = write_request,
            .read_reply = read_reply,
            .write_reply = write_reply,
            .list = list};
  }
};

}  // namespace

constinit const Embeddings embeddings = In<own>::row(2048);
// Undocumented: what the service was seen to take.
constinit const Embeddings mistral_embeddings = In<of_mistral>::row(256);

chat::Usage embedding_usage(std::string_view text, json::Slice usage) {
  const json::Document fields = json::members(text, usage);
  std::optional<std::uint64_t> told;
  for (const std::string_view key : {"total_tokens", "prompt_tokens"}) take_tokens(text, fields, key, told);
  return {.input = told.value_or(0), .known = told.has_value()};
}

}  // namespace apigw::dialects::openai
