// Which proxy, if any, stands between us and an upstream: the environment's variables or the config's word. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/plan.h"

namespace apigw::net {

struct ProxyHop {
  std::string host;
  std::uint16_t port = 0;
  std::string credential;  // base64 of user:password for Proxy-Authorization; empty: none. Never in a log.
  [[nodiscard]] std::string text() const { return host + ":" + std::to_string(port); }
};

using Environment = std::map<std::string, std::string>;

// `http://[user:password@]host[:port][/]` or host:port; nothing for anything else.
[[nodiscard]] std::optional<ProxyHop> parse_proxy(std::string_view url);

// Whether NO_PROXY (a comma list) covers the host: `*`, a name and its subdomains (`example.com`, `.example.com`,
// `*.example.com`), an address, a CIDR block, each with an optional `:port`. Loopback is always covered.
[[nodiscard]] bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

// Nothing: go direct. A variable that is set and not understood is an Error: going direct instead would be a bypass.
[[nodiscard]] Result<std::optional<ProxyHop>> choose_proxy(const model::Outbound& outbound,
                                                           const model::Origin& origin,
                                                           const Environment& environment);

}  // namespace apigw::net
