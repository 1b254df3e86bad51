// Cohere's dialect, read in place; and the row that names its halves.
//
// Chat, rerank and embed of version 2; which of a list of texts answer a question is told by scores and by no tokens.
// What its own clients list models by is told apart from OpenAI's, at the same path, by a header that they send.
#include "dialects/cohere.h"

#include <fmt/format.h>

#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"
#include "dialects/reader_watch.h"

namespace apigw::dialects {

namespace cohere {

namespace {

constexpr std::string_view own_header = "x-fern-sdk-name";  // of each of Cohere's SDKs

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", "/v2/chat", "chat", "/v2/chat"},
    {"POST", "/v2/rerank", "rerank", "/v2/rerank"},
    {"POST", "/v2/embed", "embeddings", "/v2/embed"},
    {"GET", "/v1/models", "models", "", own_header},
    {"GET", "/v1/models/**", "model", "", own_header},
});

constexpr auto own_names = std::to_array<OwnName>({
    {"max_completion_tokens", "max_tokens"},
    {"max_output_tokens", "max_tokens"},
    {"top_p", "p"},
    {"top_k", "k"},
    {"stop", "stop_sequences"},
    {"reasoning_effort", "thinking"},
    {"thinking.budget_tokens", "thinking.token_budget"},
});

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto facts = openai::scan_model(body, limits);
  if (!facts || operation != "chat") return facts;
  if (auto read = openai::scan_stream_flag(body, *facts); !read) return std::unexpected(std::move(read.error()));
  facts->wants_usage = facts->stream;  // each stream tells it
  return facts;
}

Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body, const json::Limits& limits) {
  if (asks_ranking(operation)) return openai::scan_reply(operation, body, limits);
  if (asks_vectors(operation)) return embedding_usage(body, limits);
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  if (is_error(body, *reply)) return fail(ErrorKind::protocol, "the provider sent an error with a status of success");
  const json::Member* message = reply->find("message");
  if (message == nullptr || message->value.type != json::Type::object)
    return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
  const json::Member* finish = reply->find("finish_reason");
  const auto word = finish == nullptr ? std::nullopt : json::string_at(body, finish->value);
  if (word && failure_of(*word) != 0) return fail(ErrorKind::protocol, "the provider ended its answer with an error");
  Counted counted;
  if (const json::Member* usage = reply->find("usage")) counted.read(body, usage->value);
  return counted.disjoint();
}

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& /*facts*/, const json::Limits& limits) {
  return watch_by(read_events({}, limits));
}

/* ---------------------------- what clients get --------------------------- */

std::string error_frame(std::string_view body) {
  const auto scanned = json::scan(body);
  const json::Member* message = scanned ? scanned->find("message") : nullptr;
  auto said = message == nullptr ? std::nullopt : json::string_at(body, message->value);
  return failed_frame(said ? *said : body);
}

std::string broken_stream(const ClientError& error) {
  return failed_frame(error.message);
}

// What nobody knows of a model here is left out; clients choose models by the endpoints that they may be asked at.
std::string model_body(const ListedModel& model) {
  return fmt::format(R"({{"name":{},"endpoints":["chat","embed","rerank"]}})", json::quote(model.id));
}

std::string models_body(std::span<const ListedModel> models) {
  std::string body = R"({"models":[)";
  for (const ListedModel& model : models) {
    if (&model != models.data()) body += ',';
    body += model_body(model);
  }
  return body + "]}";
}

}  // namespace

}  // namespace cohere

extern const Dialect cohere_chat;
constinit const Dialect cohere_chat{
    .maker = "cohere",
    .endpoints = cohere::endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/v1/models",
    .own_headers = {},
    .end_mark = openai::done_frame,
    .own_names = cohere::own_names,
    .yields = true,
    .scan_request = cohere::scan_request,
    .scan_reply = cohere::scan_reply,
    .watch_stream = cohere::watch_stream,
    .read_request = cohere::read_request,
    .write_request = cohere::write_request,
    .read_reply = cohere::read_reply,
    .write_reply = cohere::write_reply,
    .read_events = cohere::read_events,
    .write_events = cohere::write_events,
    .read_error = cohere::read_error,
    .is_own_error = cohere::is_own_error,
    .error_body = cohere::error_body,
    .error_frame = cohere::error_frame,
    .broken_stream = cohere::broken_stream,
    .models_body = cohere::models_body,
    .model_body = cohere::model_body,
    .embeddings = &cohere::embeddings,
};

}  // namespace apigw::dialects
