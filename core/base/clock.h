// Time as a parameter: nothing in the middle of the house asks the system what time it is.
#pragma once
#include <chrono>

namespace apigw {

class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic: for durations and deadlines.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
  // Wall clock: for logs, `created` members and certificates.
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::now();
  }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override {
    return std::chrono::system_clock::now();
  }
};

}  // namespace apigw
