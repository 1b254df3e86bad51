// Money for a run that must not cost more than so much, shared by its connections.
//
// What a call will cost is known by no one, so each is taken to cost what the dearest so far did: one begins where
// that still fits, for it and for all that are under way. Until the first has told its cost, calls go one after the
// other.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace apigw::bench {

// In billionths of a US dollar.
struct Spent {
  std::uint64_t cost = 0;
  bool at_ceiling = false;    // a call was not begun, since it might have passed the ceiling
  bool cost_unknown = false;  // none was begun any more, since what an earlier one cost is not known
};

class Purse {
 public:
  // No ceiling: it only counts.
  explicit Purse(std::optional<std::uint64_t> ceiling) : ceiling_(ceiling) {}

  // Whether a call may begin: at once, when others have ended, or no more. Not asked again once it may not.
  [[nodiscard]] bool take(std::optional<std::chrono::steady_clock::time_point> until);
  // That call is over. `cost` is absent where it may have cost something and nobody knows what: it is taken for the
  // dearest so far, and without one the run is over.
  void settle(std::optional<std::uint64_t> cost);
  // That call is over, was not answered and cost nothing: of what others will cost it tells nothing.
  void refused();
  [[nodiscard]] Spent spent() const;

 private:
  [[nodiscard]] bool fits() const;

  const std::optional<std::uint64_t> ceiling_;
  mutable std::mutex mutex_;
  std::condition_variable settled_;
  std::uint64_t under_way_ = 0;
  std::optional<std::uint64_t> dearest_;
  Spent spent_;
};

}  // namespace apigw::bench
