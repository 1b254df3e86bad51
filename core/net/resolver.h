// Host names to addresses, never on a worker's loop: literals at once, names by getaddrinfo in the background.
//
// Good answers are kept for a few seconds so that a burst of connections asks once; failures are not kept.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/background.h"

namespace apigw::net {

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  [[nodiscard]] std::string text() const;  // without port
};
using Addresses = std::vector<SocketAddress>;

// An IPv4 or IPv6 literal.
[[nodiscard]] bool parse_address(const std::string& host, std::uint16_t port, SocketAddress& out);

// What a look-up found: addresses with port 0, or why there are none.
struct Answer {
  Addresses addresses;
  std::string error;
};
// Blocks; called in the background.
using LookUp = std::function<Answer(const std::string& host)>;
[[nodiscard]] Answer look_up(const std::string& host);  // by the system; localhost also where the system knows none
// 127.0.0.1 and ::1 for the names that RFC 6761 (6.3) keeps for them, nothing for others.
[[nodiscard]] std::vector<SocketAddress> loopback_addresses(std::string_view host);

class Resolver {
 public:
  Resolver(Background& background, const Clock& clock, LookUp asking);
  // Errors: connect (unknown name), timeout, unavailable (too many look-ups at once), cancelled.
  Task<Result<Addresses>> resolve(Desk& desk, std::string host, std::uint16_t port, std::chrono::milliseconds limit,
                                  gateway::Opening& opening);

 private:
  struct Cache;
  Background& background_;
  const Clock& clock_;
  const LookUp look_up_;
  std::shared_ptr<Cache> cache_;
};

}  // namespace apigw::net
