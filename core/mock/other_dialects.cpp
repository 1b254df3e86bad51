#include "mock/other_dialects.h"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "dialects/dialect.h"
#include "gateway/translation.h"
#include "http/target.h"
#include "mock/embedding.h"
#include "wire/splitter.h"

namespace apigw::mock {

namespace {

using Json = nlohmann::ordered_json;
using Now = std::chrono::system_clock::time_point;
using dialects::Dialect;

constexpr json::Limits limits{.depth = 64, .members = 1'000};

const Dialect& openai() {
  static const Dialect* const dialect = dialects::find_dialect("openai");
  return *dialect;
}

struct Call {
  const Dialect* dialect = nullptr;
  std::string_view operation;
  std::string model;  // where the path names it
  bool stream = false;
};

// Whether `path` ends like the address `form` of an endpoint; the model that stands in it goes to `model`.
bool fits(std::string_view path, std::string_view form, std::string& model) {
  constexpr std::string_view variable = "{model}";
  form = form.substr(0, form.find('?'));
  const auto at = form.find(variable);
  if (at == std::string_view::npos) return !form.empty() && path.ends_with(form);
  const std::string_view before = form.substr(0, at), behind = form.substr(at + variable.size());
  const auto begin = path.rfind(before);
  if (begin == std::string_view::npos || !path.ends_with(behind)) return false;
  const std::string_view rest = path.substr(begin + before.size());
  if (rest.size() <= behind.size()) return false;
  model = http::decode(rest.substr(0, rest.size() - behind.size()));
  return true;
}

// By the path that a client of the dialect asks, else by its end alone.
std::optional<Call> call_of(std::string_view path) {
  for (const dialects::RosterRow& row : dialects::roster()) {
    for (const dialects::Endpoint& endpoint : row.dialect->endpoints) {
      if (row.dialect != &openai() && !endpoint.upstream.empty() && path == endpoint.path)
        return Call{.dialect = row.dialect, .operation = endpoint.operation};
    }
  }
  for (const dialects::RosterRow& row : dialects::roster()) {
    if (row.dialect == &openai()) continue;
    for (const dialects::Endpoint& endpoint : row.dialect->endpoints) {
      Call call{.dialect = row.dialect, .operation = endpoint.operation};
      if (fits(path, endpoint.upstream, call.model)) return call;
      call.stream = true;
      if (fits(path, endpoint.streamed, call.model)) return call;
    }
  }
  return std::nullopt;
}

Reply refused(const Dialect& dialect, int status, std::string_view message, std::string_view code) {
  Reply reply;
  reply.status = status;
  reply.pieces.push_back(dialect.error_body({.status = status, .code = code, .message = message}));
  return reply;
}

/* --------------------------------- chat --------------------------------- */

dialects::ReplyFacts facts_at(Now now, std::string_view operation) {
  return {.id = "mock",
          .now = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(),
          .operation = operation};
}

void each_frame(std::string_view bytes, wire::Framing framing, const auto& take) {
  wire::Splitter splitter(framing, bytes.size() + 1);
  splitter.feed(bytes);
  for (auto frame = splitter.next(); frame && *frame; frame = splitter.next()) take(**frame);
}

// Frame by frame, so that what breaks off in the middle does so here too.
void translate_stream(const Dialect& dialect, const dialects::ReplyFacts& facts, Reply& reply) {
  const auto reader = openai().read_events({}, limits);
  const auto writer = dialect.write_events(facts);
  reply.content_type = wire::media_type(dialect.framing);
  chat::Losses losses;
  std::vector<chat::Event> events;
  std::string out;
  for (const std::string& piece : std::exchange(reply.pieces, {})) {
    events.clear();
    out.clear();
    each_frame(piece, openai().framing, [&](const wire::Frame& frame) { reader->feed(frame, events); });
    for (const chat::Event& event : events) writer->feed(event, out, losses);
    each_frame(out, dialect.framing, [&](const wire::Frame& frame) { reply.pieces.emplace_back(frame.raw); });
  }
}

Reply translated(const Dialect& dialect, const dialects::ReplyFacts& facts, Reply reply) {
  if (reply.headless || reply.pieces.empty() || reply.content_type == "text/html") return reply;
  std::string& body = reply.pieces.front();
  if (reply.status >= 400) {
    const chat::ProviderError error = openai().read_error(reply.status, {}, body);
    body = dialect.error_body(
        {.status = error.status, .code = error.code, .message = error.message, .param = error.param});
  } else if (reply.streamed) {
    translate_stream(dialect, facts, reply);
  } else if (const auto read = openai().read_reply(body, {}, limits)) {
    chat::Losses losses;
    body = dialect.write_reply(*read, facts, losses);
  }  // else half of one, which is none in any dialect
  return reply;
}

Reply chat_in(const Call& call, const dialects::RequestFacts& facts, std::string_view body, Now now,
              const Canned* canned) {
  const auto read = dialects::read_scanned(*call.dialect, body, facts);
  if (!read) return refused(*call.dialect, 400, read.error().what, "invalid_request");
  chat::Losses losses;
  dialects::TargetTraits traits{.model = facts.model};
  traits.top_k = true;
  const auto written = openai().write_request(*read, traits, losses);
  if (!written) return refused(*call.dialect, 400, written.error().what, "invalid_request");
  return translated(*call.dialect, facts_at(now, call.operation),
                    reply_to({.method = "POST", .target = "/chat/completions", .body = written->body}, now, canned));
}

/* ------------------------------ embeddings ------------------------------ */

// Of a dialect whose body names the model: asked in OpenAI's words.
Reply embedded(const Call& call, const dialects::RequestFacts& facts, std::string_view body, Now now) {
  const dialects::Embeddings& own = *call.dialect->embeddings;
  const auto read = own.read_request(call.operation, body, facts.scanned);
  if (!read) return refused(*call.dialect, 400, read.error().what, "invalid_request");
  chat::Losses losses;
  const auto written = openai().embeddings->write_request(*read, read->inputs, facts.model, losses);
  if (!written) return refused(*call.dialect, 400, written.error().what, "invalid_request");
  Reply reply = reply_to({.method = "POST", .target = "/embeddings", .body = written->body}, now, nullptr);
  if (reply.status >= 400) return translated(*call.dialect, facts_at(now, call.operation), std::move(reply));
  if (reply.headless || reply.pieces.empty()) return reply;
  if (const auto vectors = openai().embeddings->read_reply(reply.pieces.front(), limits))
    reply.pieces.front() = own.write_reply(call.operation, *vectors, facts_at(now, call.operation), losses);
  return reply;
}

constexpr std::size_t most_of_a_batch = 100;  // as Gemini has it

// Of {"content":{"parts":[{"text":…}]},"outputDimensionality":…}.
Json values_of(const Json& request) {
  constexpr std::size_t usual = 256, most = 4'096;
  std::string text;
  if (const auto content = request.find("content"); content != request.end() && content->is_object()) {
    const auto parts = content->find("parts");
    for (const Json& part : parts != content->end() && parts->is_array() ? *parts : Json::array())
      if (part.is_object() && part.contains("text") && part["text"].is_string())
        text += part["text"].get<std::string>();
  }
  const auto wanted = request.find("outputDimensionality");
  const bool given = wanted != request.end() && wanted->is_number_unsigned() && wanted->get<std::size_t>() > 0;
  return {{"values", embedding_of(text, given ? std::min(wanted->get<std::size_t>(), most) : usual)}};
}

Reply embedded(const Call& call, std::string_view body) {
  const Json request = Json::parse(body, nullptr, false);
  Json answer;
  if (call.operation == "embeddings") {
    answer["embedding"] = values_of(request);
  } else {
    const auto requests = request.find("requests");
    const bool fits = requests != request.end() && requests->is_array() && !requests->empty() &&
                      requests->size() <= most_of_a_batch;
    if (!fits)
      return refused(*call.dialect, 400, fmt::format("'requests' must hold from 1 to {} calls", most_of_a_batch),
                     "invalid_request");
    answer["embeddings"] = Json::array();
    for (const Json& one : *requests)
      answer["embeddings"].push_back(values_of(one.is_object() ? one : Json::object()));
  }
  Reply reply;
  reply.pieces.push_back(answer.dump());
  return reply;
}

/* -------------------------------- ranking ------------------------------- */

// Of one form everywhere, but for its errors.
Reply ranked(const Call& call, std::string_view body, Now now) {
  Reply reply = reply_to({.method = "POST", .target = "/rerank", .body = std::string(body)}, now, nullptr);
  if (reply.status < 400) return reply;
  return translated(*call.dialect, facts_at(now, call.operation), std::move(reply));
}

/* -------------------------------- models -------------------------------- */

// Of a dialect whose list has another path than OpenAI's.
std::optional<Reply> models_in_other_dialect(std::string_view path) {
  constexpr auto models = std::to_array<dialects::ListedModel>({{.id = "chat"}, {.id = "embed"}});
  for (const dialects::RosterRow& row : dialects::roster()) {
    const std::string_view list = row.dialect->provider_models;
    if (list == openai().provider_models || !path.ends_with(list)) continue;
    Reply reply;
    reply.pieces.push_back(row.dialect->models_body(models));
    return reply;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Reply> reply_in_other_dialect(const Request& request, Now now, const Canned* canned) {
  if (request.method == "GET") return models_in_other_dialect(request.target);
  if (request.method != "POST") return std::nullopt;
  auto call = call_of(request.target.substr(0, request.target.find('?')));
  if (!call) return std::nullopt;
  auto facts = call->dialect->scan_request(call->operation, request.body, limits);
  if (!facts) return refused(*call->dialect, 400, facts.error().what, "invalid_json");
  if (call->dialect->read_path) {
    facts->model = call->model;
    facts->stream = call->stream;
  }
  if (dialects::asks_answer(call->operation)) return chat_in(*call, *facts, request.body, now, canned);
  if (dialects::asks_vectors(call->operation) && !call->dialect->read_path)
    return embedded(*call, *facts, request.body, now);
  if (dialects::asks_vectors(call->operation)) return embedded(*call, request.body);
  if (dialects::asks_ranking(call->operation)) return ranked(*call, request.body, now);
  if (call->operation != "count_tokens") return std::nullopt;
  Reply reply;
  reply.pieces.push_back(call->dialect->count_body(gateway::estimate_tokens(request.body, facts->scanned)));
  return reply;
}

}  // namespace apigw::mock
