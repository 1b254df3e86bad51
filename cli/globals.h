// The global flags as rows, and what they mean before a command runs.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"

namespace apigw::cli {

// Where the flags land while they are parsed.
struct GlobalPlaces {
  Globals globals;
  std::vector<std::string> sets;  // "a.b=c"
  std::string timeout;            // "10s"
  bool version = false;           // only in front of a command
};

void declare_globals(Options& options, GlobalPlaces& places);
// Splits --set and reads --timeout; the rest is as parsed.
[[nodiscard]] std::expected<Globals, Complaint> finish_globals(GlobalPlaces places);

// Colour on a stream: --color, then NO_COLOR, CLICOLOR_FORCE, TERM=dumb, then whether it is a terminal.
[[nodiscard]] bool wants_color(std::string_view flag, const config::Environment& environment, bool terminal);

}  // namespace apigw::cli
