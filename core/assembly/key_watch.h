// Tells when a provider refuses this gateway's key: a sink that stands before the log's and passes every Outcome on.
#pragma once
#include <functional>
#include <string_view>

#include "gateway/outcome.h"

namespace apigw::assembly {

// Called on a worker's thread for each attempt that a provider answered with 401 or 403: it must not wait.
using KeyRefused = std::function<void(std::string_view provider)>;

class KeyWatch final : public gateway::OutcomeSink {
 public:
  // `next` may be null; it and `refused` outlive this.
  KeyWatch(const KeyRefused& refused, gateway::OutcomeSink* next) : refused_(refused), next_(next) {}
  void settle(const gateway::Outcome& outcome) override {
    for (const gateway::AttemptRecord& attempt : outcome.attempts)
      if (!attempt.model.empty() && (attempt.status == 401 || attempt.status == 403)) refused_(attempt.to);
    if (next_ != nullptr) next_->settle(outcome);
  }

 private:
  const KeyRefused& refused_;
  gateway::OutcomeSink* next_;
};

}  // namespace apigw::assembly
