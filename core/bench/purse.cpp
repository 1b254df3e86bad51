#include "bench/purse.h"

#include <algorithm>

namespace apigw::bench {

// Of the sums none overflows: a ceiling and costs have 64 bits, and at most a thousand calls are under way.
bool Purse::fits() const {
  __extension__ using Wide = unsigned __int128;
  return Wide{spent_.cost} + Wide{under_way_ + 1} * *dearest_ <= *ceiling_;
}

bool Purse::take(std::optional<std::chrono::steady_clock::time_point> until) {
  std::unique_lock lock(mutex_);
  while (ceiling_ && !spent_.at_ceiling && !spent_.cost_unknown) {
    if (dearest_ ? fits() : under_way_ == 0) break;
    if (under_way_ == 0) {
      spent_.at_ceiling = true;
      break;
    }
    if (!until) {
      settled_.wait(lock);
    } else if (settled_.wait_until(lock, *until) == std::cv_status::timeout) {
      return false;
    }
  }
  if (spent_.at_ceiling || spent_.cost_unknown) return false;
  ++under_way_;
  return true;
}

void Purse::settle(std::optional<std::uint64_t> cost) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  if (cost) {
    dearest_ = std::max(dearest_.value_or(0), *cost);
  } else if (ceiling_) {
    spent_.cost_unknown = spent_.cost_unknown || !dearest_;
    cost = dearest_;
  }
  std::uint64_t sum = 0;
  spent_.cost = __builtin_add_overflow(spent_.cost, cost.value_or(0), &sum) ? UINT64_MAX : sum;
  settled_.notify_all();
}

void Purse::refused() {
  const std::lock_guard lock(mutex_);
  --under_way_;
  settled_.notify_all();
}

Spent Purse::spent() const {
  const std::lock_guard lock(mutex_);
  return spent_;
}

}  // namespace apigw::bench
