// Calls whose body is a form, and replies that are no JSON: what nobody reads here goes through as it comes.
#include "gateway/gateway.h"
#include "gateway/plain_return.h"
#include "gateway/upload.h"

namespace apigw::gateway {

Task<Gateway::Reading> Gateway::read_form(Serving s, std::string_view operation) {
  auto form = dialects::FormRequest::of(s.exchange.head().headers.find("content-type").value_or(""));
  if (!form) co_return unreadable(form.error());
  std::string& body = s.ledger.scratch().body;
  body.clear();
  bool last = false;
  while (!form->facts() && !last) {
    const auto piece = co_await s.exchange.read_body();
    if (!piece) co_return body_refusal(piece.error());
    last = piece->empty() || s.exchange.body_done();
    if (const auto read = form->feed(*piece, last); !read) co_return unreadable(read.error());
    body.append(*piece);
  }
  s.exchange.body_used();
  ReadCall call{.body = body, .facts = *form->facts(), .operation = operation};
  if (!last) call.rest = std::make_unique<dialects::FormRequest>(std::move(*form));
  s.ledger.scratch().model = call.facts.model;
  s.ledger.outcome().model = s.ledger.scratch().model;
  co_return call;
}

Task<Gateway::Returned> Gateway::try_form(Serving s, const Attempt& attempt, ModelRequest& call,
                                          dialects::FormRequest& rest, Stream* stream, Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  Upload upload(s.exchange, parts_.io);
  auto opened = co_await open(attempt, {attempt.body(), false}, false, leash, record);
  if (!opened) {
    record.error = opened.error().kind;
    co_return Failure{upstream_refusal(opened.error()), true};  // the rest is still with the client
  }
  if (!opened->head) {
    upload.start(*opened->call, &rest);
    auto head = co_await opened->call->read_head();
    if (head) {
      opened->head = *head;
    } else {
      record.error = head.error().kind;
      opened->call->abort();
    }
  }
  Returned returned;
  if (opened->head) returned = co_await return_reply(s, *opened, attempt, call, stream, true, leash);
  co_await upload.end();  // first, as it uses the exchange and the call
  const auto& client = upload.client_error();
  if (!opened->head)
    returned = Failure{client ? client->kind == ErrorKind::invalid ? unreadable(*client) : body_refusal(*client)
                              : upstream_refusal({*record.error, {}}),
                       false};
  if (auto* failure = std::get_if<Failure>(&returned)) failure->retryable = false;
  co_return returned;
}

Task<Gateway::Returned> Gateway::return_bytes(Serving s, Opened& opened, const Attempt& attempt, const Leash& leash) {
  AttemptRecord& record = s.ledger.outcome().attempts.back();
  const auto cut = [&](ErrorKind error, std::string_view reason) {
    record.error = error;
    opened.call->abort();
    s.exchange.abort();
    s.ledger.close(End::cut, reason);
  };
  auto piece = co_await opened.call->read_body();
  if (piece && piece->empty()) piece = fail(ErrorKind::protocol, "an empty reply");
  if (!piece) {
    record.error = piece.error().kind;
    co_return Failure{upstream_refusal(piece.error()), true};
  }
  if (s.exchange.started()) {  // as the stream that it is not
    co_return Failure{{502, "upstream_protocol", "the provider was asked for a stream and sent none", {}}, false};
  }
  s.ledger.first_byte();
  http::ResponseHead& head = s.ledger.scratch().reply;
  head = {.status = opened.head->status, .headers = {}, .content_length = opened.head->content_length};
  write_reply_fields(s.ledger, attempt, opened.head->headers, head.headers);
  s.ledger.outcome().status = head.status;
  policy::SecretFilter filter(s.house().secrets);
  auto sent = co_await s.exchange.start(head);
  while (sent && !piece->empty()) {
    const auto clean = filter.feed(*piece);
    if (clean.hit) {
      s.ledger.cell().secrets_blocked.add();
      cut(ErrorKind::protocol, "secret_blocked");
      co_return Returned{};
    }
    if (!clean.bytes.empty()) sent = co_await s.exchange.write(clean.bytes);
    if (!sent) break;
    piece = co_await opened.call->read_body();
    if (piece) continue;
    if (leash.client_left()) break;
    cut(piece.error().kind, leash.timed_out() ? "timeout" : word(piece.error().kind));
    co_return Returned{};
  }
  if (sent && piece) {
    if (const auto held = filter.finish(); !held.bytes.empty()) sent = co_await s.exchange.write(held.bytes);
    if (sent) sent = co_await s.exchange.finish();
  }
  const bool whole = sent && piece;
  if (!whole) opened.call->abort();
  s.ledger.close(whole ? End::done : End::client_left, whole ? "" : "client_left");
  co_return Returned{};
}

}  // namespace apigw::gateway
