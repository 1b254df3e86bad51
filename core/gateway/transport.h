// The gateway's door to upstreams: it declares what it needs here, net/ and mock/ implement it.
//
// One Transport belongs to one thread. A call is opened to an Origin that came from the Plan, never from a request;
// the credential is part of the request that `dispatch` builds for exactly that origin.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "http/exchange.h"
#include "model/plan.h"

namespace apigw::gateway {

// What goes on the wire to an upstream. `headers` hold neither hop-by-hop nor framing fields: the transport adds
// content-length or chunked from `content_length`.
struct UpstreamRequest {
  std::string method;
  std::string target;     // path and query
  std::string authority;  // the Host field
  http::Headers headers;
  std::optional<std::uint64_t> content_length;  // absent with has_body: chunked
  bool has_body = false;
};

// One request and its reply on an upstream connection.
class UpstreamCall {
 public:
  virtual ~UpstreamCall() = default;
  // Head and first piece of the body in one write; `last` when the piece is all of it. Views live until it returns.
  virtual Task<Result<void>> send(const UpstreamRequest& request, std::string_view piece, bool last) = 0;
  virtual Task<Result<void>> send_more(std::string_view piece, bool last) = 0;
  // The final head (1xx are passed over). May be called while send_more is still going on: an upstream may answer
  // early. The result lives as long as the call.
  virtual Task<Result<const http::ResponseHead*>> read_head() = 0;
  // A wish: a body of announced length that is at most `most` bytes comes in one piece from now on.
  virtual void gather_body(std::uint64_t /*most*/) {}
  // The next piece, valid until the next call; empty at the end of the body. Error closed when it was cut.
  virtual Task<Result<std::string_view>> read_body() = 0;
  // What read_body would give without waiting; empty where nothing is here yet, and at the end.
  [[nodiscard]] virtual std::string_view body_here() { return {}; }
  // After read_head: whether something for read_body is here already, as far as can be told without waiting. False
  // means that whoever relays the reply should not keep its head back for the first piece.
  [[nodiscard]] virtual bool body_ready() = 0;
  // Closes the connection at once; pending operations end with Error cancelled. Callable from any callback of the
  // thread, more than once.
  virtual void abort() noexcept = 0;
  // Whether a byte of the request may have reached the upstream, and whether the connection had served a call before:
  // together they tell whether a failed call may be sent again.
  [[nodiscard]] virtual bool sent_any() const = 0;
  [[nodiscard]] virtual bool reused() const = 0;
  // Puts the connection back into its pool when the reply was read whole and keeps alive, else closes it. The object
  // must not be used afterwards; OpenCall calls it.
  virtual void release() noexcept = 0;
};

struct ReleaseCall {
  void operator()(UpstreamCall* call) const noexcept { call->release(); }
};
using OpenCall = std::unique_ptr<UpstreamCall, ReleaseCall>;

// Everything that decides which pool a connection comes from.
struct Destination {
  model::Origin origin;
  model::Outbound outbound;
  std::uint32_t connections = 1'024;  // cap for the whole process
  bool spread = false;                // every address of the origin's name is an instance: calls go round robin
};

// How an open ends from outside, in whichever of its waits it is. Belongs to who asks, outlives the open, and ends
// every later one too once it was stopped.
class Opening {
 public:
  // What ends the wait that goes on while this is in scope; of several the innermost. `end` only sees to it that the
  // coroutine goes on soon: it must not run it.
  class Wait {
   public:
    Wait(Opening& opening, std::function<void()> end)
        : opening_(opening), outer_(std::exchange(opening.end_, std::move(end))) {}
    ~Wait() { opening_.end_ = std::move(outer_); }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

   private:
    Opening& opening_;
    std::function<void()> outer_;
  };

  void stop() {
    stopped_ = true;
    if (end_) end_();
  }
  [[nodiscard]] bool stopped() const { return stopped_; }

 private:
  std::function<void()> end_;
  bool stopped_ = false;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // A connection ready for one request: from the pool, or made within timeouts.connect and timeouts.tls. `fresh` asks
  // for a new one (a pooled one had gone stale). Errors: connect, tls, timeout, unavailable (cap reached), cancelled.
  virtual Task<Result<OpenCall>> open(const Destination& destination, const model::Timeouts& timeouts, bool fresh,
                                      Opening& opening) = 0;
};

}  // namespace apigw::gateway
