// The data plane's sockets: worker threads with an io_context each, listeners shared among them, upstream pools.
//
// A worker owns its connections, buffers, pools and timer wheel; nothing of them crosses to another. configure() is
// called from the outside thread only and is transactional: on an Error nothing has changed. Unchanged listeners keep
// their sockets (no connection is lost), changed certificates serve from the next handshake, listeners that are gone
// stop accepting while their connections finish. A listener whose host changes on the same port opens beside its old
// socket, which closes when the rest is sure: at every moment one of the two takes connections.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "gateway/transport.h"
#include "http/exchange.h"
#include "http/problem.h"
#include "model/plan.h"
#include "net/resolver.h"

namespace apigw::net {

// Serves one exchange to its end; on the worker's thread.
using Serve = std::function<Task<void>(http::Exchange&)>;

// What a worker lends to the service that it runs. Lives as long as the Server.
struct Worker {
  unsigned index = 0;
  boost::asio::io_context& io;
  gateway::Transport& transport;
};

struct Bound {
  std::string host;
  std::uint16_t port = 0;  // as bound
  bool tls = false;
  bool moved = false;  // the default port was busy, so this is another
};

struct Counters {
  std::uint64_t connections = 0;  // open now
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;               // over the cap
  std::uint64_t malformed = 0;             // requests that framing or limits refused before the gateway saw them
  std::uint64_t upstream_connections = 0;  // open now
  std::uint64_t upstream_opened = 0;
};

class Server {
 public:
  // Writes the body of a refusal, on that worker's thread. `head` has the status; its fields and their content-type
  // are set here, framing is not.
  using Refuse =
      std::function<std::string(unsigned worker, const http::RefusedRequest& refused, http::ResponseHead& head)>;

  struct Options {
    unsigned workers = 1;
    const Clock& clock;
    // Read for `proxy: env`: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY in either case.
    std::map<std::string, std::string> environment{};
    // Called once a worker, before its thread starts; what it returns serves that worker's exchanges.
    std::function<Serve(Worker)> service;
    Refuse refuse = {};             // empty: problem+json
    LookUp look_up = net::look_up;  // names of upstreams; called on a thread in the background
  };
  explicit Server(Options options);
  ~Server();  // stops at once
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens, keeps and closes listeners, loads certificates, sets timeouts and caps. A default port (port_given false)
  // that is busy moves on to the next free one when `may_move`. Errors: io naming the address, tls naming the file.
  // `take` runs on every worker's thread, in one step with the worker's change to the plan's settings and listeners,
  // and before a new listener accepts: no exchange sees half of two plans. Not called when there is an error.
  using OnWorker = std::function<void(unsigned worker)>;
  Result<std::vector<Bound>> configure(const model::Plan& plan, bool may_move, const OnWorker& take = {});
  // Starts the threads. Call after the first configure.
  void start();
  // Stops accepting, answers what is in flight with `connection: close`, and returns when all have ended or `grace`
  // is over (then the rest is closed). A connection that is idle is closed after a second, or half of a shorter
  // grace: until then a request may be on its way, and is answered likewise. True when nothing was cut.
  bool drain(std::chrono::milliseconds grace);
  // Ends a drain in progress from any thread: everything closes now.
  void stop_now();
  [[nodiscard]] Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace apigw::net
