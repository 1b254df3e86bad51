// The reply of a connection: one gathered write where possible, chunks where the length is unknown, and a broken end
// that looks broken.
#include <charconv>

#include <fmt/format.h>

#include "net/connection.h"
#include "net/heads.h"

namespace apigw::net {

void Connection::write_head(const http::ResponseHead& head, std::optional<std::uint64_t> length) {
  const bool silent = head.status == 204 || head.status == 304;
  bodiless_ = silent || head_.method == "HEAD";
  length_known_ = length.has_value();
  reply_left_ = length.value_or(0);
  chunked_ = !length_known_ && !bodiless_ && !http_1_0_;
  const bool until_close = !length_known_ && !bodiless_ && http_1_0_;
  closing_ = must_close() || until_close;
  ReplyFraming framing{.length = length, .chunked = chunked_, .close = closing_, .http_1_0 = http_1_0_};
  if (silent) framing.length = head.status == 304 ? head.content_length : std::nullopt;
  write_reply_head(head, framing, side_.loop.date_field(), out_);
  started_ = head_held_ = true;
}

Task<Result<void>> Connection::reply(const http::ResponseHead& head, std::string_view body) {
  if (started_) co_return fail(ErrorKind::internal, "a second reply");
  const bool to_head = head_.method == "HEAD" && head.content_length;
  write_head(head, to_head ? *head.content_length : body.size());
  head_held_ = false;
  finished_ = true;
  Gather parts;
  parts.add(out_);
  if (!bodiless_) parts.add(body);
  Task<Result<void>> sending = send(parts);
  auto result = co_await std::move(sending);
  co_return result;
}

Task<Result<void>> Connection::start(const http::ResponseHead& head) {
  if (started_) co_return fail(ErrorKind::internal, "a second reply");
  write_head(head, head.content_length);
  co_return Result<void>();
}

Task<Result<void>> Connection::write(std::string_view body) {
  if (finished_ || !started_) co_return fail(ErrorKind::internal, "write outside of a reply");
  Gather parts;
  if (std::exchange(head_held_, false)) parts.add(out_);
  if (!bodiless_ && !body.empty()) {
    if (length_known_ && body.size() > reply_left_) {
      abort();
      co_return fail(ErrorKind::internal, "a reply longer than announced");
    }
    if (length_known_) reply_left_ -= body.size();
    if (chunked_) {
      char* end = std::to_chars(chunk_head_.data(), chunk_head_.data() + 16, body.size(), 16).ptr;
      *end++ = '\r';
      *end++ = '\n';
      parts.add({chunk_head_.data(), end});
    }
    parts.add(body);
    if (chunked_) parts.add("\r\n");
  }
  Io io = channel_.write_now(parts);  // a token of a stream: no frame more than it takes
  if (io == Io::wait) {
    Task<Io> rest = channel_.write_rest(parts, side_.settings->timeouts.client_write);
    io = co_await std::move(rest);
  }
  co_return sent(io);
}

Task<Result<void>> Connection::finish() {
  if (finished_ || !started_) co_return fail(ErrorKind::internal, "finish outside of a reply");
  if (length_known_ && !bodiless_ && reply_left_ > 0) {
    abort();
    co_return fail(ErrorKind::internal, "a reply shorter than announced");
  }
  finished_ = true;
  Gather parts;
  if (std::exchange(head_held_, false)) parts.add(out_);
  if (chunked_) parts.add("0\r\n\r\n");
  Task<Result<void>> sending = send(parts);
  auto result = co_await std::move(sending);
  co_return result;
}

Task<Result<void>> Connection::send(Gather parts) {
  Io io = channel_.write_now(parts);
  if (io == Io::wait) {
    Task<Io> rest = channel_.write_rest(parts, side_.settings->timeouts.client_write);
    io = co_await std::move(rest);
  }
  if (io == Io::ok && finished_ && closing_) {
    // Unread bytes would turn our close into a reset that can overtake the reply.
    if (!body_.done()) channel_.end_read();
    lingering_ = !body_.done() || !channel_.input().empty() || channel_.unread();
  }
  co_return sent(io);
}

Result<void> Connection::sent(Io io) {
  if (io == Io::ok) return {};
  broken_ = true;
  if (io == Io::timeout) {
    channel_.reset();
    left();
    return fail(ErrorKind::timeout, "the client takes no bytes");
  }
  if (io == Io::cancelled) return fail(ErrorKind::cancelled, "the connection was closed");
  left();
  return fail(ErrorKind::closed, "the client left");
}

// A reset would take from the client what it has not read yet; the missing last chunk says as well that this is no
// end.
void Connection::cut() noexcept {
  if (!chunked_ || !started_ || finished_ || broken_) return abort();
  finished_ = broken_ = lingering_ = true;
}

void Connection::abort() noexcept {
  if (finished_ && !broken_) return;
  broken_ = true;
  started_ ? channel_.reset() : channel_.close();
}

}  // namespace apigw::net
