// OpenAI's older completions: the row that names its halves.
//
// Providers that speak OpenAI's chat completions have them beside those, so that a call goes to them as it came.
#include "dialects/openai_completions.h"

#include "dialects/openai_chat_request.h"

namespace apigw::dialects {

namespace {

constexpr auto endpoints = std::to_array<Endpoint>({{"POST", "/v1/completions", "chat", "/completions"}});

constexpr auto own_headers = std::to_array<OwnHeader>({{.name = "openai-beta", .otherwise = "", .allowed = {}}});

constexpr auto own_names = std::to_array<OwnName>({{"max_completion_tokens", "max_tokens"}});

constinit const openai::Form form{
    .word = completions::own_word,
    .speaker = completions::speaker,
    .older_limit = true,
    .texts = true,
    .write_media = openai::write_media,
};

Result<chat::Request> read_request(std::string_view body, json::Document scanned) {
  return openai::read_request(body, std::move(scanned), form);
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
std::string broken_stream(const ClientError& error) {
  return openai::error_frame(openai::error_body(error));
}

}  // namespace

extern const Dialect openai_chat;

extern const Dialect openai_completions;
constinit const Dialect openai_completions{
    .maker = "openai",
    .endpoints = endpoints,
    .also_at = &openai_chat,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/models",
    .own_headers = own_headers,
    .end_mark = openai::done_frame,
    .own_names = own_names,
    .scan_request = openai::scan_request,
    .scan_reply = openai::scan_reply,
    .watch_stream = openai::watch_stream,
    .read_request = read_request,
    .write_request = write_request,
    .read_reply = read_reply,
    .write_reply = completions::write_reply,
    .read_events = read_events,
    .write_events = completions::write_events,
    .read_error = openai::read_error,
    .is_own_error = openai::is_own_error,
    .error_body = openai::error_body,
    .error_frame = openai::error_frame,
    .broken_stream = broken_stream,
    .models_body = openai::models_body,
    .model_body = openai::model_body,
};

}  // namespace apigw::dialects
