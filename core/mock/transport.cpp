#include "mock/transport.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/redirect_error.hpp>

#include "mock/reply.h"

namespace apigw::mock {

namespace {

using Executor = boost::asio::io_context::executor_type;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                                boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr boost::asio::use_awaitable_t<Executor> awaited;

constexpr auto for_ever = Timer::time_point::max;

class MockCall final : public gateway::UpstreamCall {
 public:
  MockCall(boost::asio::io_context& io, const Clock& clock, const model::Timeouts& timeouts, Pace pace,
           CannedPtr canned)
      : timer_(io),
        clock_(clock),
        first_byte_(timeouts.first_byte),
        between_bytes_(timeouts.between_bytes),
        pace_(pace),
        canned_(std::move(canned)) {}

  Task<Result<void>> send(const gateway::UpstreamRequest& request, std::string_view piece, bool last) override {
    method_ = request.method;
    target_ = request.target;
    return send_more(piece, last);
  }

  Task<Result<void>> send_more(std::string_view piece, bool last) override {
    if (aborted_) co_return cancelled();
    body_.append(piece);
    if (last) {
      reply_ = reply_to({.method = method_, .target = target_, .body = body_}, clock_.wall(), canned_.get());
      sent_ = true;
      timer_.cancel();
    }
    co_return Result<void>{};
  }

  Task<Result<const http::ResponseHead*>> read_head() override {
    while (!sent_ && !aborted_) {
      // Woken by the last piece of the request, or by abort.
      boost::system::error_code woken;
      timer_.expires_at(for_ever());
      co_await timer_.async_wait(boost::asio::redirect_error(awaited, woken));
    }
    const auto delay =
        reply_.headless && reply_.end == Reply::End::stall ? std::chrono::milliseconds::max() : reply_.before_head;
    const bool came = co_await wait(delay, first_byte_);
    if (aborted_) co_return cancelled();
    if (!came) co_return fail(ErrorKind::timeout, "the mock did not answer in time");
    if (reply_.headless) co_return fail(ErrorKind::closed, "the mock closed the connection before it answered");
    write_head();
    co_return &head_;
  }

  Task<Result<std::string_view>> read_body() override {
    const bool came = co_await wait(delay(), between_bytes_);
    if (aborted_) co_return cancelled();
    if (!came) co_return fail(ErrorKind::timeout, "the mock fell silent");
    if (next_ < reply_.pieces.size()) co_return std::string_view(reply_.pieces[next_++]);
    if (reply_.end == Reply::End::cut) co_return fail(ErrorKind::closed, "the mock broke the connection");
    co_return std::string_view();
  }

  [[nodiscard]] bool body_ready() override { return delay() == std::chrono::milliseconds{0}; }

  void abort() noexcept override {
    aborted_ = true;
    try {
      timer_.cancel();
    } catch (const boost::system::system_error&) {
      // Nothing waits then, which is what abort is for.
    }
  }

  [[nodiscard]] bool sent_any() const override { return !method_.empty(); }
  [[nodiscard]] bool reused() const override { return false; }
  void release() noexcept override { delete this; }

 private:
  static std::unexpected<Error> cancelled() {
    return fail(ErrorKind::cancelled, "the call to the mock was given up");
  }

  // Before the next piece.
  [[nodiscard]] std::chrono::milliseconds delay() const {
    if (next_ == reply_.pieces.size() && reply_.end == Reply::End::stall) return std::chrono::milliseconds::max();
    return reply_.streamed && next_ > 0 ? reply_.per_piece.value_or(pace_.per_token) : std::chrono::milliseconds{0};
  }

  // Waits `delay`, no longer than `most`: false when that was too short. Returns early once aborted.
  Task<bool> wait(std::chrono::milliseconds delay, std::chrono::milliseconds most) {
    if (aborted_ || delay.count() <= 0) co_return true;
    boost::system::error_code woken;
    timer_.expires_after(std::min(delay, most));
    co_await timer_.async_wait(boost::asio::redirect_error(awaited, woken));
    co_return delay <= most;
  }

  void write_head() {
    head_.status = reply_.status;
    head_.headers.add("content-type", reply_.content_type);
    head_.headers.add("x-apigw-mock", "1");
    for (const auto& [name, value] : reply_.headers) head_.headers.add(name, value);
    if (reply_.streamed || reply_.end != Reply::End::whole) return;
    std::uint64_t length = 0;
    for (const std::string& piece : reply_.pieces) length += piece.size();
    head_.content_length = length;
  }

  Timer timer_;
  const Clock& clock_;
  std::chrono::milliseconds first_byte_, between_bytes_;
  Pace pace_;
  const CannedPtr canned_;
  std::string method_, target_, body_;
  Reply reply_;
  http::ResponseHead head_;
  std::size_t next_ = 0;  // piece to hand out
  bool sent_ = false;
  bool aborted_ = false;
};

}  // namespace

Task<Result<gateway::OpenCall>> MockTransport::open(const gateway::Destination&, const model::Timeouts& timeouts,
                                                    bool, gateway::Opening&) {
  co_return gateway::OpenCall(new MockCall(io_, clock_, timeouts, pace_, canned_));
}

}  // namespace apigw::mock
