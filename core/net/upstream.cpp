#include "net/upstream.h"

#include <charconv>

#include <fmt/format.h>
#include <sys/socket.h>

#include "net/heads.h"
#include "net/pool.h"

namespace apigw::net {
namespace {

constexpr http::HeaderCaps reply_caps{.section = 64 << 10, .fields = 256, .start_line = 8 << 10};
constexpr unsigned interim_limit = 16;  // 1xx heads before the final one

}  // namespace

Upstream::Upstream(Pool& pool, std::shared_ptr<Shelf> shelf)
    : pool_(pool),
      shelf_(std::move(shelf)),
      channel_(pool.loop(), *this),
      body_(channel_.input(), parser_),
      idle_(pool.loop().timers, this, [](void* self) {
        auto* upstream = static_cast<Upstream*>(self);
        if (upstream->in_pool_) upstream->pool_.discard(*upstream);
      }) {}

Upstream::~Upstream() {
  pool_.gone(*this);
}

void Upstream::begin(const model::Timeouts& timeouts, bool reused) {
  in_pool_ = false;
  idle_.clear();
  reused_ = reused;
  first_byte_ = timeouts.first_byte;
  between_bytes_ = timeouts.between_bytes;
  out_base_ = channel_.bytes_out;
  turn_ = Turn::ours;
  progress_ = {};
  scanner_ = http::HeaderScanner(http::HeaderScanner::Side::reply, reply_caps);
  request_done_ = head_done_ = keep_alive_ = chunked_ = false;
}

void Upstream::lie_idle(std::chrono::milliseconds limit) {
  in_pool_ = true;
  channel_.input().rest();
  idle_since_ = pool_.loop().timers.now();
  idle_.set(limit);
}

bool Upstream::still_good() {
  if (!channel_.open() || channel_.peer_gone()) return false;
  if (pool_.loop().timers.now() == idle_since_) return true;
  char byte = 0;
  const ssize_t n = ::recv(channel_.number(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && errno == EAGAIN;
}

bool Upstream::peer_left(bool) {
  if (!in_pool_) return true;
  pool_.discard(*this);
  return false;
}

// Nobody asked anything. Under TLS it may be a session ticket; the read that serves the next call takes it along.
bool Upstream::bytes_came() {
  if (!in_pool_ || channel_.tls()) return true;
  pool_.discard(*this);
  return false;
}

void Upstream::add_piece(Gather& parts, std::string_view piece, bool last) {
  if (!chunked_) return parts.add(piece);
  if (!piece.empty()) {
    char* end = std::to_chars(chunk_head_.data(), chunk_head_.data() + 16, piece.size(), 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    parts.add({chunk_head_.data(), end});
    parts.add(piece);
    parts.add("\r\n");
  }
  if (last) parts.add("0\r\n\r\n");
}

Task<Result<void>> Upstream::send(const gateway::UpstreamRequest& request, std::string_view piece, bool last) {
  chunked_ = request.has_body && !request.content_length;
  method_ = request.method;
  const std::string before = hop_ ? shelf_->destination.origin.text() : std::string();
  write_request_head(request, before, hop_ ? hop_->credential : std::string_view(), out_);
  Gather parts;
  parts.add(out_);
  add_piece(parts, piece, last);
  Task<Result<void>> writing = write(parts, last);
  auto result = co_await std::move(writing);
  co_return result;
}

Task<Result<void>> Upstream::send_more(std::string_view piece, bool last) {
  Gather parts;
  add_piece(parts, piece, last);
  Task<Result<void>> writing = write(parts, last);
  auto result = co_await std::move(writing);
  co_return result;
}

Task<Result<void>> Upstream::write(Gather parts, bool last) {
  turn_ = Turn::ours;
  Io io = channel_.write_now(parts);
  while (io == Io::wait) {
    progress_ = pool_.loop().timers.now();
    io = co_await channel_.writable(between_bytes_);
    if (io == Io::ok) io = channel_.write_now(parts);
  }
  progress_ = pool_.loop().timers.now();
  if (io != Io::ok) co_return failed(io, "send the request");
  request_done_ = last;
  if (!last) turn_ = Turn::clients;
  co_return Result<void>();
}

Task<Result<const http::ResponseHead*>> Upstream::read_head() {
  unsigned interim = 0;
  while (!head_done_) {
    const auto fed = scanner_.feed(channel_.input().view());
    if (!fed)
      co_return fail(ErrorKind::protocol,
                     fmt::format("{} answered malformed HTTP: {}", shelf_->name, fed.error().reason));
    if (const std::optional<std::size_t> size = *fed) {
      const auto final = take_head(channel_.input().view().substr(0, *size));
      channel_.input().consume(*size);
      if (!final) co_return std::unexpected(final.error());
      if (!*final && ++interim > interim_limit)
        co_return fail(ErrorKind::protocol, shelf_->name + " answers 1xx without end");
      continue;
    }
    Io io = channel_.fill();
    if (io == Io::wait) {
      Task<Io> wait = channel_.readable(patience());
      io = co_await std::move(wait);
    }
    if (io == Io::timeout && patience() > model::Milliseconds::zero()) continue;
    if (io == Io::timeout) co_return fail(ErrorKind::timeout, shelf_->name + " gave no answer in time");
    if (io != Io::ok) co_return failed(io, "wait for the answer");
  }
  co_return &reply_;
}

// The clock of the answer runs from the last byte that the upstream took, and stands still while the next piece of
// the request is the client's to send: an upstream owes nothing for a body that it has not got, and the client has
// its own limits. It runs when the upstream stops taking what we have, and when the upload ended broken.
model::Milliseconds Upstream::patience() {
  if (turn_ == Turn::clients) return first_byte_;
  return pool_.loop().timers.until(progress_ + first_byte_);
}

// True for the final head, false for one to pass over.
Result<bool> Upstream::take_head(std::string_view section) {
  StartLine line;
  reply_.headers.clear();
  scanner_.restart();
  const auto malformed = [this](std::string_view reason) {
    return fail(ErrorKind::protocol, fmt::format("{} answered malformed HTTP: {}", shelf_->name, reason));
  };
  if (!parser_.section(section, reply_.headers, line)) return malformed("fields");
  if (line.status < 200 && line.status != 101) return false;
  const auto framing = http::check_reply_framing(method_, line.status, reply_.headers, line.minor);
  if (!framing) return malformed(framing.error().reason);
  if (framing->body == http::BodyKind::chunked && !parser_.chunked()) return malformed("transfer_encoding");
  reply_.status = line.status;
  reply_.content_length = framing->content_length;
  keep_alive_ = framing->keep_alive;
  body_.begin(framing->body, framing->content_length.value_or(0));
  head_done_ = true;
  return true;
}

Task<Result<std::string_view>> Upstream::read_body() {
  std::string_view piece;
  while (!body_.done()) {
    const BodyReader::State state = body_.next(piece);
    if (state == BodyReader::State::data) co_return piece;
    if (state == BodyReader::State::malformed)
      co_return fail(ErrorKind::protocol, shelf_->name + " sent a broken chunk");
    Io io = channel_.fill(body_.wanted());
    if (io == Io::wait) {
      Task<Io> wait = channel_.readable(between_bytes_);
      io = co_await std::move(wait);
    }
    if (io == Io::ok) continue;
    if (io == Io::eof && body_.end_of_stream()) break;
    if (io == Io::timeout) co_return fail(ErrorKind::timeout, shelf_->name + " stopped sending");
    co_return failed(io, "read the answer");
  }
  co_return std::string_view();
}

std::string_view Upstream::body_here() {
  std::string_view piece;
  if (!body_.done() && body_.next(piece) != BodyReader::State::data) piece = {};
  return piece;
}

bool Upstream::body_ready() {
  // Under TLS the record behind the head's may be here and not yet be opened.
  if (channel_.tls() && channel_.input().empty()) channel_.fill(body_.wanted());
  return body_.done() || !channel_.input().empty() || channel_.peer_gone();
}

std::unexpected<Error> Upstream::failed(Io io, std::string_view during) const {
  const std::string what = fmt::format("{}: {}: ", shelf_->name, during);
  if (io == Io::timeout) return fail(ErrorKind::timeout, what + "it takes no bytes");
  if (io == Io::cancelled) return fail(ErrorKind::cancelled, what + "stopped");
  return fail(ErrorKind::closed, what + "the connection was closed");
}

void Upstream::release() noexcept {
  const bool whole = request_done_ && head_done_ && body_.done() && keep_alive_;
  const bool quiet = channel_.open() && !channel_.peer_gone() && channel_.input().empty();
  if (whole && quiet && pool_.keep(*this)) return;
  channel_.close();
  delete this;
}

}  // namespace apigw::net
