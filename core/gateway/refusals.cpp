#include "gateway/refusals.h"

#include <algorithm>

#include "gateway/prompt_call.h"
#include "http/problem.h"

namespace apigw::gateway {
namespace {

struct Row {
  ErrorKind kind;
  int status;
  std::string_view reason, message;
};

constexpr Row upstream_rows[] = {
    {ErrorKind::connect, 502, "upstream_unreachable", "the upstream could not be reached"},
    {ErrorKind::tls, 502, "upstream_tls", "no trusted connection to the upstream could be made"},
    {ErrorKind::closed, 502, "upstream_closed", "the upstream closed the connection before its reply was whole"},
    {ErrorKind::protocol, 502, "upstream_protocol", "the upstream sent a reply that is not valid"},
    {ErrorKind::too_large, 502, "upstream_too_large", "the upstream's reply is larger than this gateway takes"},
    {ErrorKind::denied, 502, "upstream_auth", "the provider's access token could not be had"},
    {ErrorKind::timeout, 504, "upstream_timeout", "the upstream did not answer in time"},
    {ErrorKind::unavailable, 503, "upstream_busy", "every connection to the upstream is in use; try again"},
    {ErrorKind::cancelled, 503, "stopping", "the gateway is stopping; try again"},
};

constexpr Row body_rows[] = {
    {ErrorKind::too_large, 413, "body_too_large", "the body is larger than this route takes"},
    {ErrorKind::timeout, 408, "body_too_slow", "the body did not arrive in time"},
    {ErrorKind::protocol, 400, "bad_body", "the body is not framed as HTTP asks"},
    {ErrorKind::invalid, 400, "bad_body", "the body is not framed as HTTP asks"},
};

policy::Refusal from(const Row& row) {
  return {row.status, row.reason, std::string(row.message), {}};
}

}  // namespace

policy::Refusal upstream_refusal(const Error& error) {
  const auto row = std::ranges::find(upstream_rows, error.kind, &Row::kind);
  if (row == std::end(upstream_rows)) return {502, "upstream_failed", "the call to the upstream failed", {}};
  policy::Refusal no = from(*row);
  if (no.status == 503) no.headers.add("retry-after", "1");
  return no;
}

std::optional<ErrorKind> upstream_fault(const policy::Refusal& refusal) {
  const auto row = std::ranges::find(upstream_rows, refusal.reason, &Row::reason);
  return row == std::end(upstream_rows) ? std::nullopt : std::optional(row->kind);
}

policy::Refusal body_refusal(const Error& error) {
  const auto row = std::ranges::find(body_rows, error.kind, &Row::kind);
  return row == std::end(body_rows) ? policy::Refusal{400, "bad_body", "the body could not be read", {}} : from(*row);
}

policy::Refusal secret_blocked() {
  return {502, "secret_blocked", "the provider's reply held a secret of this gateway", {}};
}

dialects::ClientError client_error(const policy::Refusal& refusal, std::string_view request_id) {
  return {.status = refusal.status,
          .code = refusal.code.empty() ? refusal.reason : std::string_view(refusal.code),
          .message = refusal.message,
          .param = refusal.param,
          .request_id = request_id};
}

std::string write_refusal(const policy::Refusal& refusal, ErrorShape shape, std::string_view request_id,
                          http::ResponseHead& head) {
  if (shape == &prompt_client()) shape = nullptr;
  head.status = refusal.status;
  head.headers = refusal.headers;
  head.content_length.reset();
  head.headers.set("content-type", shape ? "application/json" : http::problem_type);
  if (!request_id.empty()) head.headers.set("x-request-id", request_id);
  if (shape && !refusal.body.empty()) return refusal.body;
  if (shape) return shape->error_body(client_error(refusal, request_id));
  return http::problem_body({refusal.status, refusal.reason, refusal.message, request_id, refusal.errors});
}

}  // namespace apigw::gateway
