// Decides when services start, are probed, are stopped and start again; knows no process and no clock.
//
// Events come in (want, started, exited, probed, stop), step(now) gives what to do now. A service starts once those
// that it `calls` are healthy or late (a circle is broken where the config names it first), is healthy at its first
// good probe, and after an unwanted exit starts again after a growing, jittered pause. A changed Launch is stopped,
// then started; a removed one only stopped. Stopping is TERM, then KILL after the grace period.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/launch.h"

namespace apigw::run {

using TimePoint = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

enum class Phase {
  waiting,   // for those that it calls
  starting,  // runs, no good probe yet
  late,      // as starting, past the time to become healthy
  healthy,
  resting,  // exited; starts again when the pause is over
  stopping,
  stopped,  // only between two steps: then it is gone or waits again
};
[[nodiscard]] std::string_view word(Phase phase);

struct ExitStatus {
  int code = 0;                            // when signal is 0
  int signal = 0;                          // what killed it
  [[nodiscard]] std::string text() const;  // "exit status 3", "signal 9 (Killed)"
};

struct Action {
  enum class Kind { start, probe, terminate, kill } kind;
  std::string service;
};

// What a person should read about.
struct Note {
  enum class Kind { started, healthy, late, died_early, exited, stopped } kind;
  std::string service;
  ExitStatus status{};   // died_early (before it was ever healthy in this start), exited
  Milliseconds pause{};  // until the next start, for died_early and exited
};

struct Status {
  std::string service;
  Phase phase{};
  std::uint16_t port = 0;
  unsigned restarts = 0;
};

class Supervisor {
 public:
  struct Options {
    Milliseconds grace{5'000};            // TERM to KILL
    Milliseconds healthy_within{60'000};  // after that a start is late
    Milliseconds first_pause{500}, longest_pause{30'000};
    Milliseconds settled{10'000};                         // healthy for that long: the pauses begin anew
    std::function<double()> jitter = [] { return 0.5; };  // in [0, 1): a pause is 75 to 125 % of its nominal length
  };
  explicit Supervisor(Options options) : options_(std::move(options)) {}

  void want(std::vector<Launch> launches, TimePoint now);
  void stop(TimePoint now);  // all, for good
  void exited(std::string_view service, ExitStatus status, TimePoint now);
  void probed(std::string_view service, bool good, TimePoint now);

  [[nodiscard]] std::vector<Action> step(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> next() const;  // when step() has something to do without an event
  [[nodiscard]] std::vector<Note> take_notes();
  [[nodiscard]] std::vector<Status> status() const;
  [[nodiscard]] const Launch* find(std::string_view service) const;
  // Nothing waits, starts or stops any more: every service is healthy, late or resting.
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    Launch launch;
    std::optional<Launch> replacement;  // started once this one has stopped
    bool wanted = true;
    Phase phase = Phase::waiting;
    std::size_t order = 0;  // waits for calls of a lower order only
    TimePoint due{};        // starting: late then; resting: start then; stopping: KILL then
    TimePoint probe_at{};
    bool probing = false;
    Milliseconds probe_pause{};
    TimePoint healthy_since{};
    unsigned failures = 0;  // in a row
    unsigned restarts = 0;
    bool told = false;  // the TERM or KILL of this stage was given out
    bool killed = false;
  };
  Entry* find_entry(std::string_view service);
  [[nodiscard]] static bool runs(const Entry& entry);
  void begin_stop(Entry& entry, TimePoint now);
  void replace(Entry& entry, Launch launch, TimePoint now);
  void set_order();
  void visit(std::size_t index, std::vector<int>& seen, std::size_t& order);
  [[nodiscard]] bool may_start(const Entry& entry) const;
  void step_entry(Entry& entry, TimePoint now, std::vector<Action>& actions);
  [[nodiscard]] Milliseconds pause_after(unsigned failures) const;

  Options options_;
  std::vector<Entry> entries_;
  std::vector<Note> notes_;
};

}  // namespace apigw::run
