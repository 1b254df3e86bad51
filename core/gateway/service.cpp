// Calls to services: the request streamed up while the reply is streamed down, each at the pace of its slower side.
#include <algorithm>
#include <array>

#include "gateway/gateway.h"
#include "gateway/upload.h"
#include "http/hop_by_hop.h"

namespace apigw::gateway {
namespace {

constexpr std::uint64_t small_body =
    64 << 10;                              // read whole, sent in one write, and sent again over a stale connection
constexpr std::size_t most_instances = 3;  // tried for one call while none takes the connection

bool idempotent(std::string_view method) {
  constexpr std::array<std::string_view, 6> safe{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return std::ranges::find(safe, method) != safe.end();
}

// Nothing was sent, so another instance may have it.
bool before_sending(ErrorKind kind) {
  return kind == ErrorKind::connect || kind == ErrorKind::tls || kind == ErrorKind::unavailable;
}

void write_reply_head(const http::ResponseHead& from, const model::Route& route, std::string_view request_id,
                      http::ResponseHead& to) {
  to.status = from.status;
  to.content_length = from.content_length;
  to.headers.clear();
  http::copy_from_service(from.headers, to.headers);
  to.headers.add("x-request-id", request_id);
  for (const auto& edit : route.response_headers) {
    edit.value ? to.headers.set(edit.name, *edit.value) : to.headers.remove(edit.name);
  }
}

}  // namespace

Task<Result<Gateway::Piece>> Gateway::first_piece(Serving s) {
  const http::RequestHead& head = s.exchange.head();
  if (!head.has_body) co_return Piece{};
  if (head.content_length.value_or(small_body + 1) <= small_body) {
    auto whole = co_await read_whole(s);
    if (!whole) co_return std::unexpected(std::move(whole.error()));
    co_return Piece{*whole, true};
  }
  auto piece = co_await s.exchange.read_body();
  if (!piece) co_return std::unexpected(std::move(piece.error()));
  co_return Piece{*piece, piece->empty() || s.exchange.body_done()};
}

Task<void> Gateway::call_service(Serving s, const policy::GrantedCall& granted, const routing::Match& match,
                                 const ReadCall& read) {
  const model::Route& route = *match.route;
  const auto& service = s.house().plan->at(std::get<model::ToService>(route.action).service);
  Leash leash(s.exchange, deadlines_, route.timeout ? route.timeout : service.timeouts.whole);
  Upload upload(s.exchange, parts_.io);
  Result<Piece> piece = Piece{read.body, true};
  if (!read.whole) piece = co_await first_piece(s);
  if (!piece) {
    co_await refuse(s, body_refusal(piece.error()), End::refused);
    co_return;
  }
  auto opened = co_await open_service(s, granted, match, *piece, leash);
  // Why there is no reply, kept apart from `opened`: pump and leash use the call until the end of this function.
  std::optional<Error> failure;
  if (!opened) {
    failure = std::move(opened.error());
  } else if (!opened->head) {
    upload.start(*opened->call);
    auto head = co_await opened->call->read_head();
    if (head) {
      opened->head = *head;
    } else {
      opened->call->abort();
      failure = std::move(head.error());
    }
  }
  if (failure) {
    co_await fail_call(s, std::move(*failure), upload, leash);
  } else {
    co_await relay(s, route, *opened, upload, leash);
  }
  co_await upload.end();  // first, as it uses the exchange and the call
  leash.hold(nullptr);
  if (!failure) s.ledger.outcome().attempts.back().took = s.ledger.since(opened->began);
}

Task<Result<Gateway::Opened>> Gateway::open_service(Serving s, const policy::GrantedCall& granted,
                                                    const routing::Match& match, Piece piece, Leash& leash) {
  const auto& to = std::get<model::ToService>(match.route->action);
  UpstreamSeries& upstream = *s.house().bindings->services[static_cast<std::size_t>(to.service)];
  auto& attempts = s.ledger.outcome().attempts;
  const bool replay = piece.last && idempotent(s.exchange.head().method);
  const std::size_t tries = std::min(upstream.instances.size(), most_instances);
  Error error{ErrorKind::unavailable, "the service has no instance"};
  for (std::size_t i = 0; i < tries; ++i) {
    const std::size_t instance = upstream.pick(s.ledger.began());
    auto attempt = Attempt::to_service(granted, s.house(), s.exchange.head(), match, instance, introduction(s),
                                       s.ledger.scratch().request);
    if (!attempt) co_return std::unexpected(std::move(attempt.error()));
    attempts.push_back(attempt->record());
    const auto began = s.ledger.now();
    auto opened = co_await open(*attempt, piece, replay, leash, attempts.back());
    attempts.back().took = s.ledger.since(began);
    if (opened) {
      opened->began = began;
      co_return opened;
    }
    error = std::move(opened.error());
    attempts.back().error = error.kind;
    if (!before_sending(error.kind) || leash.cut()) break;
  }
  co_return std::unexpected(std::move(error));
}

Task<void> Gateway::relay(Serving s, const model::Route& route, Opened& opened, Upload& upload, Leash& leash) {
  s.ledger.first_byte();
  if (!upload.running()) s.exchange.body_used();  // no other try will want it
  s.ledger.outcome().attempts.back().status = opened.head->status;
  http::ResponseHead& head = s.ledger.scratch().reply;
  write_reply_head(*opened.head, route, s.ledger.request_id(), head);
  s.ledger.outcome().status = head.status;
  // Head and body in one write where the body has come along; a service that says no more yet is not waited for.
  Result<void> sent;
  if (!opened.call->body_ready()) sent = co_await start_reply(s, head, {});
  bool whole = false;
  while (sent && !whole) {
    auto piece = co_await opened.call->read_body();
    if (!piece) {
      co_await fail_call(s, std::move(piece.error()), upload, leash);
      co_return;
    }
    whole = piece->empty();
    if (!s.exchange.started() && (whole || piece->size() == head.content_length)) {
      sent = co_await s.exchange.reply(head, *piece);
      whole = true;
    } else if (whole) {
      sent = co_await s.exchange.finish();
    } else if (s.exchange.started()) {
      sent = co_await s.exchange.write(*piece);
    } else {
      sent = co_await start_reply(s, head, *piece);
    }
  }
  if (sent) {
    s.ledger.close(End::done, {});
  } else {
    opened.call->abort();
    s.ledger.close(End::client_left, "client_left");
  }
}

Task<Result<void>> Gateway::start_reply(Serving s, const http::ResponseHead& head, std::string_view body) {
  auto sent = co_await s.exchange.start(head);
  if (sent) sent = co_await s.exchange.write(body);
  co_return sent;
}

Task<void> Gateway::fail_call(Serving s, Error error, Upload& upload, const Leash& leash) {
  auto& attempts = s.ledger.outcome().attempts;
  if (!attempts.empty() && !attempts.back().error) attempts.back().error = error.kind;
  policy::Refusal refusal = upstream_refusal(error);
  if (error.kind == ErrorKind::invalid) refusal = {500, "bad_rewrite", "the route's rewrite cannot be written", {}};
  if (upload.client_error()) refusal = body_refusal(*upload.client_error());
  if (leash.timed_out()) refusal = {504, "timeout", "the route's time for the whole exchange is over", {}};
  if (leash.client_left() || s.exchange.client_left()) {
    s.ledger.close(End::client_left, "client_left");
  } else if (s.exchange.started()) {
    s.exchange.abort();
    s.ledger.close(End::cut, refusal.reason);
  } else {
    co_await refuse(s, std::move(refusal), End::failed);
  }
}

}  // namespace apigw::gateway
