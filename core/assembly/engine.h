// A running gateway put together: Plan in, sockets out. `run`, `serve` and in-process commands all start one of
// these.
//
// Thread-safe towards its owner thread only: apply, drain and stop are called from one thread; `state` may be read
// from any. Owns the Server, one Gateway a worker, the log writer, and the swap of snapshots.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assembly/key_watch.h"
#include "assembly/token_keeper.h"
#include "base/clock.h"
#include "base/error.h"
#include "catalogue/models.h"
#include "gateway/state.h"
#include "model/plan.h"

namespace apigw::assembly {

struct EngineOptions {
  unsigned workers = 0;   // 0: one a core
  bool may_move = false;  // default ports that are busy move on (run)
  // Receives batches of whole access-log lines, on the log thread. Null: no access log.
  std::function<void(std::string_view lines)> log;
  bool log_for_people = false;                      // a readable line instead of JSON
  std::map<std::string, std::string> environment;   // read for `outbound: { proxy: env }` only
  std::shared_ptr<const catalogue::Models> models;  // null: those that are compiled in
  KeyRefused key_refused;                           // null: nobody is told
  TokenFailed token_failed;                         // likewise
};

struct Address {
  std::string text;  // "http://127.0.0.1:8080"
  bool moved = false;
};

class Engine {
 public:
  // Everything listens and answers when this returns.
  static Result<std::unique_ptr<Engine>> start(model::PlanPtr plan, EngineOptions options, const Clock& clock);
  ~Engine();
  // Swaps to another plan: all or nothing. In-flight exchanges end on the old one.
  Result<std::vector<Address>> apply(model::PlanPtr plan);
  // See net::Server::drain. Logs are flushed when it returns.
  bool drain(std::chrono::milliseconds grace);
  void stop_now();  // from any thread
  [[nodiscard]] const std::vector<Address>& addresses() const;
  [[nodiscard]] gateway::State& state();
  [[nodiscard]] model::PlanPtr plan() const;  // any thread

 private:
  struct Parts;
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace apigw::assembly
