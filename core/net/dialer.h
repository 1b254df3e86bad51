// Makes a channel to an upstream: name, proxy, TCP, tunnel, TLS, in that order and within two deadlines.
//
// Addresses are tried one after the other inside the connect deadline. The error says which of the steps failed and
// with whom; a proxy's credential never shows.
#pragma once
#include <string>

#include "base/error.h"
#include "gateway/transport.h"
#include "net/background.h"
#include "net/channel.h"
#include "net/proxy.h"
#include "net/resolver.h"
#include "net/tls.h"

namespace apigw::net {

// What all workers dial with.
struct Outside {
  Outside(const Clock& clock, Environment the_environment, LookUp look_up)
      : environment(std::move(the_environment)), resolver(background, clock, std::move(look_up)) {}
  const Environment environment;
  std::shared_ptr<ClientTls> tls = std::make_shared<ClientTls>();
  Background background;
  Resolver resolver;
};

class Dialer {
 public:
  Dialer(Outside& outside, Desk& desk) : outside_(outside), desk_(desk) {}

  // Where a destination is now; none when a proxy looks that up.
  Task<Result<Addresses>> addresses(const gateway::Destination& destination, model::Milliseconds limit,
                                    gateway::Opening& opening);
  // Connects `channel`, to one of `known` in their order where any are given. `hop` gets the proxy when requests must
  // be written in absolute form (plain HTTP through one).
  Task<Result<void>> dial(Channel& channel, const gateway::Destination& destination, Addresses known,
                          model::Milliseconds connect, model::Milliseconds tls, std::optional<ProxyHop>& hop,
                          gateway::Opening& opening);

 private:
  Task<Result<void>> reach(Channel& channel, std::string host, std::uint16_t port, Addresses known,
                           model::Milliseconds limit, gateway::Opening& opening);
  Task<Result<void>> tunnel(Channel& channel, const ProxyHop& proxy, const model::Origin& origin,
                            model::Milliseconds limit);
  Task<Result<void>> secure(Channel& channel, const gateway::Destination& destination, model::Milliseconds limit,
                            gateway::Opening& opening);
  Task<Result<TlsPtr>> client_tls(const model::Outbound& outbound, model::Milliseconds limit,
                                  gateway::Opening& opening);

  Outside& outside_;
  Desk& desk_;
};

}  // namespace apigw::net
