// The Gemini dialect, read in place; and the row that names its halves.
//
// The path names model and operation: MODEL:generateContent. Providers are always asked for events; a client that
// does not ask for them gets the same replies as the elements of one array. Nothing is forced into a request: every
// stream tells its usage.
#include "dialects/gemini.h"

#include <fmt/format.h>

#include "dialects/provider_error.h"
#include "dialects/reader_watch.h"
#include "http/target.h"

namespace apigw::dialects {

namespace {

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST",
     "/v1beta/models/**",
     "chat",
     "/models/{model}:generateContent",
     {},
     "/models/{model}:streamGenerateContent?alt=sse"},
    {"POST", {}, "count_tokens", "/models/{model}:countTokens"},
    {"POST", {}, "embeddings", "/models/{model}:embedContent"},
    {"POST", {}, "batch_embeddings", "/models/{model}:batchEmbedContents"},
    {"GET", "/v1beta/models", "models", ""},
    {"GET", "/v1beta/models/**", "model", ""},
});

constexpr auto own_names = std::to_array<OwnName>({
    {"max_completion_tokens", "generationConfig.maxOutputTokens"},
    {"max_output_tokens", "generationConfig.maxOutputTokens"},
    {"max_tokens", "generationConfig.maxOutputTokens"},
    {"temperature", "generationConfig.temperature"},
    {"top_p", "generationConfig.topP"},
    {"top_k", "generationConfig.topK"},
    {"frequency_penalty", "generationConfig.frequencyPenalty"},
    {"presence_penalty", "generationConfig.presencePenalty"},
    {"seed", "generationConfig.seed"},
    {"stop", "generationConfig.stopSequences"},
    {"response_format", "generationConfig.responseMimeType"},
    {"reasoning_effort", "generationConfig.thinkingConfig.thinkingLevel"},
    {"thinking.budget_tokens", "generationConfig.thinkingConfig.thinkingBudget"},
    {"thinking", "generationConfig.thinkingConfig"},
    {"tool_choice", "toolConfig.functionCallingConfig"},
    {"service_tier", "serviceTier"},
});

/* ------------------------------- requests ------------------------------- */

struct Method {
  std::string_view word, operation;
  bool stream = false;
};
constexpr auto methods = std::to_array<Method>({
    {"generateContent", "chat"},
    {"streamGenerateContent", "chat", true},
    {"countTokens", "count_tokens"},
    {"embedContent", "embeddings"},
    {"batchEmbedContents", "batch_embeddings"},
});

std::optional<PathCall> read_path(std::string_view rest, std::string_view query) {
  const std::string named = http::decode(rest);
  const auto colon = named.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto method = std::ranges::find(methods, std::string_view(named).substr(colon + 1), &Method::word);
  if (method == methods.end()) return std::nullopt;
  PathCall call{.model = named.substr(0, colon), .operation = method->operation, .stream = method->stream};
  if (method->stream) call.framing = wire::Framing::array;
  for (const auto& [key, value] : http::query_pairs(query)) {
    if (key == "alt" && value == "sse") call.framing = wire::Framing::sse;
  }
  return call;
}

// A body may name the model too, as "models/NAME"; the provider holds it against the path.
void find_name(const json::Document& object, RequestFacts& facts) {
  const json::Member* model = object.find("model");
  if (model != nullptr && model->value.type == json::Type::string) facts.named_again.push_back(model->value);
}

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto request = json::scan(body, limits);
  if (!request) return std::unexpected(request.error());
  if (request->root.type != json::Type::object) return fail(ErrorKind::invalid, "the body must be a JSON object");
  RequestFacts facts;
  facts.named_as = "models/";
  find_name(*request, facts);
  if (const json::Member* inner = request->find("generateContentRequest"); inner && operation == "count_tokens")
    find_name(json::members(body, inner->value), facts);
  const json::Member* list = operation == "batch_embeddings" ? request->find("requests") : nullptr;
  if (list != nullptr && list->value.type == json::Type::array) {
    for (const json::Slice one : json::elements(body, list->value)) find_name(json::members(body, one), facts);
  }
  facts.scanned = std::move(*request);
  return facts;
}

/* -------------------------------- replies ------------------------------- */

// What a reply to an operation holds, one of them.
struct Answered {
  std::string_view operation, key;
  json::Type type;
};
constexpr auto answered = std::to_array<Answered>({
    {"chat", "candidates", json::Type::array},
    {"chat", "promptFeedback", json::Type::object},
    {"count_tokens", "totalTokens", json::Type::number},
    {"embeddings", "embedding", json::Type::object},
    {"batch_embeddings", "embeddings", json::Type::array},
});

Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body, const json::Limits& limits) {
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  if (is_error(body, *reply)) return fail(ErrorKind::protocol, "the provider sent an error with a status of success");
  const bool fits = std::ranges::any_of(answered, [&](const Answered& row) {
    const json::Member* member = row.operation == operation ? reply->find(row.key) : nullptr;
    return member != nullptr && member->value.type == row.type;
  });
  if (!fits) return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
  if (operation == "count_tokens") return chat::Usage{.known = true};  // counting uses no tokens
  gemini::Counted counted;
  if (const json::Member* usage = reply->find("usageMetadata")) counted.read(body, usage->value);
  return counted.disjoint();
}

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& /*facts*/, const json::Limits& limits) {
  return watch_by(gemini::read_events({}, limits));
}

/* ---------------------------- what clients get --------------------------- */

// An empty text: the libraries put frames together, and take an answer with one that says nothing for no answer.
constexpr std::string_view heartbeat =
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}],\"role\":\"model\"},\"index\":0}]}\n\n";

std::string error_frame(std::string_view body) {
  return fmt::format("data: {}\n\n", body);
}

std::string broken_stream(const ClientError& error) {
  return error_frame(gemini::error_body(error));
}

std::string model_body(const ListedModel& model) {
  return fmt::format(
      R"({{"name":{},"displayName":{},"supportedGenerationMethods":["generateContent","countTokens"]}})",
      json::quote(fmt::format("models/{}", model.id)), json::quote(model.id));
}

std::string models_body(std::span<const ListedModel> models) {
  std::string body = R"({"models":[)";
  for (const ListedModel& model : models) {
    if (&model != models.data()) body += ',';
    body += model_body(model);
  }
  return body + "]}";
}

std::string count_body(std::uint64_t tokens) {
  return fmt::format(R"({{"totalTokens":{}}})", tokens);
}

}  // namespace

extern const Dialect gemini_content;
constinit const Dialect gemini_content{
    .maker = "google",
    .endpoints = endpoints,
    .credential_header = "x-goog-api-key",
    .provider_models = "/models",
    .heartbeat = heartbeat,
    .passes_over_comments = false,
    .own_names = own_names,
    .read_path = read_path,
    .scan_request = scan_request,
    .scan_reply = scan_reply,
    .watch_stream = watch_stream,
    .read_request = gemini::read_request,
    .write_request = gemini::write_request,
    .read_reply = gemini::read_reply,
    .write_reply = gemini::write_reply,
    .read_events = gemini::read_events,
    .write_events = gemini::write_events,
    .read_error = gemini::read_error,
    .is_own_error = gemini::is_own_error,
    .error_body = gemini::error_body,
    .error_frame = error_frame,
    .broken_stream = broken_stream,
    .models_body = models_body,
    .model_body = model_body,
    .count_body = count_body,
    .embeddings = &gemini::embeddings,
};

}  // namespace apigw::dialects
