#include "gateway/plain_return.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "dialects/provider_error.h"
#include "gateway/prompt_call.h"
#include "gateway/reply_head.h"
#include "http/hop_by_hop.h"
#include "http/problem.h"

namespace apigw::gateway {
namespace {

// Rounded up: whoever comes a moment early is refused again.
std::string seconds_text(std::chrono::milliseconds time) {
  return std::to_string(std::max<std::int64_t>((time.count() + 999) / 1000, 0));
}

dialects::ClientError client_error(const chat::ProviderError& error, const dialects::Dialect& client,
                                   std::string_view request_id = {}) {
  const std::string_view code = error.code.empty() ? std::string_view(error.type) : std::string_view(error.code);
  const std::string_view message =
      error.message.empty() ? std::string_view("the provider failed without saying why") : error.message;
  return {.status = client_status(error.status, client),
          .code = code,
          .message = message,
          .param = error.param,
          .request_id = request_id};
}

}  // namespace

bool retryable(int status) {
  constexpr std::array<int, 10> statuses{408, 409, 424, 425, 429, 500, 502, 503, 504, 529};
  return std::ranges::find(statuses, status) != statuses.end();
}

policy::Refusal refusal_of(const chat::ProviderError& error, const dialects::Dialect& client) {
  if (error.status == 401 || error.status == 403) {
    return {502, "upstream_auth", "the provider did not accept this gateway's credential", {}};
  }
  const dialects::ClientError told = client_error(error, client);
  policy::Refusal no{told.status, "upstream_error", std::string(told.message), {}};
  no.code = told.code;
  no.param = told.param;
  if (error.retry_after) no.headers.set("retry-after", seconds_text(*error.retry_after));
  return no;
}

Unusable no_answer(const http::ResponseHead& head, std::string_view body, const json::Limits& limits,
                   const dialects::Dialect& client, std::string_view otherwise) {
  if (const auto said = dialects::error_of_success(head.headers, body, limits))
    return {refusal_of(*said, client), retryable(said->status), ErrorKind::protocol};
  const std::string type = text::printable(head.headers.find("content-type").value_or(""), 60);
  return {{502,
           "upstream_protocol",
           fmt::format("{}{}", otherwise, type.empty() ? "" : fmt::format(" (content-type: {})", type)),
           {}},
          true,
          ErrorKind::protocol};
}

dialects::ReplyFacts reply_facts(const Ledger& ledger, bool stream_usage, std::string_view operation) {
  const auto now = ledger.outcome().started.time_since_epoch();
  return {.id = ledger.request_id(),
          .now = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
          .stream_usage = stream_usage,
          .operation = operation};
}

void write_reply_fields(const Ledger& ledger, const Attempt& attempt, const http::Headers& from, http::Headers& to) {
  http::copy_from_provider(from, to);
  to.set("x-request-id", ledger.request_id());
  tell_model(ledger.outcome().model, to);
  if (!attempt.translated()) return;
  to.set("content-type", "application/json");
  tell_losses(*ledger.outcome().losses, to);
}

PlainReturn::Judged PlainReturn::judge(const http::ResponseHead& head, std::string_view body) {
  const bool failed = head.status >= 300;
  if (failed) {
    error_ = attempt_.dialect().read_error(head.status, head.headers, body);
    // Some providers say of our credential what their status does not.
    if (error_.status == 401) return Unusable{refusal_of(error_, client_), false, std::nullopt};
    if (error_.retry_after) retry_after_ = seconds_text(*error_.retry_after);
  }
  const bool rewritten = attempt_.translated() || (failed && !own_error(body));
  Judged judged = !rewritten ? pass(head, body) : failed ? translate_error() : translate(head, body);
  if (std::holds_alternative<Unusable>(judged)) return judged;
  http::ResponseHead& reply = ledger_.scratch().reply;
  reply.status = failed ? client_status(rewritten ? error_.status : head.status, client_) : head.status;
  reply.content_length.reset();
  reply.headers.clear();
  write_reply_fields(ledger_, attempt_, head.headers, reply.headers);
  if (rewritten) reply.headers.set("content-type", "application/json");
  if (failed && &client_ == &prompt_client()) reply.headers.set("content-type", http::problem_type);
  if (retry_after_ && !reply.headers.has("retry-after")) reply.headers.set("retry-after", *retry_after_);
  return judged;
}

bool PlainReturn::own_error(std::string_view body) const {
  const auto scanned = json::scan(body, limits_);
  return scanned && client_.is_own_error(body, *scanned);
}

PlainReturn::Judged PlainReturn::pass(const http::ResponseHead& head, std::string_view body) {
  if (head.status >= 300) return body;
  auto usage = client_.scan_reply(operation_, body, limits_);
  if (!usage) return no_answer(head, body, limits_, client_, no_reply);
  ledger_.outcome().usage = *usage;
  ledger_.charge(*usage);
  return body;
}

PlainReturn::Judged PlainReturn::translate(const http::ResponseHead& head, std::string_view body) {
  const auto reply = attempt_.dialect().read_reply(body, attempt_.way_back(), limits_);
  if (!reply) return no_answer(head, body, limits_, client_, no_reply);
  ledger_.outcome().usage = reply->usage;
  ledger_.charge(reply->usage);
  written_ = client_.write_reply(*reply, reply_facts(ledger_, true, operation_), ledger_.scratch().losses);
  return std::string_view(written_);
}

PlainReturn::Judged PlainReturn::translate_error() {
  written_ = client_.error_body(client_error(error_, client_, ledger_.request_id()));
  return std::string_view(written_);
}

}  // namespace apigw::gateway
