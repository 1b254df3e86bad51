// The services that this process started: Supervisor's decisions carried out on real processes, sockets and pipes.
//
// Lives on one thread, which polls fd() and calls advance() when it is readable or next() has come. Every exit of a
// leader is told to the Supervisor only when its whole group is gone, so a restart never meets its predecessor.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "run/child.h"
#include "run/lines.h"
#include "run/probe.h"
#include "run/supervisor.h"

namespace apigw::run {

class Services {
 public:
  static constexpr std::size_t tail_lines = 20;
  struct Options {
    Supervisor::Options supervisor;
    std::function<void(std::string_view service, std::string_view line)> line;  // raw bytes of one line
    std::function<void(const Note& note)> note;
  };
  Services(Options options, const Clock& clock);
  ~Services();  // what still runs is killed and reaped
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  void want(std::vector<Launch> launches);
  void stop();  // all; done when empty()

  [[nodiscard]] int fd() const { return epoll_.get(); }
  [[nodiscard]] std::optional<TimePoint> next() const;
  void advance();

  [[nodiscard]] bool empty() const { return supervisor_.empty() && running_.empty(); }
  [[nodiscard]] bool settled() const { return supervisor_.settled(); }
  [[nodiscard]] std::vector<Status> status() const { return supervisor_.status(); }
  [[nodiscard]] const Launch* find(std::string_view service) const { return supervisor_.find(service); }
  // The last lines that the service wrote, of its latest start.
  [[nodiscard]] std::vector<std::string> tail(std::string_view service) const;

 private:
  struct Running {
    Child child;
    Lines lines{};
    std::unique_ptr<Probe> probe;
    std::optional<ExitStatus> ended;  // the leader's; waiting for the rest of the group
    TimePoint kill_rest_at{};
    bool rest_killed = false;
  };
  void carry_out(const Action& action);
  void start(const std::string& service);
  void begin_probe(const std::string& service, Running& running);
  void pump(const std::string& service, Running& running);
  void advance_probe(const std::string& service, Running& running);
  bool advance_exit(const std::string& service, Running& running);  // true when the group is gone
  void take_line(const std::string& service, std::string_view line);
  void poll_for(int fd, bool writing);

  Options options_;
  const Clock& clock_;
  Supervisor supervisor_;
  Fd epoll_;
  Guardian guardian_;
  std::map<std::string, Running, std::less<>> running_;
  std::map<std::string, std::deque<std::string>, std::less<>> tails_;
};

}  // namespace apigw::run
