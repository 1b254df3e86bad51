// Errors of the OpenAI dialect, both ways. Read in every shape that servers of the dialect send: the object, the same
// in an array, the flat one, a text for an error, and pages of proxies, of which only the status counts.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/openai_chat.h"
#include "dialects/retry_advice.h"

namespace apigw::dialects::openai {

namespace {

constexpr std::size_t longest_message = 2'000;  // bytes of an upstream's words that are kept

struct ErrorType {
  int status;
  std::string_view type;
};

// What a client gets for a status.
constexpr auto written_types = std::to_array<ErrorType>({
    {401, "authentication_error"},
    {402, "insufficient_quota"},
    {403, "permission_error"},
    {429, "rate_limit_error"},
});

// What a type or code of a provider implies where no status was told: in a stream.
constexpr auto implied = std::to_array<ErrorType>({
    {400, "invalid_request_error"},
    {400, "context_length_exceeded"},
    {401, "authentication_error"},
    {401, "invalid_api_key"},
    {402, "billing_error"},
    {402, "insufficient_quota"},
    {403, "permission_error"},
    {404, "model_not_found"},
    {404, "not_found_error"},
    {413, "request_too_large"},
    {429, "rate_limit_error"},
    {429, "rate_limit_exceeded"},
    {500, "api_error"},
    {500, "server_error"},
    {503, "overloaded_error"},
    {504, "timeout_error"},
});

std::string_view type_of(int status) {
  const auto found = std::ranges::find(written_types, status, &ErrorType::status);
  if (found != written_types.end()) return found->type;
  return status >= 500 ? "server_error" : "invalid_request_error";
}

// A text, or a number in its digits: codes come as both.
std::string word_at(std::string_view text, const json::Document& fields, std::string_view key) {
  const json::Member* member = fields.find(key);
  if (member == nullptr) return {};
  if (member->value.type == json::Type::number) return std::string(json::at(text, member->value));
  return json::string_at(text, member->value).value_or(std::string()).substr(0, longest_message);
}

int implied_status(const chat::ProviderError& error) {
  if (const auto number = text::parse_number(error.code); number && *number >= 400 && *number < 600) {
    return static_cast<int>(*number);
  }
  for (const std::string_view word : {std::string_view(error.code), std::string_view(error.type)}) {
    const auto found = std::ranges::find(implied, word, &ErrorType::type);
    if (found != implied.end()) return found->status;
  }
  return 502;
}

chat::ProviderError from_object(std::string_view text, const json::Document& fields) {
  chat::ProviderError error;
  error.type = word_at(text, fields, "type");
  error.code = word_at(text, fields, "code");
  error.message = word_at(text, fields, "message");
  error.param = word_at(text, fields, "param");
  if (!error.message.empty()) return error;
  // Some servers put an object into the message, FastAPI's `detail` among them.
  for (const std::string_view key : {"message", "detail"}) {
    if (const json::Member* member = fields.find(key); member != nullptr && member->value.type != json::Type::null) {
      error.message = json::at(text, member->value).substr(0, longest_message);
      break;
    }
  }
  return error;
}

std::string without_words(int status) {
  return fmt::format("the provider answered with status {}", status);
}

std::string body_of(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  const auto or_null = [](std::string_view value) { return value.empty() ? "null" : json::quote(value); };
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{}}}}})", json::quote(message),
                     json::quote(type), or_null(param), or_null(code));
}

}  // namespace

bool is_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (error != nullptr && error->value.type != json::Type::null) return true;
  const json::Member* object = body.find("object");
  return object != nullptr && json::at(text, object->value) == R"("error")";
}

chat::ProviderError error_in(std::string_view text, const json::Document& body, int status) {
  const json::Member* inner = body.find("error");
  chat::ProviderError error;
  if (inner != nullptr && inner->value.type == json::Type::string)
    error.message = word_at(text, body, "error");
  else if (inner != nullptr && inner->value.type == json::Type::object)
    error = from_object(text, json::members(text, inner->value));
  else
    error = from_object(text, body);
  error.status = status != 0 ? status : implied_status(error);
  if (error.type.empty()) error.type = type_of(error.status);
  if (error.message.empty()) error.message = without_words(error.status);
  return error;
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  chat::ProviderError error{.status = status, .type = std::string(type_of(status))};
  if (auto scanned = json::scan(body)) {
    // Google's shim puts the object into an array.
    if (scanned->root.type == json::Type::array) {
      const auto first = json::elements(body, scanned->root, 1);
      if (!first.empty()) scanned = json::members(body, first.front());
    }
    error = error_in(body, *scanned, status);
  }
  if (error.message.empty()) error.message = without_words(status);
  error.retry_after = retry_advice(headers);
  return error;
}

std::string error_body(const ClientError& error) {
  return body_of(error.message, type_of(error.status), error.param, error.code);
}

// A type of another dialect is told as the code, where the provider gave none.
std::string error_body(const chat::ProviderError& error) {
  const std::string_view type = type_of(error.status);
  const bool foreign = error.code.empty() && error.type != type;
  return body_of(error.message, type, error.param, foreign ? error.type : error.code);
}

}  // namespace apigw::dialects::openai
