// All that a command may touch of the world, as one value: a test hands in memory and a fixed clock instead.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "base/clock.h"
#include "config/load.h"

namespace apigw::cli {

// What stands at the two ends.
struct Terminal {
  bool out = false;  // stdout is a terminal
  bool err = false;
  bool in = false;
  int width = 80;    // columns
};

// config::Files plus what commands write.
class Files : public config::Files {
 public:
  // Creates parent directories; replaces atomically (temporary file, rename). `mode` as for open(2).
  virtual Result<void> write(const std::string& path, std::string_view content, unsigned mode) = 0;
  [[nodiscard]] virtual bool directory(const std::string& path) const = 0;
};

struct Env {
  Files& files;
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  config::Environment environment;
  Terminal terminal;
  std::string program = "apigw";  // argv[0], to start itself
};

}  // namespace apigw::cli
