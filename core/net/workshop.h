// A worker: its loop, its clients, its upstream pool and the thread that runs them.
//
// Everything but the constructor, start(), do_here(), send() and stop() happens on that thread. Before start() and
// after stop() the caller's thread stands in for it.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "net/connection.h"
#include "net/dialer.h"
#include "net/pool.h"

namespace apigw::net {

class Workshop {
 public:
  Workshop(unsigned index, const Clock& clock, Outside& outside, OriginCounts& counts, Tally& tally);
  ~Workshop();

  [[nodiscard]] Worker lent() { return {.index = index_, .io = loop_.io, .transport = pool_}; }
  void start();
  // Runs `task` on the worker's thread and waits for it.
  void do_here(const std::function<void()>& task);
  // Leaves `task` for the worker's thread.
  void send(std::function<void()> task) { desk_.mailbox->post(std::move(task)); }
  // Ends the thread.
  void stop();

  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] ClientSide& side() { return side_; }
  [[nodiscard]] Pool& pool() { return pool_; }
  void adopt(Accepted accepted);
  void drain(std::chrono::milliseconds idle);  // as Server::drain; `idle` is the time for one more request
  void close_all();

 private:
  const unsigned index_;
  Loop loop_;
  Desk desk_;
  Pool pool_;
  ClientSide side_;
  std::thread thread_;
};

}  // namespace apigw::net
