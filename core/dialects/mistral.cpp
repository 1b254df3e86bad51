// Mistral's dialect: what it says otherwise than OpenAI's chat completions, and the row that names its halves.
//
// Its clients share no path with OpenAI's: the same requests mean other things, and what stands in an answer differs.
#include "dialects/mistral.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/media.h"
#include "dialects/openai_chat_request.h"
#include "dialects/openai_embeddings.h"
#include "dialects/provider_error.h"

namespace apigw::dialects {

namespace mistral {

namespace {

constexpr auto endpoints = std::to_array<Endpoint>({
    {"POST", "/mistral/v1/chat/completions", "chat", "/chat/completions"},
    {"POST", "/mistral/v1/embeddings", "embeddings", "/embeddings"},
    {"POST", "/mistral/v1/moderations", "moderations", "/moderations"},
    {"GET", "/mistral/v1/models", "models", ""},
    {"GET", "/mistral/v1/models/**", "model", ""},
});

constexpr auto own_names = std::to_array<OwnName>({
    {"seed", "random_seed"},
    {"max_completion_tokens", "max_tokens"},
    {"thinking", "reasoning_effort"},
});

constexpr std::size_t call_id_length = 9;

// An id of another form always becomes the same one: a call and its result go through here apart. Nine digits hold 53
// bits of its hash, so two of a conversation do not meet by chance.
std::string call_id(std::string_view id) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const auto is_digit = [&](char c) { return digits.contains(c); };
  if (id.size() == call_id_length && std::ranges::all_of(id, is_digit)) return std::string(id);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string made(call_id_length, '0');
  for (char& c : made) {
    c = digits[hash % digits.size()];
    hash /= digits.size();
  }
  return made;
}

std::string_view write_media(JsonWriter& json, const chat::Media& media) {
  const chat::Source& source = media.source;
  if (!source.file_id.empty()) {
    json.member("type", "file");
    json.member("file_id", source.file_id);
    return {};
  }
  if (media.kind == chat::Media::Kind::audio) {
    if (source.base64.empty() && source.url.empty()) return "holds a sound without its data";
    json.member("type", "input_audio");
    json.member("input_audio", source.url.empty() ? source.base64 : source.url);
    return {};
  }
  if (media.kind == chat::Media::Kind::image || !source.text.empty()) return openai::write_media(json, media);
  json.member("type", "document_url");
  json.member("document_url", source.url.empty() ? data_uri(source) : source.url);
  json.filled("document_name", media.name);
  return {};
}

constinit const openai::Form form{
    .word = own_word,
    .speaker = speaker,
    .seed = "random_seed",
    .must_call = "any",
    .older_limit = true,
    .usage_unasked = true,
    .top_k = false,
    .allowed_tools = false,
    .names = false,
    .refusals = false,
    .thoughts_in_content = true,
    .goes_on = true,
    .one_word_tiers = true,
    .hottest = 1.5,
    .most_stops = ~std::size_t{0},
    .most_effort = chat::Effort::xhigh,
    .call_id = call_id,
    .write_media = write_media,
};

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto facts = openai::scan_model(body, limits);
  if (!facts || operation != "chat") return facts;
  if (auto read = openai::scan_stream_flag(body, *facts); !read) return std::unexpected(read.error());
  facts->wants_usage = true;
  return facts;
}

Result<chat::Request> read_request(std::string_view body, json::Document scanned) {
  auto request = openai::read_request(body, std::move(scanned), form);
  // SDKs say the default.
  if (request)
    std::erase_if(request->native.fields,
                  [](const auto& field) { return field.path == "safe_prompt" && field.value.text == "false"; });
  return request;
}
Result<WrittenRequest> write_request(const chat::Request& request, const TargetTraits& target, chat::Losses& losses) {
  return openai::write_request(request, target, losses, form);
}
Result<chat::Reply> read_reply(std::string_view body, const WayBack& way_back, const json::Limits& limits) {
  return openai::read_reply(body, way_back, limits, form);
}
std::unique_ptr<EventReader> read_events(const WayBack& way_back, const json::Limits& limits) {
  return openai::read_events(way_back, limits, form);
}

std::string error_of(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  const auto or_null = [](std::string_view value) { return value.empty() ? "null" : json::quote(value); };
  return fmt::format(R"({{"object":"error","message":{},"type":{},"param":{},"code":{}}})", json::quote(message),
                     json::quote(type), or_null(param), or_null(code));
}

bool is_own_error(std::string_view text, const json::Document& body) {
  const json::Member* message = body.find("message");
  return message != nullptr && message->value.type == json::Type::string && is_error(text, body);
}

std::string broken_stream(const ClientError& error) {
  return openai::error_frame(error_body(error));
}

// Clients demand to be told what a model can do; here nobody knows more than that it answers.
std::string model_body(const ListedModel& model) {
  return fmt::format(
      R"({{"id":{},"object":"model","created":{},"owned_by":{},"type":"base","capabilities":{{"completion_chat":true}}}})",
      json::quote(model.id), model.created, json::quote(model.owner));
}

std::string models_body(std::span<const ListedModel> models) {
  return openai::list_body(models, model_body);
}

}  // namespace

std::string error_body(const ClientError& error) {
  return error_of(error.message, openai::error_type(error.status), error.param, error.code);
}

// A type of another dialect is told as the code, where the provider gave none.
std::string error_body(const chat::ProviderError& error) {
  const std::string_view type = openai::error_type(error.status);
  const bool foreign = error.code.empty() && error.type != type;
  return error_of(error.message, type, error.param, foreign ? error.type : error.code);
}

}  // namespace mistral

extern const Dialect mistral_chat;
constinit const Dialect mistral_chat{
    .maker = "mistral",
    .endpoints = mistral::endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/models",
    .own_headers = {},
    .end_mark = openai::done_frame,
    .own_names = mistral::own_names,
    .scan_request = mistral::scan_request,
    .scan_reply = openai::scan_reply,
    .watch_stream = openai::watch_stream,
    .read_request = mistral::read_request,
    .write_request = mistral::write_request,
    .read_reply = mistral::read_reply,
    .write_reply = mistral::write_reply,
    .read_events = mistral::read_events,
    .write_events = mistral::write_events,
    .read_error = openai::read_error,
    .is_own_error = mistral::is_own_error,
    .error_body = mistral::error_body,
    .error_frame = openai::error_frame,
    .broken_stream = mistral::broken_stream,
    .models_body = mistral::models_body,
    .model_body = mistral::model_body,
    .embeddings = &openai::mistral_embeddings,
};

}  // namespace apigw::dialects
