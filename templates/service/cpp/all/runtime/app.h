// One request in, one response out: routing, measuring, logging, probes, and no exception gets through.
//
// Knows no socket, so tests need none. Safe for many threads once its routes are added.
#pragma once
#include <atomic>
#include <chrono>

#include "runtime/http.h"
#include "runtime/log.h"
#include "runtime/metrics.h"

namespace runtime {

class App {
 public:
  explicit App(Log& log);  // which outlives it

  Router router;
  Metrics metrics;
  Log& log;

  // Turns /readyz to 503; the server closes each connection behind its next answer.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }

  // `refused`: what was wrong with the request before a handler could see it.
  Response answer(Request request, const Problem* refused = nullptr);

 private:
  Response handle(Request& request, const Problem* refused, std::string& route);
  void measure(const Request& request, const std::string& route, int status, std::chrono::steady_clock::duration took);

  std::atomic<bool> draining_ = false;
  Value& requests_;
  Value& running_;
  Histogram& duration_;
};

}  // namespace runtime
