#include "dialects/provider_error.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "dialects/retry_advice.h"

namespace apigw::dialects {

namespace {

constexpr std::size_t longest_message = 2'000;  // bytes of an upstream's words that are kept

struct Implied {
  int status;
  std::string_view word;
};

// What a type or code of a provider implies where no status was told: in a stream.
constexpr auto implied = std::to_array<Implied>({
    {400, "invalid_request_error"},
    {400, "context_length_exceeded"},
    {400, "invalid_prompt"},
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
    {504, "timeout_error"},
    {529, "overloaded_error"},
});

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
    const auto found = std::ranges::find(implied, word, &Implied::word);
    if (found != implied.end()) return found->status;
  }
  return 502;
}

chat::ProviderError from_object(std::string_view text, const json::Document& fields) {
  chat::ProviderError error;
  error.type = word_at(text, fields, "type");
  error.code = word_at(text, fields, "code");
  error.param = word_at(text, fields, "param");
  // Some servers put an object there, FastAPI's `detail` among them.
  for (const std::string_view key : {"message", "detail"}) {
    const json::Member* member = fields.find(key);
    if (member == nullptr || member->value.type == json::Type::null) continue;
    error.message = member->value.type == json::Type::string
                        ? word_at(text, fields, key)
                        : std::string(json::at(text, member->value).substr(0, longest_message));
    if (!error.message.empty()) break;
  }
  return error;
}

std::string without_words(int status) {
  return status == 0 ? "the provider failed without saying why"
                     : fmt::format("the provider answered with status {}", status);
}

}  // namespace

json::Document without_array(std::string_view text, json::Document body) {
  if (body.root.type != json::Type::array) return body;
  const auto first = json::elements(text, body.root, 1);
  return first.empty() || first.front().type != json::Type::object ? std::move(body)
                                                                   : json::members(text, first.front());
}

bool is_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (error != nullptr && error->value.type != json::Type::null) return true;
  return std::ranges::any_of(std::to_array({"object", "type"}), [&](const char* key) {
    const json::Member* said = body.find(key);
    return said != nullptr && json::at(text, said->value) == R"("error")";
  });
}

chat::ProviderError provider_error(std::string_view text, const json::Document& body, int status) {
  const json::Member* inner = body.find("error");
  chat::ProviderError error;
  if (inner != nullptr && inner->value.type == json::Type::string)
    error.message = word_at(text, body, "error");
  else if (inner != nullptr && inner->value.type == json::Type::object)
    error = from_object(text, json::members(text, inner->value));
  else
    error = from_object(text, body);
  error.status = status != 0 ? status : implied_status(error);
  if (error.message.empty()) error.message = without_words(status);
  return error;
}

chat::ProviderError provider_error(int status, const http::Headers& headers, std::string_view body) {
  chat::ProviderError error{.status = status, .message = without_words(status)};
  if (auto scanned = json::scan(body)) error = provider_error(body, without_array(body, std::move(*scanned)), status);
  error.retry_after = retry_advice(headers);
  return error;
}

std::optional<chat::ProviderError> error_of_success(const http::Headers& headers, std::string_view body,
                                                    const json::Limits& limits) {
  auto scanned = json::scan(body, limits);
  if (!scanned) return std::nullopt;
  const json::Document object = without_array(body, std::move(*scanned));
  if (object.root.type != json::Type::object || !is_error(body, object)) return std::nullopt;
  auto error = provider_error(body, object, 0);
  error.retry_after = retry_advice(headers);
  return error;
}

}  // namespace apigw::dialects
