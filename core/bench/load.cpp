#include "bench/load.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace apigw::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_reasons = 20;  // told apart; the rest are "other"
constexpr std::chrono::milliseconds look_every{50};
constexpr std::uint64_t lost_in_a_row = 50;  // of one connection without an answer: nobody is there

std::chrono::microseconds since(Clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - then);
}

class Connection {
 public:
  Connection(const Load& load, Clock::time_point end, std::atomic<std::uint64_t>& begun, Purse& purse,
             const std::atomic<bool>& stopped)
      : load_(load), end_(end), begun_(begun), purse_(purse), stopped_(stopped) {}

  void run() {
    for (std::uint64_t lost = 0; lost < lost_in_a_row && may_begin();) {
      const bool answered = call();
      lost = answered ? 0 : lost + 1;
    }
  }
  void cut() { line_.cut(); }  // from another thread

  Outcome outcome;
  std::optional<Error> last_error;  // of a call without an answer

 private:
  bool may_begin() {
    if (stopped_) return false;
    if (load_.requests)
      return begun_.fetch_add(1, std::memory_order_relaxed) < *load_.requests && purse_.take(std::nullopt);
    return Clock::now() < end_ && purse_.take(end_);
  }

  // Of a call that is over and was not refused: one that tells no usage may have cost something.
  std::optional<std::uint64_t> cost_of(const http::ResponseHead* head, Reading* reading) const {
    if (!load_.price) return 0;
    const auto usage = head != nullptr && reading != nullptr ? reading->usage() : std::nullopt;
    return usage ? load_.price(*usage) : std::nullopt;
  }

  // Whether there was an answer, good or bad.
  bool call() {
    const auto reading = load_.read ? load_.read() : nullptr;
    std::optional<std::chrono::microseconds> first;
    const auto began = Clock::now();
    const auto piece = [&](std::string_view bytes) {
      outcome.bytes += bytes.size();
      if (reading) reading->feed(bytes);
      if (!first && (!reading || reading->begun())) first = since(began);
      return true;
    };
    const auto head = line_.send(load_.request, {.head = {}, .body = piece});
    const auto took = since(began);
    const bool refused = head && head->status >= 400 && head->status < 500;
    const auto cost = refused ? std::optional<std::uint64_t>(0) : cost_of(head ? &*head : nullptr, reading.get());
    if (refused)
      purse_.refused();
    else
      purse_.settle(cost);
    if (load_.price && cost && !refused) ++outcome.priced;
    if (!head && stopped_) return false;  // cut from here
    if (!head) {
      last_error = head.error();
      fail(head.error().kind == ErrorKind::timeout ? "timeout" : "no answer");
      return false;
    }
    ++outcome.calls;
    std::string reason = head->status >= 400 ? fmt::format("{}", head->status) : std::string();
    if (reason.empty() && reading) reason = reading->failure();
    if (!reason.empty()) {
      fail(std::move(reason));
      return true;
    }
    outcome.whole.add(took);
    outcome.first.add(first.value_or(took));
    if (const auto usage = reading ? reading->usage() : std::nullopt) {
      outcome.tokens += usage->answer();
      ++outcome.told;
    }
    return true;
  }

  void fail(std::string reason) {
    ++outcome.failed;
    const bool known = outcome.failures.contains(reason) || outcome.failures.size() < most_reasons;
    ++outcome.failures[known ? std::move(reason) : std::string("other")];
  }

  const Load& load_;
  const Clock::time_point end_;
  std::atomic<std::uint64_t>& begun_;
  Purse& purse_;
  const std::atomic<bool>& stopped_;
  outbound::Line line_;
};

void add(const Outcome& part, Outcome& whole) {
  whole.calls += part.calls;
  whole.failed += part.failed;
  for (const auto& [reason, count] : part.failures) whole.failures[reason] += count;
  whole.whole.add(part.whole);
  whole.first.add(part.first);
  whole.bytes += part.bytes;
  whole.tokens += part.tokens;
  whole.told += part.told;
  whole.priced += part.priced;
}

// How many connections are at work yet.
class AtWork {
 public:
  explicit AtWork(std::size_t count) : count_(count) {}
  void leave() {
    const std::lock_guard lock(mutex_);
    --count_;
    left_.notify_all();
  }
  // Whether none is any more, by then at the latest.
  bool done_within(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return left_.wait_for(lock, time, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t count_;
};

}  // namespace

double Outcome::per_second(std::uint64_t count) const {
  const double seconds = std::chrono::duration<double>(took).count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

Result<Outcome> drive(const Load& load, const std::function<bool()>& interrupt) {
  const auto began = Clock::now();
  std::atomic<std::uint64_t> begun{0};
  Purse purse(load.ceiling);
  std::atomic<bool> stopped{false};
  std::vector<std::unique_ptr<Connection>> connections;
  for (unsigned i = 0; i < load.connections; ++i)
    connections.push_back(std::make_unique<Connection>(load, began + load.duration, begun, purse, stopped));
  {
    AtWork at_work(connections.size());
    std::vector<std::jthread> threads;
    for (const auto& connection : connections)
      threads.emplace_back([&connection, &at_work] {
        connection->run();
        at_work.leave();
      });
    while (!at_work.done_within(look_every)) {
      stopped = stopped || (interrupt && interrupt());
      if (!stopped) continue;
      for (const auto& connection : connections) connection->cut();  // each time: one may just have begun
    }
  }
  Outcome whole;
  whole.interrupted = stopped;
  for (const auto& connection : connections) add(connection->outcome, whole);
  whole.took = since(began);
  whole.spent = purse.spent();
  if (whole.calls > 0 || whole.interrupted) return whole;
  for (const auto& connection : connections)
    if (connection->last_error) return std::unexpected(*connection->last_error);
  return whole;
}

}  // namespace apigw::bench
