#include "assembly/endpoints.h"

#include <fmt/format.h>

#include "base/json.h"
#include "dialects/dialect.h"
#include "dialects/embedding.h"

namespace apigw::assembly {

namespace {

constexpr std::string_view words = "Hello";

std::optional<std::string> sample_chat(const dialects::Dialect& dialect, std::string_view operation,
                                       std::string_view model) {
  chat::Request request;
  request.model = model;
  request.messages.push_back({.role = chat::Role::user, .parts = {{.content = chat::Text{std::string(words)}}}});
  if (operation == "chat") request.max_output = 256;  // some dialects demand a limit
  chat::Losses losses;
  dialects::TargetTraits traits;
  traits.model = model;
  auto written = dialect.write_request(request, traits, losses);
  if (!written) return std::nullopt;
  return std::move(written->body);
}

constexpr std::string_view form_type = "multipart/form-data; boundary=form";

std::string sample_form(std::string_view model) {
  return fmt::format(
      "--form\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{}\r\n"
      "--form\r\ncontent-disposition: form-data; name=\"file\"; filename=\"file\"\r\n\r\n{}\r\n"
      "--form--\r\n",
      model, words);
}

// Of one text, or of as many as it takes until the dialect says it by that operation.
std::optional<std::string> sample_embedding(const dialects::Dialect& dialect, std::string_view operation,
                                            std::string_view model) {
  chat::EmbeddingRequest request{.model = std::string(model), .inputs = {}};
  for (int texts = 1; texts <= 2; ++texts) {
    request.inputs.push_back({.text = std::string(words)});
    chat::Losses losses;
    auto written = dialect.embeddings->write_request(request, request.inputs, model, losses);
    if (written && written->operation == operation) return std::move(written->body);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> operations(const model::Endpoint& endpoint) {
  std::vector<std::string_view> all{endpoint.operation};
  const auto* dialect = dialects::find_dialect(endpoint.dialect);
  if (dialect == nullptr || !dialect->read_path || dialects::endpoint(*dialect, endpoint.operation).upstream.empty())
    return all;
  for (const dialects::Endpoint& other : dialect->endpoints)
    if (other.path.empty()) all.push_back(other.operation);
  return all;
}

std::optional<std::string_view> operation_of(const model::Endpoint& endpoint, std::string_view rest,
                                             std::string_view query) {
  if (operations(endpoint).size() == 1) return endpoint.operation;
  const auto named = dialects::find_dialect(endpoint.dialect)->read_path(rest, query);
  if (!named) return std::nullopt;
  return named->operation;
}

Sample sample(const model::Endpoint& endpoint, std::string_view operation, std::string_view model) {
  const auto* dialect = dialects::find_dialect(endpoint.dialect);
  const dialects::Endpoint* const asked = dialect ? dialects::find_endpoint(*dialect, operation) : nullptr;
  if (asked != nullptr && asked->form) return {form_type, sample_form(model)};
  std::optional<std::string> body;
  if (dialect != nullptr && (operation == "chat" || operation == "count_tokens"))
    body = sample_chat(*dialect, operation, model);
  if (operation == "generate")
    body = fmt::format(R"({{"model":{},"prompt":"{}","stream":false}})", json::quote(model), words);
  if (dialects::asks_ranking(operation))
    body = fmt::format(R"({{"model":{},"query":"{}","documents":["{}"]}})", json::quote(model), words, words);
  if (operation == "prompt_embedding")
    body = fmt::format(R"({{"model":{},"prompt":"{}"}})", json::quote(model), words);
  if (dialect != nullptr && dialect->embeddings && dialects::asks_vectors(operation) && !body)
    body = sample_embedding(*dialect, operation, model);
  return {"application/json", body ? *std::move(body) : fmt::format(R"({{"model":{}}})", json::quote(model))};
}

}  // namespace apigw::assembly
