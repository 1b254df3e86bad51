// Errors of the OpenAI dialect, as it writes them; the type stands for the status.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/openai_chat.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::openai {

namespace {

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

chat::ProviderError typed(chat::ProviderError error) {
  if (error.type.empty()) error.type = error_type(error.status);
  return error;
}

std::string body_of(std::string_view message, std::string_view type, std::string_view param, std::string_view code) {
  const auto or_null = [](std::string_view value) { return value.empty() ? "null" : json::quote(value); };
  return fmt::format(R"({{"error":{{"message":{},"type":{},"param":{},"code":{}}}}})", json::quote(message),
                     json::quote(type), or_null(param), or_null(code));
}

}  // namespace

std::string_view error_type(int status) {
  const auto found = std::ranges::find(written_types, status, &ErrorType::status);
  if (found != written_types.end()) return found->type;
  return status >= 500 ? "server_error" : "invalid_request_error";
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  return typed(provider_error(text, body, 0));
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  return typed(provider_error(status, headers, body));
}

bool is_own_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (error == nullptr || error->value.type != json::Type::object) return false;
  const json::Document fields = json::members(text, error->value);
  const json::Member* message = fields.find("message");
  return message != nullptr && message->value.type == json::Type::string;
}

std::string error_body(const ClientError& error) {
  return body_of(error.message, error_type(error.status), error.param, error.code);
}

// A type of another dialect is told as the code, where the provider gave none.
std::string error_body(const chat::ProviderError& error) {
  const std::string_view type = error_type(error.status);
  const bool foreign = error.code.empty() && error.type != type;
  return body_of(error.message, type, error.param, foreign ? error.type : error.code);
}

}  // namespace apigw::dialects::openai
