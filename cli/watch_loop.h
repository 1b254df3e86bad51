// Does something again each time files change, for commands with --watch.
//
// Ends at SIGINT or SIGTERM, or when `patience` is over; between changes it waits without turning. The files may
// differ after every run: what they include is part of them.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "command.h"

namespace apigw::cli {

struct Watched {
  std::vector<std::string> files;  // those that were read, or should have been
  std::vector<std::string> globs;  // a new match is a change, too
};

void watch_loop(Env& env, std::optional<std::chrono::milliseconds> patience, const std::function<Watched()>& run);

}  // namespace apigw::cli
