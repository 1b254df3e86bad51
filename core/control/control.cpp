#include "control/control.h"

#include "control/doorman.h"

namespace apigw::control {
namespace {

constexpr unsigned ports_to_try = 100;

}  // namespace

Control::Control(Facts facts, bool may_move)
    : facts_(std::move(facts)), may_move_(may_move), key_(std::make_shared<const Secret>()) {}

std::shared_ptr<const Secret> Control::key() const {
  const std::lock_guard lock(mutex_);
  return key_;
}

Reply Control::admit(const Request& request) const {
  if (auto refusal = refuse(request, *key())) return *std::move(refusal);
  return admin_page(request, facts_);
}

// Leaves `next` empty where the current listener stays.
Result<void> Control::prepare(const Open& current, const Where& where, Handle handle, bool may_move, Open& next) {
  if (current.server && current.where == where) return {};
  Server::Limits limits;
  if (may_move) limits.ports_to_try = ports_to_try;
  auto server = Server::start(where, std::move(handle), limits);
  if (!server) return std::unexpected(server.error());
  next = {where, std::move(*server)};
  return {};
}

Result<void> Control::apply(const model::Plan& plan) {
  Open admin, health;
  const Where admin_at{plan.admin.host, plan.admin.port, plan.admin.unix_path};
  const Where health_at{plan.health.host, plan.health.port, {}};
  if (plan.admin.on) {
    auto handle = [this](const Request& request) { return admit(request); };
    if (auto opened = prepare(admin_, admin_at, handle, may_move_ && !plan.admin.port_given, admin); !opened)
      return opened;
  }
  if (plan.health.on) {
    auto handle = [this](const Request& request) { return health_page(request, facts_); };
    if (auto opened = prepare(health_, health_at, handle, false, health); !opened) return opened;
  }
  {
    const std::lock_guard lock(mutex_);
    key_ = std::make_shared<const Secret>(plan.admin.key.value);
  }
  if (admin.server || !plan.admin.on) admin_ = std::move(admin);
  if (health.server || !plan.health.on) health_ = std::move(health);
  return {};
}

std::optional<Bound> Control::admin() const {
  return admin_.server ? std::optional(admin_.server->bound()) : std::nullopt;
}
std::optional<Bound> Control::health() const {
  return health_.server ? std::optional(health_.server->bound()) : std::nullopt;
}

}  // namespace apigw::control
