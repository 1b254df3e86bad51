// Repeats a job in a thread of its own until it is told to stop. What a job throws is logged and counted.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "runtime/log.h"
#include "runtime/metrics.h"

namespace runtime {

class Worker {
 public:
  // Log and metrics outlive it.
  Worker(std::function<void()> job, std::chrono::nanoseconds interval, Metrics& metrics, Log& log);
  ~Worker();  // waits for the job that runs

  void start();
  void stop();                                   // no further job begins
  bool wait_for(std::chrono::nanoseconds limit);  // whether the job that ran has ended in time

 private:
  void loop();
  bool once();

  std::function<void()> job_;
  double interval_;  // seconds
  Log& log_;
  Value& jobs_;
  Histogram& duration_;
  Value& last_;
  std::mutex mutex_;  // of the two below
  bool stopping_ = false, ended_ = true;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace runtime
