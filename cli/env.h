// All that a command may touch of the world, as one value: a test hands in memory and a fixed clock instead.
#pragma once
#include <chrono>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/load.h"

namespace apigw::cli {

// What stands at the two ends.
struct Terminal {
  bool out = false;  // stdout is a terminal
  bool err = false;
  bool in = false;
  int width = 80;          // columns
  bool color_out = false;  // decided once by run_cli from --color and the environment; commands only read these
  bool color_err = false;
};

// How long what comes through a pipe is waited for.
struct Patience {
  static constexpr std::chrono::seconds silence{10};  // for each next piece, where `whole` is absent
  std::optional<std::chrono::milliseconds> whole;     // --timeout: until the end of the input
  int interrupt = -1;  // a descriptor that is readable when the process is to end; -1: none
};

// config::Files plus what commands write. Relative paths count from the directory of the last `enter`.
class Files : public config::Files {
 public:
  Patience patience;  // of read_named and read_stdin
  // Creates parent directories; replaces atomically (temporary file, rename). `mode` as for open(2): less the umask,
  // unless it is what the file has. A file that is replaced keeps owner and group where this user may give them.
  virtual Result<void> write(const std::string& path, std::string_view content, unsigned mode) = 0;
  // Whether write() may replace the file, or make one where none is. Error denied or what else keeps it from that.
  [[nodiscard]] virtual Result<void> may_write(const std::string& path) const = 0;
  // The same of a file that the user named: a pipe or a device gives what comes until its end. Error timeout where
  // that passes `patience`, cancelled at its interrupt. Somebody who types is waited for.
  [[nodiscard]] virtual Result<std::string> read_named(const std::string& path, std::size_t limit) const = 0;
  // All of stdin, as read_named.
  [[nodiscard]] virtual Result<std::string> read_stdin(std::size_t limit) const = 0;
  // A pipe, socket or terminal: what is read of it is gone.
  [[nodiscard]] virtual bool stream(const std::string& path) const = 0;
  [[nodiscard]] virtual bool directory(const std::string& path) const = 0;
  // A symbolic link, wherever it leads.
  [[nodiscard]] virtual bool link(const std::string& path) const = 0;
  // What -C does: from here on relative paths, those of child processes included, count from `path`.
  virtual Result<void> enter(const std::string& path) = 0;
  [[nodiscard]] virtual std::string absolute(const std::string& path) const = 0;
  // Done too when nothing was there.
  virtual Result<void> remove(const std::string& path) = 0;
  // For who reads `path`, changes it and writes it again: nobody else holds the like for a file of its folder until
  // the last copy of what comes back is gone; it leaves no file behind, and a process that dies holds nothing. Others
  // are waited for, `wait` at most (error timeout). A file system without locks gives one that holds nobody off.
  virtual Result<std::shared_ptr<void>> lock(const std::string& path, std::chrono::milliseconds wait) = 0;
  // Makes `path` (0700) when it is missing. Error denied when it is no directory of this user alone: a link, somebody
  // else's, or open to others.
  virtual Result<void> private_directory(const std::string& path) = 0;
};

struct Env {
  Files& files;
  std::istream& in;  // for lines that a person types; files.read_stdin takes what is piped in
  std::ostream& out;
  std::ostream& err;
  const Clock& clock;
  config::Environment environment;
  Terminal terminal;
  std::string program = "apigw";  // argv[0], to start itself
};

}  // namespace apigw::cli
