// The OpenAI endpoints of the mock, from which those of other dialects are made: reads the request, asks chat,
// embedding or ranking, writes the reply plain or as a stream.
#include "mock/reply.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "mock/chat.h"
#include "mock/embedding.h"
#include "mock/faults.h"
#include "mock/other_dialects.h"
#include "mock/ranking.h"
#include "mock/tokens.h"

namespace apigw::mock {

namespace {

using Json = nlohmann::ordered_json;
using Now = std::chrono::system_clock::time_point;

constexpr std::size_t default_dimensions = 256;
constexpr std::size_t most_dimensions = 4'096;
constexpr std::size_t most_inputs = 2'048;
// nlohmann's ordered objects take time with the square of their members.
constexpr json::Limits limits{.depth = 64, .members = 1'000};

long long seconds(Now now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
}

std::string written(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Reply json_reply(const Json& body) {
  Reply reply;
  reply.pieces.push_back(written(body));
  return reply;
}

std::string model_of(const Json& request) {
  const Json* model = present(request, "model");
  return model != nullptr && model->is_string() ? model->get<std::string>() : std::string();
}

bool flag(const Json& object, const char* key) {
  const Json* value = present(object, key);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/* --------------------------------- chat --------------------------------- */

Json usage_of(const ChatAnswer& answer) {
  return {{"prompt_tokens", answer.prompt_tokens},
          {"completion_tokens", answer.completion_tokens},
          {"total_tokens", answer.prompt_tokens + answer.completion_tokens},
          {"prompt_tokens_details", {{"cached_tokens", 0}, {"audio_tokens", 0}}},
          {"completion_tokens_details", {{"reasoning_tokens", 0}, {"audio_tokens", 0}}}};
}

Json call_json(const ToolCall& call) {
  return {{"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

struct Shell {
  std::string id;
  long long created = 0;
  std::string model;
};

Json message_of(const Choice& choice) {
  Json message{{"role", "assistant"}, {"content", nullptr}, {"refusal", nullptr}, {"annotations", Json::array()}};
  if (choice.calls.empty()) {
    std::string text;
    for (const std::string& token : choice.tokens) text += token;
    message["content"] = text;
    return message;
  }
  for (const ToolCall& call : choice.calls) message["tool_calls"].push_back(call_json(call));
  return message;
}

Reply plain_chat(const Shell& shell, const ChatAnswer& answer) {
  Json choices = Json::array();
  for (std::size_t i = 0; i < answer.choices.size(); ++i) {
    const Choice& choice = answer.choices[i];
    choices.push_back(
        {{"index", i}, {"message", message_of(choice)}, {"logprobs", nullptr}, {"finish_reason", choice.finish}});
  }
  return json_reply({{"id", shell.id},
                     {"object", "chat.completion"},
                     {"created", shell.created},
                     {"model", shell.model},
                     {"choices", choices},
                     {"usage", usage_of(answer)},
                     {"service_tier", "default"},
                     {"system_fingerprint", "fp_mock"}});
}

// Writes the frames of one stream.
class StreamWriter {
 public:
  StreamWriter(const Shell& shell, bool with_usage)
      : head_(fmt::format(R"(data: {{"id":{},"object":"chat.completion.chunk","created":{},"model":{},)"
                          R"("service_tier":"default","system_fingerprint":"fp_mock","choices":[)",
                          json::quote(shell.id), shell.created, json::quote(shell.model))),
        tail_(with_usage ? R"(],"usage":null})" : "]}") {
    reply_.content_type = "text/event-stream";
    reply_.headers.emplace_back("cache-control", "no-cache");
    reply_.streamed = true;
  }

  void delta(std::size_t index, std::string_view body, std::string_view finish = "null") {
    reply_.pieces.push_back(fmt::format(R"({}{{"index":{},"delta":{},"logprobs":null,"finish_reason":{}}}{})"
                                        "\n\n",
                                        head_, index, body, finish, tail_));
  }

  void call(std::size_t index, std::size_t nth, const ToolCall& call) {
    delta(
        index,
        fmt::format(
            R"({{"tool_calls":[{{"index":{},"id":{},"type":"function","function":{{"name":{},"arguments":""}}}}]}})",
            nth, json::quote(call.id), json::quote(call.name)));
    for (const std::string& part : tokens(call.arguments)) {
      delta(index, fmt::format(R"({{"tool_calls":[{{"index":{},"function":{{"arguments":{}}}}}]}})", nth,
                               json::quote(part)));
    }
  }

  void usage(const ChatAnswer& answer) {
    reply_.pieces.push_back(fmt::format("{}],\"usage\":{}}}\n\n", head_, written(usage_of(answer))));
  }

  Reply finish() {
    reply_.pieces.emplace_back("data: [DONE]\n\n");
    return std::move(reply_);
  }

 private:
  std::string head_, tail_;
  Reply reply_;
};

Reply streamed_chat(const Shell& shell, const ChatAnswer& answer, bool with_usage) {
  StreamWriter writer(shell, with_usage);
  for (std::size_t i = 0; i < answer.choices.size(); ++i) {
    const Choice& choice = answer.choices[i];
    writer.delta(i, choice.calls.empty() ? R"({"role":"assistant","content":"","refusal":null})"
                                         : R"({"role":"assistant","content":null,"refusal":null})");
    for (const std::string& token : choice.tokens)
      writer.delta(i, fmt::format(R"({{"content":{}}})", json::quote(token)));
    for (std::size_t nth = 0; nth < choice.calls.size(); ++nth) writer.call(i, nth, choice.calls[nth]);
    writer.delta(i, "{}", json::quote(choice.finish));
  }
  if (with_usage) writer.usage(answer);
  return writer.finish();
}

Reply chat(const Json& request, std::uint64_t hash, Now now, const Canned* canned) {
  auto answer = answer_chat(request, hash, now, canned);
  if (!answer) return std::move(answer.error());
  const Shell shell{
      .id = fmt::format("chatcmpl-mock-{:016x}", hash), .created = seconds(now), .model = model_of(request)};
  if (!flag(request, "stream")) return plain_chat(shell, *answer);
  const Json* options = present(request, "stream_options");
  return streamed_chat(shell, *answer, options != nullptr && flag(*options, "include_usage"));
}

/* ------------------------------ embeddings ------------------------------ */

// The inputs as texts: one string, strings, one list of token numbers, or several. Nothing for anything else.
std::optional<std::vector<std::string>> inputs_of(const Json& request) {
  const Json* input = present(request, "input");
  if (input == nullptr) return std::nullopt;
  if (input->is_string()) return std::vector{input->get<std::string>()};
  if (!input->is_array() || input->empty() || input->size() > most_inputs) return std::nullopt;
  if (input->front().is_number()) return std::vector{written(*input)};
  std::vector<std::string> texts;
  for (const Json& one : *input) {
    if (!one.is_string() && !one.is_array()) return std::nullopt;
    texts.push_back(one.is_string() ? one.get<std::string>() : written(one));
  }
  return texts;
}

Reply embeddings(const Json& request, std::uint64_t, Now, const Canned*) {
  const auto inputs = inputs_of(request);
  if (!inputs) return error_reply(400, "'input' must be a text or a list of them", "invalid_value", "input");
  const Json* wanted = present(request, "dimensions");
  const bool whole = wanted == nullptr || wanted->is_number_unsigned();
  const std::size_t dimensions = wanted != nullptr && whole ? wanted->get<std::size_t>() : default_dimensions;
  if (!whole || dimensions == 0 || dimensions > most_dimensions) {
    return error_reply(400, fmt::format("'dimensions' must be from 1 to {}", most_dimensions), "invalid_value",
                       "dimensions");
  }
  const Json* format = present(request, "encoding_format");
  const bool base64 = format != nullptr && *format == "base64";
  Json data = Json::array();
  std::size_t count = 0;
  for (const std::string& text : *inputs) {
    const std::vector<float> vector = embedding_of(text, dimensions);
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", base64 ? Json(packed(vector)) : Json(vector)}});
    count += std::max<std::size_t>(count_tokens(text), 1);
  }
  return json_reply({{"object", "list"},
                     {"data", data},
                     {"model", model_of(request)},
                     {"usage", {{"prompt_tokens", count}, {"total_tokens", count}}}});
}

/* -------------------------------- ranking ------------------------------- */

// Strings, or objects with a `text`. Nothing for anything else.
std::optional<std::vector<std::string>> documents_of(const Json& request) {
  const Json* documents = present(request, "documents");
  const bool fits = documents != nullptr && documents->is_array() && !documents->empty();
  if (!fits || documents->size() > most_inputs) return std::nullopt;
  std::vector<std::string> texts;
  for (const Json& one : *documents) {
    const Json* text = one.is_object() ? present(one, "text") : &one;
    if (text == nullptr || !text->is_string()) return std::nullopt;
    texts.push_back(text->get<std::string>());
  }
  return texts;
}

// Billed by the hundred of documents, as Cohere does it.
Reply rerank(const Json& request, std::uint64_t hash, Now, const Canned*) {
  const Json* query = present(request, "query");
  if (query == nullptr || !query->is_string())
    return error_reply(400, "'query' must be a text", "invalid_value", "query");
  const auto documents = documents_of(request);
  if (!documents)
    return error_reply(400, fmt::format("'documents' must hold from 1 to {} texts", most_inputs), "invalid_value",
                       "documents");
  const Json* wanted = present(request, "top_n");
  if (wanted != nullptr && (!wanted->is_number_unsigned() || *wanted == 0))
    return error_reply(400, "'top_n' must be a whole number from 1", "invalid_value", "top_n");
  const std::size_t most = wanted == nullptr ? documents->size() : wanted->get<std::size_t>();
  Json results = Json::array();
  for (const Ranked& one : ranked(query->get<std::string>(), *documents)) {
    if (results.size() == most) break;
    results.push_back({{"index", one.index}, {"relevance_score", one.score}});
  }
  const Json units = {{"search_units", (documents->size() + 99) / 100}};
  return json_reply({{"id", fmt::format("rerank-mock-{:016x}", hash)},
                     {"model", model_of(request)},
                     {"results", results},
                     {"meta", {{"api_version", {{"version", "2"}}}, {"billed_units", units}}}});
}

/* -------------------------------- models -------------------------------- */

Json model_json(std::string_view id, Now now) {
  return {{"id", id}, {"object", "model"}, {"created", seconds(now)}, {"owned_by", "apigw-mock"}};
}

// What a path has behind "/models": nothing or "/NAME". No value for other paths.
std::optional<std::string_view> behind_models(std::string_view path) {
  constexpr std::string_view models_path = "/models";
  const auto at = path.rfind(models_path);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view behind = path.substr(at + models_path.size());
  if (!behind.empty() && (behind.size() == 1 || behind.front() != '/')) return std::nullopt;
  return behind;
}

// The list, or the one that is named: every name is a model here.
Reply models(std::string_view behind, Now now) {
  if (!behind.empty()) return json_reply(model_json(behind.substr(1), now));
  Json data = Json::array({model_json("chat", now), model_json("embed", now)});
  for (const FaultRow& row : faults()) {
    if (row.number.empty()) data.push_back(model_json(row.name, now));
  }
  return json_reply({{"object", "list"}, {"data", data}});
}

struct Operation {
  std::string_view path;
  Reply (*answer)(const Json& request, std::uint64_t hash, Now now, const Canned* canned);
};
constexpr auto operations =
    std::to_array<Operation>({{"/chat/completions", chat}, {"/embeddings", embeddings}, {"/rerank", rerank}});

Reply operate(const Operation& operation, std::string_view body, Now now, const Canned* canned) {
  if (const auto scanned = json::scan(body, limits); !scanned)
    return error_reply(400, scanned.error().what, "invalid_json");
  const Json request = Json::parse(body, nullptr, false);
  if (!request.is_object()) return error_reply(400, "the body must be a JSON object", "invalid_json");
  Reply good = operation.answer(request, stable_hash(body), now, canned);
  return good.status == 200 ? with_fault(model_of(request), std::move(good)) : good;
}

}  // namespace

Reply error_reply(int status, std::string_view message, std::string_view code, std::string_view param) {
  const bool server = status >= 500;
  Reply reply = json_reply({{"error",
                             {{"message", message},
                              {"type", server          ? "server_error"
                                       : status == 429 ? "rate_limit_error"
                                                       : "invalid_request_error"},
                              {"param", param.empty() ? Json(nullptr) : Json(param)},
                              {"code", code}}}});
  reply.status = status;
  return reply;
}

Reply reply_to(const Request& request, Now now, const Canned* canned) {
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  if (const auto model = behind_models(path); model && request.method == "GET") return models(*model, now);
  // Of Ollama and Cohere: their ends are OpenAI's too.
  const bool of_another = path.ends_with("/api/embeddings") || path.ends_with("/v2/rerank");
  for (const Operation& operation : operations) {
    if (of_another) break;
    if (request.method == "POST" && path.ends_with(operation.path))
      return operate(operation, request.body, now, canned);
  }
  if (auto reply = reply_in_other_dialect(request, now, canned)) return std::move(*reply);
  return error_reply(404, "the mock serves chat completions, embeddings, rankings and models", "not_found");
}

}  // namespace apigw::mock
