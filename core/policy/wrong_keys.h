// How often each client address sent a wrong key lately: the memory behind the throttle on guessing. It answers wrong
// keys only; a good key from the same address is never held up.
//
// Process-wide and bounded: when the table is full the address with the oldest window makes room. IPv6 addresses
// count by their /64, since one client owns that many. Time is given, never asked for. Thread-safe; a gateway that
// has seen no wrong key pays one atomic read a request.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace apigw::policy {

class WrongKeys {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::uint32_t limit = 10;  // wrong keys of one address in a window; the next is a 429
  static constexpr std::chrono::seconds window{60};
  static constexpr std::size_t capacity = 4096;  // addresses remembered

  // One more wrong key from `address`: how many in its window, this one included.
  std::uint32_t count(std::string_view address, TimePoint now);
  // How long `address` must wait; zero when its wrong keys are judged one by one.
  [[nodiscard]] std::chrono::seconds wait(std::string_view address, TimePoint now) const;
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Window {
    TimePoint begin;
    std::uint32_t count = 0;
  };
  void make_room(TimePoint now);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Window> windows_;
  std::atomic<std::size_t> size_{0};
};

// "203.0.113.7" as it is, "2001:db8:1:2:3::4" as "2001:db8:1:2::/64"; a text that is no address as it is.
[[nodiscard]] std::string throttle_group(std::string_view address);

}  // namespace apigw::policy
