// One attempt up to the head of its reply: the connection, the request, and the one case in which it is sent twice.
#include <boost/asio/post.hpp>

#include "gateway/gateway.h"
#include "gateway/signal.h"

namespace apigw::gateway {

Task<Result<Gateway::Opened>> Gateway::open(const Attempt& attempt, Piece piece, bool replay, Leash& leash,
                                            AttemptRecord& record) {
  if (attempt.token() != nullptr) {
    auto authorized = co_await authorize(attempt, leash);
    if (!authorized) co_return std::unexpected(std::move(authorized.error()));
  }
  bool stale = false;
  auto opened = co_await send(attempt, piece, false, replay, leash, record, stale);
  if (!opened && stale && !leash.cut()) {
    opened = co_await send(attempt, piece, true, replay, leash, record, stale);
  }
  Instance& instance = attempt.instance();
  if (opened) {
    instance.succeeded();
  } else if (!leash.cut()) {
    instance.failed(parts_.clock.now());
  }
  co_return opened;
}

Task<Result<void>> Gateway::authorize(const Attempt& attempt, Leash& leash) {
  credential::TokenSlot& slot = *attempt.token();
  // Called on the thread that fetches, which ends before this one's io_context does; this exchange may be over by
  // then.
  const auto over = std::make_shared<Signal>(deadlines_.io());
  const auto ready = [&io = deadlines_.io(), waiting = std::weak_ptr(over)] {
    boost::asio::post(io, [waiting] {
      if (const auto signal = waiting.lock()) signal->raise();
    });
  };
  bool waits = false;
  auto token = slot.good_or(parts_.clock.wall(), ready, waits);
  if (waits) {
    const Opening::Wait wait(leash.opening(), [signal = over.get()] { signal->raise(); });
    co_await over->wait();
    token = slot.good(parts_.clock.wall());
  }
  if (leash.cut()) co_return fail(ErrorKind::cancelled, "the call was cut");
  if (!token) co_return fail(ErrorKind::denied, "no access token for the provider");
  attempt.bear(*token);
  co_return Result<void>();
}

// `stale` says after a failure that it can only mean that the other side had closed the pooled connection before we
// wrote, and that the request may go out again: none of it was sent, or `replay` allows it.
Task<Result<Gateway::Opened>> Gateway::send(const Attempt& attempt, Piece piece, bool fresh, bool replay,
                                            Leash& leash, AttemptRecord& record, bool& stale) {
  Transport& transport = transport_of(attempt);
  stale = false;
  auto call = co_await transport.open(attempt.destination(), attempt.timeouts(), fresh, leash.opening());
  if (!call) co_return std::unexpected(std::move(call.error()));
  Opened opened{std::move(*call)};
  UpstreamCall& upstream = *opened.call;
  leash.hold(&upstream);
  record.reused = upstream.reused();
  const auto sent = co_await upstream.send(attempt.request(), piece.bytes, piece.last);
  if (!piece.last && sent) co_return opened;
  Error error = sent ? Error{} : sent.error();
  // An upstream may refuse a body before it is all there: its reply is worth more than our write error.
  if (sent || (upstream.sent_any() && error.kind == ErrorKind::closed)) {
    auto head = co_await upstream.read_head();
    if (head) {
      opened.head = *head;
      co_return opened;
    }
    error = std::move(head.error());
  }
  stale = record.reused && error.kind == ErrorKind::closed && (replay || !upstream.sent_any());
  leash.hold(nullptr);
  co_return std::unexpected(std::move(error));
}

}  // namespace apigw::gateway
