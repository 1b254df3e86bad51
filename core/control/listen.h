// Opens the listening socket of a Where.
#pragma once
#include "control/server.h"

namespace apigw::control {

struct Listening {
  int fd = -1;  // the caller's to close
  Bound bound;
};

// Tries `ports_to_try` ports from the given one on. Error io names the address; busy ones say so.
[[nodiscard]] Result<Listening> listen_on(const Where& where, unsigned ports_to_try);

// The address that a connection came to, without brackets, and its port; empty and 0 for a Unix socket.
[[nodiscard]] std::pair<std::string, int> local_address(int fd);

}  // namespace apigw::control
