// Errors of the Anthropic dialect, both ways: {"type":"error","error":{"type":…,"message":…},"request_id":…}.
//
// The error's type stands for the status and the other way round: a stream tells the type alone.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/anthropic.h"
#include "dialects/provider_error.h"

namespace apigw::dialects::anthropic {

namespace {

struct ErrorType {
  int status;
  std::string_view type;
};

constexpr auto error_types = std::to_array<ErrorType>({
    {400, "invalid_request_error"},
    {401, "authentication_error"},
    {402, "billing_error"},
    {403, "permission_error"},
    {404, "not_found_error"},
    {413, "request_too_large"},
    {429, "rate_limit_error"},
    {500, "api_error"},
    {503, "overloaded_error"},
    {504, "timeout_error"},
    {529, "overloaded_error"},
});

std::string_view type_of(int status) {
  const auto found = std::ranges::find(error_types, status, &ErrorType::status);
  if (found != error_types.end()) return found->type;
  return status >= 500 ? "api_error" : "invalid_request_error";
}

chat::ProviderError typed(chat::ProviderError error) {
  if (error.type.empty()) error.type = type_of(error.status);
  return error;
}

std::string string_in(std::string_view text, const json::Document& object, std::string_view key) {
  const json::Member* member = object.find(key);
  return member == nullptr ? std::string() : json::string_at(text, member->value).value_or("");
}

}  // namespace

std::string error_body(const ClientError& error) {
  const std::string id = error.request_id.empty() ? "" : R"(,"request_id":)" + json::quote(error.request_id);
  return fmt::format(R"({{"type":"error","error":{{"type":"{}","message":{}}}{}}})", type_of(error.status),
                     json::quote(error.message), id);
}

// What a provider said, for a client of this dialect: a type of the dialect's own stays.
std::string error_body(const chat::ProviderError& error) {
  const bool own =
      std::ranges::find(error_types, std::string_view(error.type), &ErrorType::type) != error_types.end();
  return fmt::format(R"({{"type":"error","error":{{"type":"{}","message":{}}}}})",
                     own ? std::string_view(error.type) : type_of(error.status), json::quote(error.message));
}

bool is_own_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (string_in(text, body, "type") != "error" || error == nullptr || error->value.type != json::Type::object)
    return false;
  const json::Document fields = json::members(text, error->value);
  return std::ranges::all_of(std::to_array({"type", "message"}), [&](const char* key) {
    const json::Member* said = fields.find(key);
    return said != nullptr && said->value.type == json::Type::string;
  });
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  return typed(provider_error(text, body, 0));
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  return typed(provider_error(status, headers, body));
}

}  // namespace apigw::dialects::anthropic
