// What a running project is made of on disk, and what a change of one of these files asks for.
//
// A new certificate is taken without reading the config again; anything else, a new match of `include:` too, asks for
// a reading. Watches from the files of the latest reading, good or bad: a mistake is mended where it was made.
#pragma once
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/load.h"
#include "include_matches.h"
#include "model/plan.h"
#include "run/watch.h"

namespace apigw::cli {

class ProjectWatch {
 public:
  enum class Scope { project, certificates };
  // What the latest reading took its content from.
  struct Reading {
    std::vector<std::string> files, globs;
    std::chrono::system_clock::time_point at{};  // when it began
  };
  struct Change {
    std::string file;           // one that changed, came or went; "" for one that came while the project was read
    bool certificates = false;  // nothing else changed
  };

  ProjectWatch(Scope scope, const config::Files& files, run::TimePoint now)
      : scope_(scope), files_(files), watch_(now) {}
  // From now on the files of `reading`, of the plan that runs, and `dotenv`.
  void follow(const Reading& reading, const model::Plan& running, const std::string& dotenv, run::TimePoint now);
  [[nodiscard]] std::optional<Change> changed(run::TimePoint now);
  [[nodiscard]] int fd() const { return watch_.fd(); }
  [[nodiscard]] run::TimePoint next() const;

 private:
  const Scope scope_;
  const config::Files& files_;
  run::FileWatch watch_;
  std::set<std::string> certificates_;
  IncludeMatches includes_;
  bool stale_ = false;        // an include came while the project was read
  run::TimePoint look_at_{};  // at the includes
};

}  // namespace apigw::cli
