// Settings from the environment, read once at the start; a wrong one ends the program with a sentence.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>

#include "runtime/log.h"

namespace runtime {

// A variable that is missing or says something impossible.
struct ConfigError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using Environment = std::function<std::string(const std::string& variable)>;  // empty: not set
std::string process_environment(const std::string& variable);

struct Config {
  std::string host = "127.0.0.1";
  int port = 8080;
  Level log_level = Level::info;
  std::size_t max_connections = 256;      // each has a thread of its own
  std::size_t max_body_bytes = 1u << 20;
  std::chrono::seconds read_timeout{30};  // for a request, from its first byte to the end of its body
  std::chrono::seconds write_timeout{30};
  std::chrono::seconds keep_alive{75};    // that a connection may be idle
  std::chrono::nanoseconds drain_delay{}; // from SIGTERM, /readyz 503 all along, until no new connection is taken
  std::chrono::nanoseconds drain_timeout{};  // for what still runs then

  static Config from(const Environment& environment);
};

// A variable such as INTERVAL_SECONDS=0.5.
std::chrono::nanoseconds seconds(const Environment& environment, const std::string& variable, double usual,
                                 double most = 86400);

// The address of another service, as `apigw run` and the deployment set it: STOCK_URL=http://127.0.0.1:9001.
std::string service_url(const Environment& environment, const std::string& variable);

}  // namespace runtime
