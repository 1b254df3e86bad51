#include "gateway/stream.h"

#include <utility>

#include <boost/asio/detached.hpp>

#include "gateway/refusals.h"
#include "gateway/reply_head.h"

namespace apigw::gateway {
namespace {

constexpr std::size_t most_together = 16 << 10;  // bytes of events that wait for others which are here already

// The error of an error's frame, "data: {…}", as an element.
std::string element_of(std::string_view frame, bool first) {
  wire::SseSplitter splitter(frame.size() + 1);
  splitter.feed(frame);
  const auto error = splitter.next();
  std::string out(before_element(first));
  if (error && *error) out += (*error)->data;
  return out;
}

}  // namespace

Stream::Stream(http::Exchange& exchange, Deadlines& deadlines, Ledger& ledger, const dialects::Dialect& dialect,
               const policy::SecretSet& secrets, std::size_t event_cap, wire::Framing framing)
    : exchange_(exchange),
      deadlines_(deadlines),
      ledger_(ledger),
      dialect_(dialect),
      event_cap_(event_cap),
      framing_(framing),
      filter_(secrets),
      beat_done_(deadlines.io()) {
  beat_done_.raise();
  deadlines_.enter();
  rest_begins();
}

Stream::~Stream() {
  deadlines_.leave();
}

void Stream::expired() {
  rest_begins();
  if (writing_ || exchange_.client_left()) return;
  writing_ = true;
  beat_done_.lower();
  boost::asio::co_spawn(deadlines_.io(), beat(), boost::asio::detached);
}

void Stream::write_head(const http::Headers& from, http::ResponseHead& to) const {
  to.status = 200;
  to.content_length.reset();
  to.headers = from;
  to.headers.set("content-type", wire::media_type(framing_));
  to.headers.set("cache-control", "no-cache");
  to.headers.set("x-accel-buffering", "no");
  to.headers.set("x-request-id", ledger_.request_id());
  tell_model(ledger_.outcome().model, to.headers);
}

std::string_view Stream::sign_of_life() const {
  const bool events = framing_ == wire::Framing::sse && !dialect_.heartbeat.empty();
  const bool own = events && (begun_ || !dialect_.passes_over_comments);
  return own ? dialect_.heartbeat : wire::sign_of_life(framing_);
}

Task<void> Stream::beat() {
  Result<void> sent;
  if (!exchange_.started()) {
    http::ResponseHead head;
    write_head({}, head);
    ledger_.outcome().status = head.status;
    sent = co_await exchange_.start(head);
  }
  if (sent) sent = co_await exchange_.write(sign_of_life());
  writing_ = false;
  beat_done_.raise();
}

Task<void> Stream::quiet() {
  return beat_done_.wait();
}

Task<Stream::Ended> Stream::relay(UpstreamCall& call, wire::Framing from, std::chrono::milliseconds patience,
                                  const http::Headers& head, Passage& passage) {
  splitter_ = wire::Splitter(from, event_cap_);
  held_.clear();
  failure_ = {};
  error_.reset();
  Step step = Step::going;
  auto heard = ledger_.now();
  while (step == Step::going) {
    const auto piece = co_await call.read_body();
    if (!piece) {
      step = fail_with(word(piece.error().kind), piece.error().kind);
    } else {
      step = piece->empty() ? close(passage) : take(*piece, passage);
      // What came together leaves together: under load a read brings several events, and a write costs as much as
      // one.
      for (std::string_view here; step == Step::going && held_.size() < most_together;) {
        here = call.body_here();
        if (here.empty()) break;
        step = take(here, passage);
      }
    }
    const auto now = ledger_.now();
    if (std::exchange(spoke_, false)) heard = now;
    if (step == Step::going && now - heard > patience) step = fail_with("timeout", ErrorKind::timeout);
    if (!committed_ || (held_.empty() && step != Step::done)) continue;
    // What may begin a secret is kept until the next frame decides; at the end nothing can follow it any more.
    const auto clean = filter_.feed(held_);
    if (clean.hit) {
      held_.clear();
      fail_with("secret_blocked", std::nullopt);
      co_return Ended::cut;
    }
    auto sent = co_await put(head, clean.bytes);
    held_.clear();
    if (step == Step::done && sent) {
      if (const auto rest = filter_.finish(); !rest.bytes.empty()) sent = co_await put(head, rest.bytes);
    }
    if (!sent) co_return Ended::client_left;
  }
  if (step == Step::broken) co_return committed_ ? Ended::cut : Ended::not_begun;
  if (!committed_) {
    fail_with("empty", ErrorKind::closed);
    co_return Ended::not_begun;
  }
  co_await quiet();
  writing_ = true;
  const auto finished = co_await exchange_.finish();
  co_return finished ? Ended::whole : Ended::client_left;
}

Stream::Step Stream::fail_with(std::string_view failure, std::optional<ErrorKind> error) {
  failure_ = failure;
  error_ = error;
  return Step::broken;
}

Stream::Step Stream::take(std::string_view piece, Passage& passage) {
  splitter_.feed(piece);
  for (;;) {
    const auto frame = splitter_.next();
    if (!frame) {
      const bool large = frame.error().kind == ErrorKind::too_large;
      return fail_with(large ? "event_too_large" : "upstream_protocol", frame.error().kind);
    }
    if (!*frame) return Step::going;
    if (const Step step = judge(passage.feed(**frame, held_)); step != Step::going) return step;
  }
}

// The upstream closed.
Stream::Step Stream::close(Passage& passage) {
  const auto rest = splitter_.finish();
  Step step = rest ? judge(passage.feed(*rest, held_)) : Step::going;
  if (step != Step::going) return step;
  step = judge(passage.finish(held_));
  return step == Step::broken ? fail_with("truncated", ErrorKind::closed) : step;
}

Stream::Step Stream::judge(const dialects::FrameVerdict& verdict) {
  using State = dialects::FrameVerdict::State;
  spoke_ = spoke_ || verdict.semantic;
  if (verdict.semantic && !committed_) {
    committed_ = true;
    exchange_.body_used();
    ledger_.first_byte();
  }
  if (verdict.state == State::failed) return fail_with("upstream_error", ErrorKind::closed);
  if (held_.size() > event_cap_ && !committed_) return fail_with("event_too_large", ErrorKind::too_large);
  return verdict.state == State::done ? Step::done : Step::going;
}

Task<Result<void>> Stream::put(const http::Headers& head, std::string_view bytes) {
  if (writing_) co_await quiet();
  writing_ = true;
  Result<void> sent;
  if (!exchange_.started()) {
    http::ResponseHead& reply = ledger_.scratch().reply;
    write_head(head, reply);
    ledger_.outcome().status = reply.status;
    sent = co_await exchange_.start(reply);
  }
  if (sent && !bytes.empty()) {
    begun_ = true;
    sent = co_await exchange_.write(bytes);
  }
  writing_ = false;
  rest_begins();
  co_return sent;
}

Task<void> Stream::break_off(const policy::Refusal& why) {
  std::string frame = why.body.empty() ? dialect_.broken_stream(client_error(why, ledger_.request_id()))
                                       : dialect_.error_frame(why.body);
  if (framing_ == wire::Framing::array) frame = element_of(frame, !begun_);
  co_await quiet();
  writing_ = true;
  if (exchange_.started()) {
    const auto sent = co_await exchange_.write(frame);
    static_cast<void>(sent);  // it is the end either way
  }
  exchange_.cut();
}

}  // namespace apigw::gateway
