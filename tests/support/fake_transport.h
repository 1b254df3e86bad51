// A gateway::Transport in memory: what each call answers is written down before, what it was asked is kept.
//
// Calls take their scripts in order; a call without a script is a failure of the test. A script may pause before its
// head until the test says go, so that a deadline or a leaving client can be put between.
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/signal.h"
#include "gateway/transport.h"

namespace apigw::test {

struct Script {
  std::optional<Error> open_error;
  bool pause_open = false;  // until go() or until the open is stopped
  bool reused = false;
  std::optional<Error> send_error;
  std::optional<Error> head_error;  // instead of a head
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::string> pieces;
  bool announce_length = true;     // content-length of all pieces
  std::optional<Error> end_error;  // after the pieces, instead of the end
  bool pause = false;              // before the head, until go()
  bool pause_body = false;         // behind the head and `pause_before` pieces, until go()
  std::size_t pause_before = 0;
  bool together = false;                          // a piece that was read has all others behind it
  std::function<void(std::size_t)> before_piece;  // called with its number
};

inline Script json_reply(std::string body, int status = 200) {
  return {.status = status, .headers = {{"content-type", "application/json"}}, .pieces = {std::move(body)}};
}
inline Script event_stream(std::vector<std::string> frames) {
  return {.headers = {{"content-type", "text/event-stream"}}, .pieces = std::move(frames), .announce_length = false};
}
inline Script unreachable() {
  return {.open_error = Error{ErrorKind::connect, "connect: refused"}};
}

class FakeTransport final : public gateway::Transport {
 public:
  explicit FakeTransport(boost::asio::io_context& io) : go_(io) {}

  struct Asked {
    model::Origin origin;
    gateway::UpstreamRequest request;
    std::string body;
    std::uint64_t gathered = 0;
    bool fresh = false, aborted = false, released = false, ended = false;
  };
  std::deque<Script> scripts;
  std::vector<std::shared_ptr<Asked>> asked;  // one a call that was opened, and one a failed open

  void go() { go_.raise(); }

  Task<Result<gateway::OpenCall>> open(const gateway::Destination& destination, const model::Timeouts& /*timeouts*/,
                                       bool fresh, gateway::Opening& opening) override {
    auto call = std::make_shared<Asked>();
    call->origin = destination.origin;
    call->fresh = fresh;
    asked.push_back(call);
    if (scripts.empty()) co_return fail(ErrorKind::internal, "no script is left");
    Script script = std::move(scripts.front());
    scripts.pop_front();
    if (script.pause_open) {
      const gateway::Opening::Wait wait(opening, [this] { go_.raise(); });
      co_await go_.wait();
    }
    if (opening.stopped()) co_return fail(ErrorKind::cancelled, "stopped");
    if (script.open_error) co_return std::unexpected(*script.open_error);
    co_return gateway::OpenCall(new Call(std::move(script), std::move(call), go_));
  }

 private:
  class Call final : public gateway::UpstreamCall {
   public:
    Call(Script script, std::shared_ptr<Asked> asked, gateway::Signal& go)
        : script_(std::move(script)), asked_(std::move(asked)), go_(go) {}

    Task<Result<void>> send(const gateway::UpstreamRequest& request, std::string_view piece, bool last) override {
      asked_->request = request;
      if (script_.send_error) co_return std::unexpected(*script_.send_error);
      sent_ = true;
      co_return take(piece, last);
    }
    Task<Result<void>> send_more(std::string_view piece, bool last) override { co_return take(piece, last); }
    Task<Result<const http::ResponseHead*>> read_head() override {
      if (script_.pause) co_await go_.wait();
      if (asked_->aborted) co_return fail(ErrorKind::cancelled, "aborted");
      if (script_.head_error) co_return std::unexpected(*script_.head_error);
      head_.status = script_.status;
      for (const auto& [name, value] : script_.headers) head_.headers.add(name, value);
      std::size_t length = 0;
      for (const auto& piece : script_.pieces) length += piece.size();
      if (script_.announce_length) head_.content_length = length;
      co_return &head_;
    }
    void gather_body(std::uint64_t most) override { asked_->gathered = most; }
    [[nodiscard]] std::string_view body_here() override {
      if (!script_.together || next_ == 0 || next_ >= script_.pieces.size()) return {};
      return script_.pieces[next_++];
    }
    [[nodiscard]] bool body_ready() override { return !script_.pause_body || next_ != script_.pause_before; }
    Task<Result<std::string_view>> read_body() override {
      if (!body_ready()) co_await go_.wait();
      if (script_.before_piece) script_.before_piece(next_);
      if (asked_->aborted) co_return fail(ErrorKind::cancelled, "aborted");
      if (next_ < script_.pieces.size()) co_return std::string_view(script_.pieces[next_++]);
      if (script_.end_error) co_return std::unexpected(*script_.end_error);
      asked_->ended = true;
      co_return std::string_view();
    }
    void abort() noexcept override {
      asked_->aborted = true;
      go_.raise();
    }
    [[nodiscard]] bool sent_any() const override { return sent_; }
    [[nodiscard]] bool reused() const override { return script_.reused; }
    void release() noexcept override {
      asked_->released = true;
      delete this;
    }

   private:
    Result<void> take(std::string_view piece, bool /*last*/) {
      if (asked_->aborted) return fail(ErrorKind::cancelled, "aborted");
      asked_->body += piece;
      return {};
    }
    Script script_;
    std::shared_ptr<Asked> asked_;
    gateway::Signal& go_;
    http::ResponseHead head_;
    std::size_t next_ = 0;
    bool sent_ = false;
  };

  gateway::Signal go_;
};

}  // namespace apigw::test
