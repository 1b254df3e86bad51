// The Responses dialect of OpenAI, read in place; and the row that names its halves.
//
// A stream always ends with the whole response, usage in it, so nothing is forced on the provider.
#include "dialects/openai_responses.h"

#include <fmt/format.h>

#include "dialects/provider_error.h"
#include "dialects/reader_watch.h"

namespace apigw::dialects {

namespace {

constexpr auto endpoints = std::to_array<Endpoint>({{"POST", "/v1/responses", "chat", "/responses"}});

constexpr auto own_headers = std::to_array<OwnHeader>({{.name = "openai-beta", .otherwise = "", .allowed = {}}});

constexpr auto own_names = std::to_array<OwnName>({
    {"response_format", "text.format"},
    {"reasoning_effort", "reasoning.effort"},
    {"thinking", "reasoning"},
    {"max_completion_tokens", "max_output_tokens"},
    {"max_tokens", "max_output_tokens"},
});

Result<RequestFacts> scan_request(std::string_view operation, std::string_view body, const json::Limits& limits) {
  auto facts = openai::scan_model(body, limits);
  if (!facts || operation != "chat") return facts;
  if (auto read = openai::scan_stream_flag(body, *facts); !read) return std::unexpected(read.error());
  facts->wants_usage = true;  // every stream of the dialect tells it
  return facts;
}

Result<chat::Usage> scan_reply(std::string_view /*operation*/, std::string_view body, const json::Limits& limits) {
  const auto reply = json::scan(body, limits);
  if (!reply) return fail(ErrorKind::protocol, "reply: " + reply.error().what);
  const bool error = is_error(body, *reply);
  const json::Member* output = reply->find("output");
  if (error || output == nullptr || output->value.type != json::Type::array) {
    return fail(ErrorKind::protocol, error ? "the provider sent an error with a status of success"
                                           : "the provider's reply is not one of this operation");
  }
  openai::Counted counted;
  if (const json::Member* usage = reply->find("usage")) responses::read_usage(body, usage->value, counted);
  return counted.disjoint();
}

std::unique_ptr<StreamWatch> watch_stream(const RequestFacts& /*facts*/, const json::Limits& limits) {
  return watch_by(responses::read_events({}, limits));
}

// The event `error` holds the error's members, and the object too: clients raise on it.
std::string error_frame(std::string_view body) {
  const auto scanned = json::scan(body);
  const json::Member* inner = scanned ? scanned->find("error") : nullptr;
  if (inner == nullptr) return fmt::format("event: error\ndata: {}\n\n", body);
  const json::Document fields = json::members(body, inner->value);
  const auto value = [&](std::string_view key) {
    const json::Member* member = fields.find(key);
    return member == nullptr ? std::string_view("null") : json::at(body, member->value);
  };
  return fmt::format(
      "event: error\ndata: {{\"type\":\"error\",\"code\":{},\"message\":{},\"param\":{},\"error\":{}}}\n\n",
      value("code"), value("message"), value("param"), json::at(body, inner->value));
}

std::string broken_stream(const ClientError& error) {
  return error_frame(openai::error_body(error));
}

}  // namespace

extern const Dialect openai_responses;
constinit const Dialect openai_responses{
    .maker = "openai",
    .endpoints = endpoints,
    .credential_header = "authorization",
    .credential_prefix = "Bearer ",
    .provider_models = "/models",
    .own_headers = own_headers,
    .own_names = own_names,
    .scan_request = scan_request,
    .scan_reply = scan_reply,
    .watch_stream = watch_stream,
    .read_request = responses::read_request,
    .write_request = responses::write_request,
    .read_reply = responses::read_reply,
    .write_reply = responses::write_reply,
    .read_events = responses::read_events,
    .write_events = responses::write_events,
    .read_error = openai::read_error,
    .is_own_error = openai::is_own_error,
    .error_body = openai::error_body,
    .error_frame = error_frame,
    .broken_stream = broken_stream,
    .models_body = openai::models_body,
    .model_body = openai::model_body,
};

}  // namespace apigw::dialects
