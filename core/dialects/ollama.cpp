// Ollama's own dialect, read in place; and the row that names its halves.
//
// A call for an answer is a stream unless it says otherwise, and each stream tells its usage. What manages a server's
// models (pull, create, delete…) is not served.
#include "dialects/ollama.h"

#include <fmt/format.h>

#include "dialects/provider_error.h"
#include "dialects/reader_watch.h"

namespace apigw::dialects {

namespace ollama {

namespace {

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", "/api/chat", "chat", "/chat"},
    {"POST", "/api/generate", generate, "/generate"},
    {"POST", "/api/embed", "embeddings", "/embed"},
    {"POST", "/api/embeddings", prompt_embedding, "/embeddings"},
    {"GET", "/api/tags", "models", ""},
    {"POST", "/api/show", "model", ""},
    // Clients ask for what the version of a server can do; this is what is spoken here.
    {"GET", "/api/version", "version", "", {}, {}, R"({"version":"0.12.0"})"},
});

constexpr auto own_names = std::to_array<OwnName>({
    {"max_completion_tokens", "options.num_predict"},
    {"max_output_tokens", "options.num_predict"},
    {"max_tokens", "options.num_predict"},
    {"temperature", "options.temperature"},
    {"top_p", "options.top_p"},
    {"top_k", "options.top_k"},
    {"frequency_penalty", "options.frequency_penalty"},
    {"presence_penalty", "options.presence_penalty"},
    {"seed", "options.seed"},
    {"stop", "options.stop"},
    {"response_format", "format"},
    {"reasoning_effort", "think"},
    {"thinking", "think"},
});

/* ------------------------------- requests ------------------------------- */

// The model's name; older clients that ask what it is call it `name`.
const json::Member* name_in(const json::Document& request, std::string_view operation) {
  const json::Member* model = request.find("model");
  if (model == nullptr && operation == "model") model = request.find("name");
  return model;
}

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto request = json::scan(body, limits);
  if (!request) return std::unexpected(request.error());
  if (request->root.type != json::Type::object) return fail(ErrorKind::invalid, "the body must be a JSON object");
  const json::Member* model = name_in(*request, operation);
  RequestFacts facts;
  if (model != nullptr) facts.model = json::string_at(body, model->value).value_or(std::string());
  if (facts.model.empty()) return fail(ErrorKind::invalid, "'model' must be given and be a string that is not empty");
  facts.model_at = model->value;
  facts.framing = wire::Framing::lines;
  facts.wants_usage = true;
  if (asks_answer(operation)) {
    const json::Member* stream = request->find("stream");
    const bool said = stream != nullptr && stream->value.type != json::Type::null;
    const auto on = said ? json::boolean_at(body, stream->value) : std::optional(true);
    if (!on) return fail(ErrorKind::invalid, "'stream' must be true or false");
    facts.stream = *on;
  }
  facts.scanned = std::move(*request);
  return facts;
}

/* -------------------------------- replies ------------------------------- */

// What a reply to an operation holds.
struct Answered {
  std::string_view operation, key;
  json::Type type;
};
constexpr auto answered = std::to_array<Answered>({
    {"chat", "message", json::Type::object},
    {generate, "response", json::Type::string},
    {"embeddings", "embeddings", json::Type::array},
    {prompt_embedding, "embedding", json::Type::array},
});

Result<chat::Usage> scan_reply(std::string_view operation, std::string_view body, const json::Limits& limits) {
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  if (is_error(body, *reply)) return fail(ErrorKind::protocol, "the provider sent an error with a status of success");
  const auto row = std::ranges::find(answered, operation, &Answered::operation);
  const json::Member* member = row == answered.end() ? nullptr : reply->find(row->key);
  const json::Member* done = reply->find("done");
  const bool whole = !asks_answer(operation) || (done != nullptr && json::boolean_at(body, done->value) == true);
  if (member == nullptr || member->value.type != row->type || !whole)
    return fail(ErrorKind::protocol, "the provider's reply is not one of this operation");
  Counted counted;
  counted.read(body, *reply);
  return counted.disjoint();
}

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& /*facts*/, const json::Limits& limits) {
  return watch_by(read_events({}, limits));
}

/* ---------------------------- what clients get --------------------------- */

std::string error_frame(std::string_view body) {
  return fmt::format("{}\n", body);
}

std::string broken_stream(const ClientError& error) {
  return error_frame(error_body(error));
}

// What nobody knows of a model here is left out; clients choose models by what they can do.
std::string model_body(const ListedModel& model) {
  return fmt::format(
      R"({{"details":{{}},"model_info":{{}},"capabilities":["completion","tools"],"modified_at":"{}"}})",
      written_time(model.created));
}

std::string models_body(std::span<const ListedModel> models) {
  std::string body = R"({"models":[)";
  for (const ListedModel& model : models) {
    if (&model != models.data()) body += ',';
    const std::string name = json::quote(model.id);
    body += fmt::format(R"({{"name":{0},"model":{0},"modified_at":"{1}","size":0,"digest":"","details":{{}}}})", name,
                        written_time(model.created));
  }
  return body + "]}";
}

}  // namespace

}  // namespace ollama

extern const Dialect ollama_api;
constinit const Dialect ollama_api{
    .maker = "ollama",
    .endpoints = ollama::endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/tags",
    .own_headers = {},
    .framing = wire::Framing::lines,
    .own_names = ollama::own_names,
    .yields = true,
    .scan_request = ollama::scan_request,
    .scan_reply = ollama::scan_reply,
    .watch_stream = ollama::watch_stream,
    .read_request = ollama::read_request,
    .write_request = ollama::write_request,
    .read_reply = ollama::read_reply,
    .write_reply = ollama::write_reply,
    .read_events = ollama::read_events,
    .write_events = ollama::write_events,
    .read_error = ollama::read_error,
    .is_own_error = ollama::is_own_error,
    .error_body = ollama::error_body,
    .error_frame = ollama::error_frame,
    .broken_stream = ollama::broken_stream,
    .models_body = ollama::models_body,
    .model_body = ollama::model_body,
    .embeddings = &ollama::embeddings,
};

}  // namespace apigw::dialects
