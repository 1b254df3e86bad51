// Errors of the Gemini dialect, both ways: {"error":{"code":…,"message":…,"status":…,"details":[…]}}.
//
// The status word stands for the status of HTTP and the other way round. Of the details three are read: why in a
// stable word (ErrorInfo), how long to wait (RetryInfo), and the member that is wrong (BadRequest).
#include <algorithm>

#include <fmt/format.h>

#include "dialects/gemini.h"
#include "dialects/provider_error.h"
#include "dialects/retry_advice.h"

namespace apigw::dialects::gemini {

namespace {

struct StatusRow {
  int status;
  std::string_view word;
};
// The first row of a status is how it is written.
constexpr auto statuses = std::to_array<StatusRow>({
    {400, "INVALID_ARGUMENT"},
    {400, "FAILED_PRECONDITION"},
    {400, "OUT_OF_RANGE"},
    {401, "UNAUTHENTICATED"},
    {403, "PERMISSION_DENIED"},
    {404, "NOT_FOUND"},
    {409, "ABORTED"},
    {409, "ALREADY_EXISTS"},
    {429, "RESOURCE_EXHAUSTED"},
    {499, "CANCELLED"},
    {500, "INTERNAL"},
    {500, "UNKNOWN"},
    {500, "DATA_LOSS"},
    {501, "UNIMPLEMENTED"},
    {502, "UNAVAILABLE"},
    {503, "UNAVAILABLE"},
    {504, "DEADLINE_EXCEEDED"},
});

std::string_view word_of(int status) {
  const auto found = std::ranges::find(statuses, status, &StatusRow::status);
  if (found != statuses.end()) return found->word;
  return status >= 500 ? "INTERNAL" : "INVALID_ARGUMENT";
}

bool is_word(std::string_view word) {
  return std::ranges::find(statuses, word, &StatusRow::word) != statuses.end();
}

constexpr std::string_view info = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr std::string_view retry = "type.googleapis.com/google.rpc.RetryInfo";
constexpr std::string_view bad_request = "type.googleapis.com/google.rpc.BadRequest";
constexpr std::string_view bad_key = "API_KEY_INVALID";  // comes with status 400

std::string string_in(std::string_view text, const json::Document& object, std::string_view key) {
  const json::Member* member = object.find(key);
  return member == nullptr ? std::string() : json::string_at(text, member->value).value_or(std::string());
}

std::string first_field(std::string_view text, const json::Document& detail) {
  const json::Member* list = detail.find("fieldViolations");
  if (list == nullptr || list->value.type != json::Type::array) return {};
  const auto first = json::elements(text, list->value, 1);
  return first.empty() ? std::string() : string_in(text, json::members(text, first.front()), "field");
}

void read_details(std::string_view text, json::Slice list, chat::ProviderError& error) {
  constexpr std::size_t most = 16;
  const auto details = json::elements(text, list, most);
  for (std::size_t i = 0; i < std::min(details.size(), most); ++i) {
    const json::Document detail = json::members(text, details[i]);
    const std::string type = string_in(text, detail, "@type");
    if (type == info && error.code.empty()) error.code = string_in(text, detail, "reason");
    if (type == retry && !error.retry_after) error.retry_after = read_duration(string_in(text, detail, "retryDelay"));
    if (type == bad_request && error.param.empty()) error.param = first_field(text, detail);
  }
}

// What the dialect says beyond what every provider does. `status`: of HTTP, 0: none was told.
chat::ProviderError completed(std::string_view text, const json::Document& body, int status,
                              chat::ProviderError error) {
  const json::Member* inner = body.find("error");
  if (inner != nullptr && inner->value.type == json::Type::object) {
    const json::Document fields = json::members(text, inner->value);
    const json::Member* number = fields.find("code");
    if (number != nullptr && number->value.type == json::Type::number) error.code.clear();
    const std::string word = string_in(text, fields, "status");
    const auto row = std::ranges::find(statuses, std::string_view(word), &StatusRow::word);
    if (error.type.empty()) error.type = word;
    if (status == 0 && number == nullptr && row != statuses.end()) error.status = row->status;
    const json::Member* details = fields.find("details");
    if (details != nullptr && details->value.type == json::Type::array) read_details(text, details->value, error);
    if (error.code == bad_key) error.status = 401;
  }
  if (error.type.empty()) error.type = word_of(error.status);
  return error;
}

std::string body_of(int status, std::string_view word, std::string_view message, std::string_view code,
                    std::string_view param) {
  std::string out;
  JsonWriter json(out);
  json.open_object();
  json.open_object("error");
  json.member("code", status);
  json.member("message", message);
  json.member("status", word);
  if (!code.empty() || !param.empty()) json.open_array("details");
  if (!code.empty()) {
    json.open_object();
    json.member("@type", info);
    json.member("reason", code);
    json.member("domain", "apigw");
    json.close();
  }
  if (!param.empty()) {
    json.open_object();
    json.member("@type", bad_request);
    json.open_array("fieldViolations");
    json.open_object();
    json.member("field", param);
    json.member("description", message);
    json.close();
    json.close();
    json.close();
  }
  if (!code.empty() || !param.empty()) json.close();
  json.close();
  json.close();
  return out;
}

}  // namespace

std::string error_body(const ClientError& error) {
  return body_of(error.status, word_of(error.status), error.message, error.code, error.param);
}

// What a provider said, for a client of this dialect: a word of the dialect's own stays, another type is the reason
// where the provider gave none.
std::string error_body(const chat::ProviderError& error) {
  const bool own = is_word(error.type);
  const bool foreign = error.code.empty() && !own;
  return body_of(error.status, own ? std::string_view(error.type) : word_of(error.status), error.message,
                 foreign ? error.type : error.code, error.param);
}

bool is_own_error(std::string_view text, const json::Document& body) {
  const json::Member* error = body.find("error");
  if (error == nullptr || error->value.type != json::Type::object) return false;
  const json::Document fields = json::members(text, error->value);
  const json::Member* message = fields.find("message");
  const json::Member* status = fields.find("status");
  return message != nullptr && message->value.type == json::Type::string && status != nullptr &&
         status->value.type == json::Type::string;
}

chat::ProviderError error_in(std::string_view text, const json::Document& body) {
  return completed(text, body, 0, provider_error(text, body, 0));
}

chat::ProviderError read_error(int status, const http::Headers& headers, std::string_view body) {
  chat::ProviderError error = provider_error(status, headers, body);
  auto scanned = json::scan(body);
  if (!scanned) return completed({}, {}, status, std::move(error));
  return completed(body, without_array(body, std::move(*scanned)), status, std::move(error));
}

}  // namespace apigw::dialects::gemini
