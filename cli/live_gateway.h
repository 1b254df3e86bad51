// A gateway that runs in this process: the data plane's Engine and the control plane beside it, swapped together.
//
// Called from one thread; what the control plane's threads read of it is behind a mutex.
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "assembly/engine.h"
#include "control/control.h"
#include "diag/diagnostic.h"

namespace apigw::cli {

class LiveGateway {
 public:
  // Everything listens when this returns. Errors are of the world: a busy port, a certificate.
  static Result<std::unique_ptr<LiveGateway>> start(control::Snapshot snapshot, assembly::EngineOptions options,
                                                    const Clock& clock);
  ~LiveGateway();
  LiveGateway(const LiveGateway&) = delete;
  LiveGateway& operator=(const LiveGateway&) = delete;

  // Both planes go over to the new plan, or neither does.
  Result<void> swap(control::Snapshot snapshot);
  // The result of a reload, for /admin/state and the metrics.
  void reloaded(bool accepted, std::string text);
  void show_services(std::vector<control::ServiceLine> services);

  void begin_drain() { ready_ = false; }  // /readyz says 503 from here on
  bool drain() { return engine_->drain(plan()->timeouts.drain); }
  void stop_now() { engine_->stop_now(); }  // from any thread

  [[nodiscard]] model::PlanPtr plan() const;
  [[nodiscard]] std::shared_ptr<const diag::Sources> sources() const { return snapshot().sources; }
  [[nodiscard]] const std::vector<assembly::Address>& addresses() const { return engine_->addresses(); }
  [[nodiscard]] std::optional<control::Bound> admin() const { return control_->admin(); }
  [[nodiscard]] std::optional<control::Bound> health() const { return control_->health(); }
  [[nodiscard]] std::uint32_t in_flight() const { return engine_->state().in_flight(); }

 private:
  LiveGateway(control::Snapshot snapshot, std::unique_ptr<assembly::Engine> engine, const Clock& clock,
              bool may_move);
  [[nodiscard]] control::Snapshot snapshot() const;

  mutable std::mutex mutex_;  // over the three below
  control::Snapshot snapshot_;
  std::vector<control::ServiceLine> services_;
  std::optional<control::ReloadLine> last_reload_;
  std::atomic<bool> ready_{true};
  std::unique_ptr<assembly::Engine> engine_;
  std::unique_ptr<control::Control> control_;  // reads all of the above, so it goes first
};

}  // namespace apigw::cli
