// The last outcomes, for whoever has just made a call and asks what the rooms did with it.
//
// A ring of JSON lines as the access log writes them, so it holds no body, no query, no header value and no secret.
// Workers settle into it one after the other behind a lock: it stands in development only.
#pragma once
#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/outcome.h"

namespace apigw::gateway {

class Recent {
 public:
  static constexpr std::size_t most = 64;

  void settle(const Outcome& outcome);  // from any worker
  // The oldest first, each one JSON object.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  std::array<std::string, most> ring_;
  std::size_t next_ = 0;  // how many came so far
};

}  // namespace apigw::gateway
