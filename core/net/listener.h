// One listening socket, watched by one worker, which gives each new connection to whoever has the least to do.
#pragma once
#include <functional>
#include <string>

#include "base/error.h"
#include "model/plan.h"
#include "net/connection.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/tls.h"

namespace apigw::net {

// A bound, listening, non-blocking socket. Error io names the address; `busy` tells that it is taken.
struct BoundSocket {
  Fd fd;
  std::uint16_t port = 0;
};
// `shared`: beside a listener of ours on the same port that shares it meanwhile; afterwards the port is not shared.
[[nodiscard]] Result<BoundSocket> listen_on(const std::string& host, std::uint16_t port, bool& busy,
                                            bool shared = false);

class Listener final : private Poller::Watch {
 public:
  using Deliver = std::function<void(Accepted)>;
  Listener(Loop& loop, Fd fd, std::uint32_t door, Deliver deliver);
  ~Listener();

  // The rest on the worker's thread.
  void open();
  // For the next handshakes; null: plain.
  void set_tls(TlsPtr tls) { tls_ = std::move(tls); }
  // Whether another socket of ours may be bound to the same port.
  void share_port(bool on);
  // Takes what the kernel has queued already, then closes.
  void close();

 private:
  void ready(std::uint32_t events) override;
  void accept_all();

  Loop& loop_;
  Fd fd_;
  const std::uint32_t door_;  // its number, for what it accepts
  Deliver deliver_;
  TlsPtr tls_;
  Deadline retry_;  // after running out of descriptors
};

}  // namespace apigw::net
