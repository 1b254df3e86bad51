#include "policy/wrong_keys.h"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace apigw::policy {

std::uint32_t WrongKeys::count(std::string_view address, TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::string group = throttle_group(address);
  if (windows_.size() >= capacity && !windows_.contains(group)) make_room(now);
  Window& entry = windows_.try_emplace(std::move(group), Window{now, 0}).first->second;
  if (now - entry.begin >= window) entry = Window{now, 0};
  size_.store(windows_.size(), std::memory_order_relaxed);
  return ++entry.count;
}

std::chrono::seconds WrongKeys::wait(std::string_view address, TimePoint now) const {
  if (size() == 0) return {};
  const std::lock_guard lock(mutex_);
  const auto found = windows_.find(throttle_group(address));
  if (found == windows_.end() || found->second.count < limit) return {};
  const auto left = window - (now - found->second.begin);
  return left.count() <= 0 ? std::chrono::seconds{} : std::chrono::ceil<std::chrono::seconds>(left);
}

// Drops every window that is over; when none is, the oldest one.
void WrongKeys::make_room(TimePoint now) {
  if (std::erase_if(windows_, [now](const auto& entry) { return now - entry.second.begin >= window; }) > 0) return;
  const auto oldest = std::ranges::min_element(windows_, {}, [](const auto& entry) { return entry.second.begin; });
  if (oldest != windows_.end()) windows_.erase(oldest);
}

std::string throttle_group(std::string_view address) {
  const std::string text(address);
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) {
    return inet_ntop(AF_INET, bytes.data() + mapped.size(), out.data(), out.size());
  }
  std::fill(bytes.begin() + 8, bytes.end(), 0);
  return std::string(inet_ntop(AF_INET6, bytes.data(), out.data(), out.size())) + "/64";
}

}  // namespace apigw::policy
