// An http::Exchange in memory: a request given as values, a reply collected as values. No socket, no waiting.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "gateway/signal.h"
#include "http/exchange.h"

namespace apigw::test {

class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(std::string method, std::string_view target) {
    head_.method = std::move(method);
    auto parsed = http::parse_target(head_.method, target);
    if (!parsed) std::abort();
    head_.target = parsed->target;
    head_.host = "gateway.example";
    head_.client = "127.0.0.1";
  }

  FakeExchange& header(std::string_view name, std::string_view value) {
    head_.headers.add(name, value);
    return *this;
  }
  FakeExchange& client(std::string address) {
    head_.client = std::move(address);
    return *this;
  }
  // A body of announced length in one piece.
  FakeExchange& body(std::string text) {
    head_.content_length = text.size();
    return chunks({std::move(text)});
  }
  // A body of unannounced length, piece by piece; `broken` ends it instead of its end.
  FakeExchange& chunks(std::vector<std::string> pieces, std::optional<Error> broken = std::nullopt) {
    head_.has_body = true;
    pieces_ = std::move(pieces);
    broken_ = std::move(broken);
    return *this;
  }
  // Announces the length of a body that comes piece by piece.
  FakeExchange& length(std::uint64_t bytes) {
    head_.content_length = bytes;
    return *this;
  }
  // The body comes as far as its first piece, the rest once `more` is raised.
  FakeExchange& rest_waits_for(gateway::Signal& more) {
    more_ = &more;
    return *this;
  }
  // The client goes away after so many successful writes of the reply.
  FakeExchange& leaves_after_writes(int count) {
    writes_left_ = count;
    return *this;
  }
  // The client goes away now.
  void leave() {
    left_ = true;
    if (auto call = std::exchange(on_leave_, nullptr)) call();
  }

  // What the client got.
  int status = 0;
  http::Headers headers;
  std::string received;
  bool finished = false;  // the reply came to its proper end
  bool aborted = false;
  int writes = 0;  // successful ones, `reply` included; a head that was only started is not out yet
  std::uint64_t body_cap = 0, gathered = 0;
  int body_reads = 0;

  [[nodiscard]] std::string header_of(std::string_view name) const {
    return std::string(headers.find(name).value_or(""));
  }

  [[nodiscard]] const http::RequestHead& head() const override { return head_; }
  void limit_body(std::uint64_t cap, std::uint64_t /*rate*/) override { body_cap = cap; }
  void gather_body(std::uint64_t most) override { gathered = most; }
  Task<Result<std::string_view>> read_body() override {
    ++body_reads;
    if (more_ && next_ > 0) co_await more_->wait();
    if (stopped_) co_return fail(ErrorKind::cancelled, "nobody wants the rest");
    holds_piece_ = next_ < pieces_.size();
    if (next_ < pieces_.size()) co_return std::string_view(pieces_[next_++]);
    if (broken_) co_return std::unexpected(*broken_);
    co_return std::string_view();
  }
  // Whoever looks at the piece afterwards finds something else.
  void body_used() override {
    if (next_ > 0) std::ranges::fill(pieces_[next_ - 1], '#');
    holds_piece_ = false;
  }
  // The read ends when the test's next raise turns the loop, as a socket's does a turn later.
  void stop_body() override { stopped_ = true; }
  [[nodiscard]] bool body_stopped() const { return stopped_; }
  [[nodiscard]] bool holds_piece() const { return holds_piece_; }
  [[nodiscard]] bool body_done() const override { return next_ >= pieces_.size() && !broken_; }
  Task<Result<void>> reply(const http::ResponseHead& head, std::string_view body) override {
    take_head(head);
    auto sent = take(body);
    finished = sent.has_value();
    co_return sent;
  }
  Task<Result<void>> start(const http::ResponseHead& head) override {
    take_head(head);
    co_return Result<void>();
  }
  Task<Result<void>> write(std::string_view body) override { co_return take(body); }
  Task<Result<void>> finish() override {
    finished = true;
    co_return Result<void>();
  }
  void abort() noexcept override { aborted = true; }
  [[nodiscard]] bool started() const override { return started_; }
  void when_client_leaves(std::function<void()> call) override { on_leave_ = std::move(call); }
  [[nodiscard]] bool client_left() const override { return left_; }
  [[nodiscard]] std::uint64_t bytes_in() const override { return 100; }
  [[nodiscard]] std::uint64_t bytes_out() const override { return received.size(); }

 private:
  void take_head(const http::ResponseHead& head) {
    if (started_) std::abort();
    started_ = true;
    status = head.status;
    headers = head.headers;
  }
  Result<void> take(std::string_view body) {
    if (left_ || writes_left_ == 0) {
      leave();
      return fail(ErrorKind::closed, "the client left");
    }
    --writes_left_;
    ++writes;
    received += body;
    return {};
  }

  http::RequestHead head_;
  std::vector<std::string> pieces_;
  std::optional<Error> broken_;
  std::size_t next_ = 0;
  gateway::Signal* more_ = nullptr;
  int writes_left_ = 1'000'000;
  bool started_ = false, left_ = false, holds_piece_ = false, stopped_ = false;
  std::function<void()> on_leave_;
};

}  // namespace apigw::test
