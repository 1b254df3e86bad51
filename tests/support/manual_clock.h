// A clock that stands still until a test moves it.
#pragma once
#include "base/clock.h"

namespace apigw::test {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] std::chrono::steady_clock::time_point now() const override { return now_; }
  [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return wall_; }
  void advance(std::chrono::milliseconds by) {
    now_ += by;
    wall_ += by;
  }

 private:
  std::chrono::steady_clock::time_point now_{std::chrono::hours{1}};
  std::chrono::system_clock::time_point wall_{std::chrono::seconds{1'700'000'000}};
};

}  // namespace apigw::test
