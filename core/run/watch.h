// Says which of a set of files have changed since they were last asked about, once a burst of changes is over.
//
// The directories are watched, not the files: editors rename a new file over the old one. What the kernel reports
// only says when to look; what changed is told by comparing identity, size and time of every file, so renames,
// symlink swaps and checkouts all count and a mere access does not. Where the kernel tells nothing (network and
// shared folders) it looks every two seconds.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "run/child.h"

namespace apigw::run {

// When a burst is over: `quiet` without another event, or `longest` after its first.
class Burst {
 public:
  static constexpr Milliseconds quiet{60}, longest{500};
  void note(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> due() const { return due_; }
  // True once when it is over.
  [[nodiscard]] bool over(TimePoint now);

 private:
  std::optional<TimePoint> first_, due_;
};

class FileWatch {
 public:
  static constexpr Milliseconds look_every{2'000};
  explicit FileWatch(TimePoint now);
  // From now on these. A file that was watched already keeps the state that it is compared to; of a new one it is the
  // present state, unless it was written at `read_at` or later: whoever read it then may have seen the old content,
  // so it counts as changed.
  void watch(std::vector<std::string> files, TimePoint now, std::chrono::system_clock::time_point read_at);
  [[nodiscard]] int fd() const { return inotify_.get(); }  // -1 when the kernel has none to give
  [[nodiscard]] TimePoint next() const;
  // Reads events. Files that changed, appeared or went, once a burst is over; their new state is the one to compare
  // to.
  [[nodiscard]] std::vector<std::string> advance(TimePoint now);

 private:
  // What tells two states of a file apart; all zero when it is not there.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  static Stamp stamp(const std::string& path);
  void arm();
  bool read_events();
  Fd inotify_;
  std::map<std::string, Stamp> files_;
  Burst burst_;
  TimePoint look_at_;
};

}  // namespace apigw::run
