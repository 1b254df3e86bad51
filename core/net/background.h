// Two threads for what would block a worker: name look-ups and loading CA bundles.
//
// A worker's coroutine sends an errand and sleeps; the answer comes back through the worker's mailbox, which outlives
// the worker so that a late answer finds a closed door instead of a dead loop. The queue is bounded. Threads start
// with the first errand and are not waited for longer than a moment at the end: getaddrinfo cannot be interrupted.
#pragma once
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "gateway/transport.h"
#include "http/task.h"
#include "net/loop.h"

namespace apigw::net {

// Where other threads leave work for a worker.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> letter);  // dropped once closed
  void close();

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

struct Errand;

struct Desk {
  Loop& loop;
  std::shared_ptr<Mailbox> mailbox;
  std::list<Errand*> errands{};  // whose coroutines wait
  // Ends all waits as timed out: the worker is stopping.
  void give_up();
};

// Runs `work` on the worker whose mailbox `there` is and returns here when it is done, or after `limit`: then it may
// still run, and owns all that it touches besides that worker.
Task<void> visit(Desk& desk, std::shared_ptr<Mailbox> there, std::function<void()> work,
                 std::chrono::milliseconds limit);

class Background {
 public:
  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  enum class Ended : unsigned char { done, timeout, full, stopped };
  // Runs `work` elsewhere and returns here. After a timeout or a stop `work` may still run: it owns all that it
  // touches.
  Task<Ended> errand(Desk& desk, std::function<void()> work, std::chrono::milliseconds limit,
                     gateway::Opening& opening);

 private:
  struct Queue;
  std::shared_ptr<Queue> queue_;
};

}  // namespace apigw::net
