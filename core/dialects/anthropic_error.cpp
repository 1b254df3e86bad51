// Errors of the Anthropic dialect, both ways: {"type":"error","error":{"type":…,"message":…},"request_id":…}.
//
// The error's type stands for the status and the other way round: a stream tells the type alone. A page of some proxy
// that is no JSON gives an error that says its status and nothing of the page.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/anthropic.h"
#include "dialects/retry_advice.h"

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

int status_of(std::string_view type) {
  if (type == "overloaded_error") return 529;
  const auto found = std::ranges::find(error_types, type, &ErrorType::type);
  return found == error_types.end() ? 502 : found->status;
}

std::string_view type_of(int status) {
  const auto found = std::ranges::find(error_types, status, &ErrorType::status);
  if (found != error_types.end()) return found->type;
  return status >= 500 ? "api_error" : "invalid_request_error";
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

bool is_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (error != nullptr && error->value.type != json::Type::null) return true;
  return string_in(text, body, "type") == "error";
}

chat::ProviderError error_in(std::string_view text, const json::Document& body, int status) {
  chat::ProviderError out;
  out.status = status;
  const json::Member* member = body.find("error");
  const bool object = member != nullptr && member->value.type == json::Type::object;
  const json::Document error = object ? json::members(text, member->value) : body;
  if (object) out.type = string_in(text, error, "type");
  out.message = string_in(text, error, "message");
  if (member != nullptr && member->value.type == json::Type::string) {
    out.message = *json::string_at(text, member->value);
  }
  if (status == 0) out.status = status_of(out.type);
  if (out.type.empty()) out.type = type_of(out.status);
  if (out.message.empty()) out.message = "the provider failed without saying why";
  return out;
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  chat::ProviderError out;
  const auto parsed = json::scan(body);
  if (parsed && parsed->root.type == json::Type::object) {
    out = error_in(body, *parsed, status);
  } else {
    out.status = status;
    out.type = type_of(status);
    out.message = "the provider failed without saying why";
  }
  out.retry_after = retry_advice(headers);
  return out;
}

}  // namespace apigw::dialects::anthropic
