// Embeddings of Ollama's dialect: /api/embed for texts, and the older /api/embeddings, which takes one prompt.
// Source: Ollama's API reference, "Generate Embeddings".
//
// Vectors are always floats. Providers are asked by the newer call alone; a client of the older one gets its form
// back.
#include <fmt/format.h>

#include "dialects/native.h"
#include "dialects/ollama_request.h"
#include "dialects/reply_reading.h"

namespace apigw::dialects::ollama {

namespace {

using chat::EmbeddingInput;
using chat::EmbeddingReply;
using chat::EmbeddingRequest;

// No limit is documented; texts are embedded one after the other while the call waits.
constexpr std::size_t most_inputs = 512;

/* -------------------------------- requests ------------------------------ */

void read_inputs(Reading& in, Fields& fields, std::vector<EmbeddingInput>& inputs) {
  const auto input = fields.take("input");
  if (!input) return fields.refuse("input", "must be given");
  if (auto text = json::string_at(in.text, *input)) return inputs.push_back({std::move(*text), {}, "input"});
  const auto elements = in.elements(*input, "input");
  if (elements.empty()) return fields.refuse("input", "must not be empty");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto text = json::string_at(in.text, elements[i]);
    if (!text) return in.refuse(element("input", i), "must be a string");
    inputs.push_back({std::move(*text), {}, element("input", i)});
  }
}

Result<EmbeddingRequest> read_request(std::string_view operation, std::string_view body, json::Document scanned) {
  Reading in(body, own_word);
  Fields fields(in, std::move(scanned));
  EmbeddingRequest request;
  request.model = fields.required("model");
  if (operation == prompt_embedding)
    request.inputs.push_back({fields.required("prompt"), {}, "prompt"});
  else
    read_inputs(in, fields, request.inputs);
  request.dimensions = fields.whole("dimensions");
  if (auto value = fields.raw("keep_alive")) in.native.fields.push_back({"keep_alive", std::move(*value), true});
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
  json.open_array("input");
  for (const EmbeddingInput& input : inputs) {
    if (input.other) return fail(ErrorKind::invalid, not_text(input, speaker));
    json.element(input.text);
  }
  json.close();
  json.member("dimensions", request.dimensions);
  write_native(json, request.native, own_word, speaker, asks_nothing, losses);
  json.close();
  return written;
}

std::optional<json::Slice> list(std::string_view operation, std::string_view /*body*/,
                                const json::Document& scanned) {
  const json::Member* input = operation == prompt_embedding ? nullptr : scanned.find("input");
  if (input == nullptr || input->value.type != json::Type::array) return std::nullopt;
  return input->value;
}

/* --------------------------------- replies ------------------------------ */

Result<EmbeddingReply> read_reply(std::string_view body, const json::Limits& limits) {
  auto root = reply_root(body, limits);
  if (!root) return std::unexpected(std::move(root.error()));
  Counted counted;
  counted.read(body, *root);
  Reading in(body, own_word, true);
  Fields fields(in, std::move(*root));
  EmbeddingReply reply;
  reply.model = fields.string("model").value_or(std::string());
  std::vector<json::Slice> elements;
  const auto several = fields.take("embeddings", json::Type::array);
  const auto one = several ? std::nullopt : fields.take("embedding", json::Type::array);
  if (several) elements = in.elements(*several, "embeddings");
  if (one) elements.push_back(*one);
  if (!one && !several) return other_reply();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    auto vector = elements[i].type == json::Type::array ? read_vector(body, elements[i]) : std::nullopt;
    if (!vector)
      return fail(ErrorKind::protocol, fmt::format("the provider's reply has no vector in embeddings[{}]", i));
    reply.vectors.push_back(std::move(*vector));
  }
  if (counted.prompt) reply.usage = {.input = *counted.prompt, .known = true};
  for (const std::string_view key : counters) (void)fields.take(key);
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
  if (operation == prompt_embedding && !reply.vectors.empty()) {
    json.member("embedding", json::Raw{reply.vectors.front().text});
  } else {
    json.member("model", reply.model);
    json.open_array("embeddings");
    for (const chat::Vector& vector : reply.vectors) json.element(json::Raw{vector.text});
    json.close();
    if (reply.usage.known) json.member("prompt_eval_count", reply.usage.total());
  }
  write_native(json, reply.native, own_word, speaker, tells_nothing, losses);
  json.close();
  return out;
}

}  // namespace

constinit const Embeddings embeddings{.most_inputs = most_inputs,
                                      .read_request = read_request,
                                      .write_request = write_request,
                                      .read_reply = read_reply,
                                      .write_reply = write_reply,
                                      .list = list};

}  // namespace apigw::dialects::ollama
