#include "run/services.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace apigw::run {
namespace {

constexpr Milliseconds look_again{20};       // while the rest of a group is ending
constexpr std::size_t pump_bytes = 1 << 18;  // of one service a turn, so that a loud one starves nobody

}  // namespace

Services::Services(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      supervisor_(options_.supervisor),
      epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  // What a service leaves behind becomes our child, so it can be reaped: in a container nobody else may do it, and a
  // group counts as alive while it holds a zombie.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

Services::~Services() {
  for (auto& [name, running] : running_) {
    signal_group(running.child.pid, SIGKILL);
    if (!running.ended) waitpid(running.child.pid, nullptr, 0);
    reap_group(running.child.pid);
    guardian_.forget(running.child.pid);
  }
}

void Services::want(std::vector<Launch> launches) {
  supervisor_.want(std::move(launches), clock_.now());
  advance();
}

void Services::stop() {
  supervisor_.stop(clock_.now());
  advance();
}

// Readiness only wakes the loop: who is ready is found by asking, for there are few.
void Services::poll_for(int fd, bool writing) {
  epoll_event event{.events = writing ? EPOLLOUT : EPOLLIN, .data = {.fd = fd}};
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event);
}

std::optional<TimePoint> Services::next() const {
  std::optional<TimePoint> soonest = supervisor_.next();
  const auto at = [&](TimePoint time) { soonest = soonest ? std::min(*soonest, time) : time; };
  for (const auto& [name, running] : running_) {
    if (running.probe) at(running.probe->deadline());
    if (running.ended) at(clock_.now() + look_again);
  }
  return soonest;
}

void Services::advance() {
  for (auto it = running_.begin(); it != running_.end();) {
    auto& [name, running] = *it;
    pump(name, running);
    if (running.probe) advance_probe(name, running);
    it = advance_exit(name, running) ? running_.erase(it) : std::next(it);
  }
  for (const Action& action : supervisor_.step(clock_.now())) carry_out(action);
  for (const Note& note : supervisor_.take_notes()) options_.note(note);
}

void Services::carry_out(const Action& action) {
  if (action.kind == Action::Kind::start) return start(action.service);
  const auto at = running_.find(action.service);
  if (at == running_.end()) {  // it could not be started
    if (action.kind != Action::Kind::probe) supervisor_.exited(action.service, {}, clock_.now());
    return;
  }
  if (action.kind == Action::Kind::probe) return begin_probe(action.service, at->second);
  signal_group(at->second.child.pid, action.kind == Action::Kind::kill ? SIGKILL : SIGTERM);
}

void Services::start(const std::string& service) {
  const Launch* launch = supervisor_.find(service);
  tails_[service].clear();
  Result<Child> child = start_child(*launch);
  if (!child) {
    take_line(service, "apigw: " + child.error().what);
    supervisor_.exited(service, {.code = 127}, clock_.now());
    return;
  }
  if (auto guarded = guardian_.watch(child->pid); !guarded) take_line(service, "apigw: " + guarded.error().what);
  poll_for(child->output.get(), false);
  poll_for(child->exit.get(), false);
  running_.insert_or_assign(service, Running{.child = std::move(*child)});
}

void Services::begin_probe(const std::string& service, Running& running) {
  const Launch* launch = supervisor_.find(service);
  running.probe = std::make_unique<Probe>(launch->port, launch->health_path, clock_.now());
  if (running.probe->fd() >= 0) poll_for(running.probe->fd(), true);
  advance_probe(service, running);
}

void Services::advance_probe(const std::string& service, Running& running) {
  const std::optional<bool> good = running.probe->advance(clock_.now());
  if (!good) return poll_for(running.probe->fd(), running.probe->events() == POLLOUT);
  running.probe.reset();
  supervisor_.probed(service, *good && !running.ended, clock_.now());
}

void Services::pump(const std::string& service, Running& running) {
  const auto take = [&](std::string_view line) { take_line(service, line); };
  std::array<char, 16384> bytes;
  for (std::size_t total = 0; running.child.output && total < pump_bytes;) {
    const ssize_t n = read(running.child.output.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // nothing more now
    if (n == 0) {
      running.lines.finish(take);
      running.child.output.reset();
      return;
    }
    total += static_cast<std::size_t>(n);
    running.lines.feed({bytes.data(), static_cast<std::size_t>(n)}, take);
  }
}

bool Services::advance_exit(const std::string& service, Running& running) {
  const pid_t group = running.child.pid;
  if (!running.ended) {
    running.ended = reap(running.child);
    if (!running.ended) return false;
    // An unwanted exit leaves the rest of the group without a leader: it is asked to end, too.
    signal_group(group, SIGTERM);
    running.kill_rest_at = clock_.now() + options_.supervisor.grace;
  }
  reap_group(group);
  if (group_lives(group)) {
    if (!running.rest_killed && clock_.now() >= running.kill_rest_at) {
      signal_group(group, SIGKILL);
      running.rest_killed = true;
    }
    return false;
  }
  guardian_.forget(group);
  pump(service, running);  // what was written last; a process that left the group may hold the pipe open
  running.lines.finish([&](std::string_view line) { take_line(service, line); });
  supervisor_.exited(service, *running.ended, clock_.now());
  return true;
}

void Services::take_line(const std::string& service, std::string_view line) {
  std::deque<std::string>& tail = tails_[service];
  tail.emplace_back(line);
  if (tail.size() > tail_lines) tail.pop_front();
  options_.line(service, line);
}

std::vector<std::string> Services::tail(std::string_view service) const {
  const auto at = tails_.find(service);
  if (at == tails_.end()) return {};
  return {at->second.begin(), at->second.end()};
}

}  // namespace apigw::run
