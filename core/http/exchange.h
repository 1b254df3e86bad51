// A call and its reply as the gateway sees them: head, body in, head, body out. Free of HTTP/1, so that HTTP/2 and
// WebSocket can implement it later.
//
// Owned by the connection that implements it, alive until `finish` or `abort` returned and the serving coroutine
// ended. All members are called on the connection's own thread. Exactly one reply is sent: informational heads never.
#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "http/task.h"

namespace apigw::http {

class Exchange {
 public:
  virtual ~Exchange() = default;

  [[nodiscard]] virtual const RequestHead& head() const = 0;

  // From now on: at most `cap` bytes of body (Error too_large) at `rate` bytes a second or more on average after the
  // first 10 s (Error timeout). Called by the line of rooms once the route is known; before it the defaults hold.
  virtual void limit_body(std::uint64_t cap, std::uint64_t rate) = 0;
  // A wish: a body of announced length that is at most `most` bytes comes in one piece from now on.
  virtual void gather_body(std::uint64_t most) = 0;
  // The next piece of the request body, valid until the next call; empty at its end. A body that was announced with
  // `Expect: 100-continue` is invited by the first call.
  virtual Task<Result<std::string_view>> read_body() = 0;
  // The piece that was read last is used up: whatever holds it is free again. Only without a read under way; the next
  // read says the same by itself, so this is for whoever reads no further and lives on.
  virtual void body_used() = 0;
  // The reply is out and nobody wants the rest: a read that waits for the client ends at once (Error cancelled).
  virtual void stop_body() = 0;
  // True when the whole body has been handed out or there is none.
  [[nodiscard]] virtual bool body_done() const = 0;

  // A whole reply in one write.
  virtual Task<Result<void>> reply(const ResponseHead& head, std::string_view body) = 0;
  // A streamed reply: start (kept back until the first write or flush), write…, finish. A write returns when the
  // bytes are with the kernel: that is the back-pressure. `body` views must live until then.
  virtual Task<Result<void>> start(const ResponseHead& head) = 0;
  virtual Task<Result<void>> write(std::string_view body) = 0;
  virtual Task<Result<void>> finish() = 0;
  // A broken end: the client must see that the reply is not whole (no last chunk, connection reset). Before `start`
  // it closes without a reply.
  virtual void abort() noexcept = 0;
  // The same for a client that is to have what was written before: nothing that is still on its way is lost.
  virtual void cut() noexcept { abort(); }
  [[nodiscard]] virtual bool started() const = 0;

  // Called at most once, on this thread, when the client leaves before the reply is finished; set to nullptr to stop
  // listening. The callee may abort an upstream call; it must not touch the exchange.
  virtual void when_client_leaves(std::function<void()> call) = 0;
  [[nodiscard]] virtual bool client_left() const = 0;

  // Bytes on the client's wire so far, heads included.
  [[nodiscard]] virtual std::uint64_t bytes_in() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes_out() const = 0;
};

}  // namespace apigw::http
