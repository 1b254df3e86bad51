#include "http/problem.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace apigw::http {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr auto phrases = std::to_array<Phrase>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {529, "Overloaded"},
});
static_assert(std::ranges::is_sorted(phrases, {}, &Phrase::status));

}  // namespace

std::string_view status_phrase(int status) {
  const auto found = std::ranges::lower_bound(phrases, status, {}, &Phrase::status);
  return found != phrases.end() && found->status == status ? found->text : "Unknown";
}

std::string problem_body(const Problem& problem) {
  std::string body = fmt::format(R"({{"type":"about:blank","title":{},"status":{},"detail":{},"code":{})",
                                 json::quote(status_phrase(problem.status)), problem.status,
                                 json::quote(problem.detail), json::quote(problem.reason));
  if (!problem.request_id.empty()) body += fmt::format(R"(,"request_id":{})", json::quote(problem.request_id));
  if (!problem.errors.empty()) body.append(R"(,"errors":)").append(problem.errors);
  return body + "}\n";
}

}  // namespace apigw::http
