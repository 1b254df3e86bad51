// Embeddings of the Gemini dialect: embedContent for one input, batchEmbedContents for several.
// Source: Google's API reference, "Embeddings".
//
// Vectors are always floats. What a request of a batch asks for itself alone is native; the texts of a content's
// parts are one input.
#include <fmt/format.h>

#include "dialects/embedding.h"
#include "dialects/gemini.h"
#include "dialects/native.h"
#include "dialects/reply_reading.h"

namespace apigw::dialects::gemini {

namespace {

using chat::EmbeddingInput;
using chat::EmbeddingReply;
using chat::EmbeddingRequest;

constexpr std::string_view single = "embeddings", batch = "batch_embeddings";

/* -------------------------------- requests ------------------------------ */

class Requests {
 public:
  Requests(Reading& in, EmbeddingRequest& request) : in_(in), request_(request) {}

  void read(Fields& fields) {
    (void)fields.take("model");  // as the path has it
    const auto content = fields.take("content");
    if (!content) return fields.refuse("content", "must be given and be an object");
    read_content(*content, fields.path("content"));
    std::optional<std::uint64_t> dimensions = take_dimensions(fields);
    if (const std::string key = named(fields, "embedContentConfig"); fields.peek(key)) {
      Fields config(in_, *fields.take(key), fields.path(key));
      if (const auto inner = take_dimensions(config)) dimensions = inner;
      config.keep_rest();
    }
    fields.keep_rest();
    if (request_.inputs.size() > 1 && dimensions != request_.dimensions)
      fields.refuse("outputDimensionality", "must be the same in all requests, for this model");
    request_.dimensions = dimensions;
  }

 private:
  static std::optional<std::uint64_t> take_dimensions(Fields& fields) {
    return fields.whole(named(fields, "outputDimensionality"));
  }

  void read_content(json::Slice slice, std::string path) {
    Fields content(in_, slice, path);
    (void)content.take("role");
    const auto list = content.take("parts");
    if (!list) return content.refuse("parts", "must be given and be an array");
    EmbeddingInput input{.text = {}, .other = {}, .place = std::move(path)};
    const auto parts = in_.elements(*list, content.path("parts"));
    for (std::size_t i = 0; i < parts.size(); ++i) {
      Fields part(in_, parts[i], element(content.path("parts"), i));
      if (const auto text = part.string("text"))
        input.text += *text;
      else
        input.other = json::Raw{std::string(json::at(in_.text, slice))};
      if (!input.other) part.keep_rest();
    }
    if (!input.other) content.keep_rest();
    request_.inputs.push_back(std::move(input));
  }

  Reading& in_;
  EmbeddingRequest& request_;
};

Result<EmbeddingRequest> read_request(std::string_view operation, std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  EmbeddingRequest request;
  Requests requests(in, request);
  if (operation == single) {
    requests.read(fields);
  } else {
    const auto list = fields.take("requests");
    const auto elements = list ? in.elements(*list, "requests") : std::vector<json::Slice>();
    if (elements.empty()) fields.refuse("requests", "must be given and not be empty");
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Fields one(in, elements[i], element("requests", i));
      requests.read(one);
    }
    (void)fields.take("model");
    fields.keep_rest();
  }
  if (in.error) return std::unexpected(std::move(*in.error));
  request.native = std::move(in.native);
  return request;
}

Result<WrittenEmbedding> write_request(const EmbeddingRequest& request, std::span<const EmbeddingInput> inputs,
                                       std::string_view model, chat::Losses& losses) {
  const bool alone = request.inputs.size() == 1;
  WrittenEmbedding written{.body = {}, .operation = alone ? single : batch};
  const std::string name = fmt::format("models/{}", without_prefix(model));
  JsonWriter json(written.body);
  json.open_object();
  if (!alone) json.open_array("requests");
  for (const EmbeddingInput& input : inputs) {
    const bool own = request.native.dialect == own_word;
    if (input.other && !own) return fail(ErrorKind::invalid, not_text(input, speaker));
    if (!alone) json.open_object();
    json.member("model", name);
    if (input.other) {
      json.member("content", *input.other);
    } else {
      json.open_object("content");
      json.open_array("parts");
      json.open_object();
      json.member("text", input.text);
      json.close();
      json.close();
      json.close();
    }
    json.member("outputDimensionality", request.dimensions);
    if (!alone) json.close();
  }
  if (!alone) json.close();
  write_native(json, request.native, own_word, speaker, asks_nothing, losses);
  json.close();
  return written;
}

std::optional<json::Slice> list(std::string_view operation, std::string_view /*body*/,
                                const json::Document& scanned) {
  const json::Member* requests = operation == batch ? scanned.find("requests") : nullptr;
  if (requests == nullptr || requests->value.type != json::Type::array) return std::nullopt;
  return requests->value;
}

/* --------------------------------- replies ------------------------------ */

Result<chat::Vector> read_values(Reading& in, json::Slice slice, std::string path) {
  Fields fields(in, slice, std::move(path));
  const auto values = fields.take("values");
  auto vector = values ? read_vector(in.text, *values) : std::nullopt;
  if (!vector)
    return fail(ErrorKind::protocol, fmt::format("the provider's reply has no vector in {}", fields.path()));
  (void)fields.take("shape");
  fields.keep_rest();
  return std::move(*vector);
}

Result<EmbeddingReply> read_reply(std::string_view body, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(root.error());
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  EmbeddingReply reply;
  std::vector<json::Slice> elements;
  const auto one = fields.take("embedding", json::Type::object);
  if (one) elements.push_back(*one);
  const auto several = one ? std::nullopt : fields.take("embeddings", json::Type::array);
  if (several) elements = in.elements(*several, "embeddings");
  if (!one && !several) return other_reply();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto vector = read_values(in, elements[i], one ? "embedding" : element("embeddings", i));
    if (!vector) return std::unexpected(std::move(vector.error()));
    reply.vectors.push_back(std::move(*vector));
  }
  if (const auto usage = fields.take("usageMetadata", json::Type::object)) {
    Counted counted;
    counted.read(body, *usage);
    if (counted.prompt) reply.usage = {.input = *counted.prompt, .known = true};
  }
  fields.keep_rest();
  if (in.error) return fail(ErrorKind::protocol, "reply: " + in.error->what);
  reply.native = std::move(in.native);
  return reply;
}

std::string write_reply(std::string_view operation, const EmbeddingReply& reply, const ReplyFacts& /*facts*/,
                        chat::Losses& losses) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  if (operation == batch) json.open_array("embeddings");
  for (const chat::Vector& vector : reply.vectors) {
    if (operation == batch)
      json.open_object();
    else
      json.open_object("embedding");
    json.member("values", json::Raw{vector.text});
    json.close();
  }
  if (operation == batch) json.close();
  if (reply.usage.known) {
    json.open_object("usageMetadata");
    json.member("promptTokenCount", reply.usage.total());
    json.close();
  }
  write_native(json, reply.native, own_word, speaker, tells_nothing, losses);
  json.close();
  return out;
}

}  // namespace

constinit const Embeddings embeddings{.most_inputs = 100,
                                      .read_request = read_request,
                                      .write_request = write_request,
                                      .read_reply = read_reply,
                                      .write_reply = write_reply,
                                      .list = list};

}  // namespace apigw::dialects::gemini
