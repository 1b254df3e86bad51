// One attempt up to the head of its reply: the connection, the request, and the one case in which it is sent twice.
#include "gateway/gateway.h"

namespace apigw::gateway {
namespace {

// Only what the other side's silence can mean: it had closed the pooled connection before we wrote.
bool went_stale(const Error& error, const UpstreamCall& call) {
  return call.reused() && error.kind == ErrorKind::closed;
}

}  // namespace

Task<Result<Gateway::Opened>> Gateway::open(const Attempt& attempt, Piece piece, bool replay, Leash& leash,
                                            AttemptRecord& record) {
  auto first = co_await send(attempt, piece, false, leash, record);
  Instance& instance = attempt.instance();
  if (!first && record.reused && first.error().kind == ErrorKind::closed && replay && !leash.cut()) {
    first = co_await send(attempt, piece, true, leash, record);
  }
  if (first) {
    instance.succeeded();
  } else if (!leash.cut()) {
    instance.failed(parts_.clock.now());
  }
  co_return first;
}

// `record.reused` says afterwards whether a pooled connection was to blame; a request of which no byte was sent
// counts as replayable whatever it is.
Task<Result<Gateway::Opened>> Gateway::send(const Attempt& attempt, Piece piece, bool fresh, Leash& leash,
                                            AttemptRecord& record) {
  Transport& transport = transport_of(attempt);
  auto call = co_await transport.open(attempt.destination(), attempt.timeouts(), fresh);
  if (!call) {
    record.reused = false;
    co_return std::unexpected(std::move(call.error()));
  }
  Opened opened{std::move(*call)};
  leash.hold(opened.call.get());
  record.reused = opened.call->reused();
  const auto sent = co_await opened.call->send(attempt.request(), piece.bytes, piece.last);
  // An upstream may refuse a body before it is all there: its reply is worth more than our write error.
  const bool may_have_answered = !sent && opened.call->sent_any() && sent.error().kind == ErrorKind::closed;
  if (!piece.last && sent) co_return opened;
  Error error = sent ? Error{} : sent.error();
  if (sent || may_have_answered) {
    auto head = co_await opened.call->read_head();
    if (head) {
      opened.head = *head;
      co_return opened;
    }
    error = std::move(head.error());
  }
  record.reused = went_stale(error, *opened.call);
  leash.hold(nullptr);
  co_return std::unexpected(std::move(error));
}

}  // namespace apigw::gateway
