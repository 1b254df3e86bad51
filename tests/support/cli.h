// Runs a command line in this process: files in memory, a clock that stands still, no terminal.
#pragma once
#include <sstream>

#include "command.h"
#include "support/memory_files.h"

namespace apigw::testing {

class StillClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point at{std::chrono::hours{1}};
  std::chrono::system_clock::time_point date{std::chrono::seconds{1'760'000'000}};
  std::chrono::steady_clock::time_point now() const override { return at; }
  std::chrono::system_clock::time_point wall() const override { return date; }
};

struct Ran {
  int exit = -1;
  std::string out, err;
};

struct Setting {
  std::string in;
  config::Environment environment;
  cli::Terminal terminal;
};

inline Ran run(const std::vector<std::string>& arguments, MemoryFiles& files, const Setting& setting = {}) {
  std::istringstream in{setting.in};
  files.piped = setting.in;
  std::ostringstream out, err;
  const StillClock clock;
  cli::Env env{.files = files,
               .in = in,
               .out = out,
               .err = err,
               .clock = clock,
               .environment = setting.environment,
               .terminal = setting.terminal};
  const int exit = cli::run_cli(arguments, env);
  return {exit, out.str(), err.str()};
}

inline Ran run(const std::vector<std::string>& arguments, const Setting& setting = {}) {
  MemoryFiles none;
  return run(arguments, none, setting);
}

}  // namespace apigw::testing
