#include "gateway/recent.h"

#include "gateway/access_log.h"

namespace apigw::gateway {

void Recent::settle(const Outcome& outcome) {
  std::string line;
  append_json_line(outcome, line);
  line.pop_back();  // the line feed
  const std::lock_guard lock(mutex_);
  ring_[next_++ % most] = std::move(line);
}

std::vector<std::string> Recent::lines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (std::size_t i = next_ < most ? 0 : next_ - most; i < next_; ++i) out.push_back(ring_[i % most]);
  return out;
}

}  // namespace apigw::gateway
