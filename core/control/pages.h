// What the control plane shows, one row a page; whatever is not in the table is not there.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "control/message.h"
#include "diag/diagnostic.h"
#include "gateway/state.h"
#include "model/plan.h"

namespace apigw::control {

// A plan and the texts that its spans point into: what a page reads, swapped whole by a reload.
struct Snapshot {
  model::PlanPtr plan;
  std::shared_ptr<const diag::Sources> sources;
};

struct ServiceLine {  // a service that `run` started
  std::string name, phase;
  int port = 0;
  unsigned restarts = 0;
};

struct ReloadLine {
  bool accepted = true;
  std::string text;  // what changed, or why it was refused
};

// What the pages ask; every function is called on a control thread.
struct Facts {
  gateway::State& state;
  const Clock& clock;
  std::function<Snapshot()> snapshot;
  std::function<bool()> ready;
  std::function<std::vector<ServiceLine>()> services;
  std::function<std::optional<ReloadLine>()> last_reload;
};

// GET and HEAD of /healthz, /readyz, /metrics: the whole of a health listener.
[[nodiscard]] Reply health_page(const Request& request, const Facts& facts);
// The admin pages and those of the health listener; the doorman has let the request in.
[[nodiscard]] Reply admin_page(const Request& request, const Facts& facts);

}  // namespace apigw::control
