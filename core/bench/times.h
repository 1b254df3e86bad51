// Times of any number of calls in a fixed room: each is told within 1 %.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace apigw::bench {

class Times {
 public:
  using Duration = std::chrono::microseconds;

  // Negative counts as nothing, more than 12 days as 12 days.
  void add(Duration time);
  void add(const Times& others);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  // The time within which `share` (0 to 1) of the calls were done; zero without calls.
  [[nodiscard]] Duration within(double share) const;
  [[nodiscard]] Duration mean() const;
  [[nodiscard]] Duration longest() const { return longest_; }

 private:
  // Times below 256 us have a bucket each; above, each doubling has 128.
  static constexpr std::size_t small = 256, a_doubling = 128, doublings = 32;

  std::array<std::uint64_t, small + a_doubling * doublings> buckets_{};
  std::uint64_t count_ = 0;
  Duration sum_{}, longest_{};
};

}  // namespace apigw::bench
