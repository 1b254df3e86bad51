// cpp-httplib around an App, and its graceful end.
//
// Each connection has a thread of its own, up to a bound; beyond it, idle ones make room. Draining: /readyz turns 503
// and every answer closes its connection; after the delay, when load balancers have noticed, no connection is taken
// any more; what runs is finished.
#pragma once
#include <memory>

#include "runtime/app.h"
#include "runtime/config.h"

namespace runtime {

class Server {
 public:
  // Listens and answers from here on. Throws a ConfigError where it cannot listen. The app outlives it.
  Server(App& app, const Config& config);
  ~Server();  // waits for what runs

  int port() const;
  // Returns when all is drained; the exit status: 1 when something had to be cut.
  int drain();

 private:
  class Listener;
  App& app_;
  Config config_;
  std::unique_ptr<Listener> listener_;
};

// Before the first thread: from here on SIGTERM and SIGINT wait for `wait_for_stop`.
void hold_signals();
void wait_for_stop();

}  // namespace runtime
