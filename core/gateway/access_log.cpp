#include "gateway/access_log.h"

namespace apigw::gateway {

// The worker's side. The lock is contended only while the writer swaps the buffer.
class AccessLog::Desk final : public OutcomeSink {
 public:
  Desk(AccessLog& log, WorkerCell& cell, bool readable) : log_(log), cell_(cell), readable_(readable) {}

  void settle(const Outcome& outcome) override {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      if (lines_.size() >= full) {
        cell_.log_dropped.add();
        return;
      }
      first = lines_.empty();
      readable_ ? append_readable_line(outcome, lines_) : append_json_line(outcome, lines_);
    }
    if (!first) return;
    const std::lock_guard lock(log_.mutex_);
    log_.waiting_lines_ = true;
    log_.wake_.notify_one();
  }
  void take(std::string& empty) {
    const std::lock_guard lock(mutex_);
    lines_.swap(empty);
  }

 private:
  AccessLog& log_;
  WorkerCell& cell_;
  const bool readable_;
  std::mutex mutex_;
  std::string lines_;
};

AccessLog::AccessLog(unsigned workers, State& state, Sink sink, bool readable) : sink_(std::move(sink)) {
  for (unsigned i = 0; i < workers; ++i) desks_.push_back(std::make_unique<Desk>(*this, state.worker(i), readable));
  writer_ = std::thread([this] { run(); });
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
  flush();
}

OutcomeSink& AccessLog::of(unsigned index) {
  return *desks_[index];
}

void AccessLog::flush() {
  while (collect()) {
  }
}

bool AccessLog::collect() {
  const std::lock_guard one_at_a_time(collecting_);
  bool any = false;
  for (const auto& desk : desks_) {
    spare_.clear();
    desk->take(spare_);
    if (spare_.empty()) continue;
    any = true;
    sink_(spare_);
  }
  return any;
}

void AccessLog::run() {
  for (std::unique_lock lock(mutex_); !stopping_;) {
    wake_.wait(lock, [this] { return waiting_lines_ || stopping_; });
    waiting_lines_ = false;
    // Gathers the lines of the next moments into one write, unless it is time to go.
    wake_.wait_for(lock, batch, [this] { return stopping_; });
    lock.unlock();
    collect();
    lock.lock();
  }
}

}  // namespace apigw::gateway
