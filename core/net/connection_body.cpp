// The request body of a connection: read on demand, capped, with a minimum pace.
#include <algorithm>

#include <fmt/format.h>

#include "net/connection.h"

namespace apigw::net {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds pace_grace{10};  // before the minimum rate counts
constexpr std::uint64_t skip_limit = 16 << 10;  // of a body that nobody wanted, to keep the connection
constexpr std::string_view invitation = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void Connection::limit_body(std::uint64_t cap, std::uint64_t rate) {
  body_cap_ = cap;
  body_rate_ = rate;
}

Result<std::string_view> Connection::body_failed(ErrorKind kind, std::string what) {
  body_error_ = Error{kind, std::move(what)};
  return std::unexpected(*body_error_);
}

Task<Result<std::string_view>> Connection::read_body() {
  if (body_error_) co_return std::unexpected(*body_error_);
  if (body_.remaining() > body_cap_) {
    co_return body_failed(ErrorKind::too_large, fmt::format("request body: more than {} bytes", body_cap_));
  }
  if (expects_invitation_ && !invite_body()) co_return body_failed(ErrorKind::closed, "the client left");
  std::string_view piece;
  while (!body_.done()) {
    const BodyReader::State state = body_.next(piece);
    if (state == BodyReader::State::malformed)
      co_return body_failed(ErrorKind::invalid, "request body: broken chunk");
    if (body_.received() > body_cap_) {
      co_return body_failed(ErrorKind::too_large, fmt::format("request body: more than {} bytes", body_cap_));
    }
    if (state == BodyReader::State::data) co_return piece;
    const Io io = co_await wait_for_body();
    if (io == Io::ok) continue;
    if (io == Io::timeout) co_return body_failed(ErrorKind::timeout, "request body: the client is too slow");
    if (io == Io::cancelled) co_return body_failed(ErrorKind::cancelled, "request body: stopping");
    left();
    co_return body_failed(ErrorKind::closed, "request body: the client left");
  }
  channel_.input().rest();  // the last piece is void now
  co_return std::string_view();
}

bool Connection::invite_body() {
  expects_invitation_ = false;
  if (started_) return true;  // the reply is on its way already
  Gather parts;
  parts.add(invitation);
  return channel_.write_now(parts) == Io::ok;
}

// Slow bytes are as bad as none: past the grace the body must have averaged its minimum rate.
Task<Io> Connection::wait_for_body() {
  if (finished_ && closing_) co_return Io::cancelled;  // the reply is out, nobody wants the rest
  Io io = channel_.fill(body_.wanted());
  if (io != Io::wait) co_return io;
  using std::chrono::nanoseconds;
  nanoseconds limit = side_.settings->timeouts.body_idle;
  if (body_rate_ > 0) {
    const auto earned =
        std::chrono::duration<double>(static_cast<double>(body_.received()) / static_cast<double>(body_rate_));
    const auto allowed = std::max<nanoseconds>(
        pace_grace, std::chrono::duration_cast<nanoseconds>(std::min(earned, std::chrono::duration<double>(1e6))));
    limit = std::min(limit, allowed - body_waited_);
    if (limit <= nanoseconds::zero()) co_return Io::timeout;
  }
  const auto began = side_.loop.timers.now();
  io = co_await channel_.readable(std::chrono::ceil<milliseconds>(limit));
  body_waited_ += side_.loop.timers.now() - began;
  co_return io;
}

bool Connection::must_close() const {
  if (!keep_alive_ || side_.draining || closing_ || body_error_) return true;
  if (body_.done()) return false;
  const bool short_rest = body_.kind() == http::BodyKind::length && body_.remaining() <= skip_limit;
  return !short_rest || expects_invitation_;
}

Task<bool> Connection::skip_body() {
  std::string_view piece;
  while (!body_.done()) {
    if (body_.next(piece) != BodyReader::State::more) continue;
    const Io io = co_await wait_for_body();
    if (io != Io::ok) co_return false;
  }
  co_return true;
}

}  // namespace apigw::net
