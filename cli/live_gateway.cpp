#include "live_gateway.h"

namespace apigw::cli {

Result<std::unique_ptr<LiveGateway>> LiveGateway::start(control::Snapshot snapshot, assembly::EngineOptions options,
                                                        const Clock& clock) {
  const bool may_move = options.may_move;
  auto engine = assembly::Engine::start(snapshot.plan, std::move(options), clock);
  if (!engine) return std::unexpected(engine.error());
  std::unique_ptr<LiveGateway> gateway(new LiveGateway(std::move(snapshot), std::move(*engine), clock, may_move));
  if (auto opened = gateway->control_->apply(*gateway->plan()); !opened) return std::unexpected(opened.error());
  return gateway;
}

LiveGateway::LiveGateway(control::Snapshot snapshot, std::unique_ptr<assembly::Engine> engine, const Clock& clock,
                         bool may_move)
    : snapshot_(std::move(snapshot)), engine_(std::move(engine)) {
  control::Facts facts{.state = engine_->state(),
                       .clock = clock,
                       .snapshot = [this] { return this->snapshot(); },
                       .ready = [this] { return ready_.load(); },
                       .services =
                           [this] {
                             const std::lock_guard lock(mutex_);
                             return services_;
                           },
                       .last_reload =
                           [this] {
                             const std::lock_guard lock(mutex_);
                             return last_reload_;
                           }};
  control_ = std::make_unique<control::Control>(std::move(facts), may_move);
}

LiveGateway::~LiveGateway() = default;

control::Snapshot LiveGateway::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

model::PlanPtr LiveGateway::plan() const {
  return snapshot().plan;
}

Result<void> LiveGateway::swap(control::Snapshot next) {
  if (auto opened = control_->apply(*next.plan); !opened) return opened;
  if (auto applied = engine_->apply(next.plan); !applied) {
    // What was open before can be opened again; if not, the data plane's failure is the one to tell.
    (void)control_->apply(*plan());
    return std::unexpected(applied.error());
  }
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(next);
  return {};
}

void LiveGateway::reloaded(bool accepted, std::string text) {
  engine_->state().reloaded(accepted);
  const std::lock_guard lock(mutex_);
  last_reload_ = {accepted, std::move(text)};
}

void LiveGateway::show_services(std::vector<control::ServiceLine> services) {
  const std::lock_guard lock(mutex_);
  services_ = std::move(services);
}

}  // namespace apigw::cli
