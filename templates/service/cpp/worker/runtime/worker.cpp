#include "runtime/worker.h"

#include <algorithm>

#include "runtime/call.h"

namespace runtime {
namespace {

constexpr double longest_pause = 60;  // seconds between failing jobs

}  // namespace

Worker::Worker(std::function<void()> job, std::chrono::nanoseconds interval, Metrics& metrics, Log& log)
    : job_(std::move(job)),
      interval_(std::chrono::duration<double>(interval).count()),
      log_(log),
      jobs_(metrics.counter("worker_jobs_total", "Jobs that ended.", {"outcome"})),
      duration_(metrics.histogram("worker_job_duration_seconds", "Time that a job took.")),
      last_(metrics.gauge("worker_last_success_timestamp_seconds",
                          "When a job last succeeded, in seconds since the epoch.")) {}

Worker::~Worker() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::start() {
  ended_ = false;
  thread_ = std::thread([this] { loop(); });
}

void Worker::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

bool Worker::wait_for(std::chrono::nanoseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return ended_; });
}

void Worker::loop() {
  std::unique_lock lock(mutex_);
  for (int failures = 0; !stopping_;) {
    lock.unlock();
    failures = once() ? 0 : std::min(failures + 1, 10);
    lock.lock();
    const double pause = std::min(interval_ * (1 << failures), std::max(interval_, longest_pause));
    changed_.wait_for(lock, std::chrono::duration<double>(pause), [this] { return stopping_; });
  }
  ended_ = true;
  changed_.notify_all();
}

bool Worker::once() {
  const Call call = Call::fresh();
  const CallScope scope(call);
  const auto began = std::chrono::steady_clock::now();
  std::string failure;
  try {
    job_();
  } catch (const std::exception& error) {
    failure = error.what();
    if (failure.empty()) failure = "unknown";
  } catch (...) {
    failure = "it threw what is no std::exception";
  }
  duration_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  if (!failure.empty()) {
    log_.error("the job failed", { {"error", failure} });
    jobs_.add(1, {"failure"});
    return false;
  }
  jobs_.add(1, {"success"});
  last_.set(seconds_since_epoch());
  return true;
}

}  // namespace runtime
