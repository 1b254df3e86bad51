// From the Plan's `run:` entries to what is started: one Launch a service, with its port and whole environment.
//
// Pure: ports and the process environment come in as values. Two equal Launches are the same running service, so a
// reload restarts exactly those that differ.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.h"

namespace apigw::run {

using Environment = std::map<std::string, std::string, std::less<>>;
using Ports = std::map<std::string, std::uint16_t, std::less<>>;  // by the service's name

struct Launch {
  std::string name;
  std::string command;  // for /bin/sh -c
  std::string directory;
  Environment environment;  // whole: nothing else is inherited
  std::uint16_t port = 0;
  std::string health_path;         // empty: a TCP connect is health
  std::vector<std::string> calls;  // other launches that must be healthy first
  friend bool operator==(const Launch&, const Launch&) = default;
};

// A port for each service with `run:`: its own `port:`, else the one in `kept`, else what `choose` gives.
[[nodiscard]] Ports assign_ports(const model::Plan& plan, const Ports& kept,
                                 const std::function<std::uint16_t()>& choose);

// The Plan with the ports in the placeholders of the services that we start ourselves.
[[nodiscard]] model::PlanPtr with_ports(const model::Plan& plan, const Ports& ports);

// `base` is the environment of this process with .env in it. A variable of the config's `env:` wins over PORT,
// APIGW_URL and the *_URLs, and those over `base`.
[[nodiscard]] std::vector<Launch> launches(const model::Plan& plan, const Ports& ports, const Environment& base,
                                           const std::string& gateway_url);

// Chooses ports one after another from 20000-32767, below the range that the kernel takes for outgoing connections,
// each free on 127.0.0.1 when asked; begins at a place of `seed`'s choosing so that two gateways seldom meet. 0: none
// left.
class PortChooser {
 public:
  explicit PortChooser(std::uint32_t seed) : next_(seed % count) {}
  [[nodiscard]] std::uint16_t operator()();

 private:
  static constexpr std::uint32_t first = 20'000, count = 12'768;
  std::uint32_t next_;
};
[[nodiscard]] bool port_is_free(std::uint16_t port);

}  // namespace apigw::run
