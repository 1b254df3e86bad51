#include "console.h"

#include <ostream>

namespace apigw::cli {

Console::Console(std::ostream& out, std::ostream& err) : out_(out), err_(err), writer_([this] { write_all(); }) {}

Console::~Console() {
  if (writer_.joinable() && close(std::chrono::seconds{2})) return;
  if (writer_.joinable()) writer_.detach();
}

void Console::post(std::ostream& to, std::string_view lines) {
  const std::lock_guard lock(mutex_);
  if (closing_) return;
  if (waiting_ + lines.size() > limit) {
    ++dropped_;
    return;
  }
  waiting_ += lines.size();
  queue_.push_back({&to, std::string(lines)});
  changed_.notify_all();
}

void Console::write_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (queue_.empty()) break;
    std::deque<Text> batch;
    batch.swap(queue_);
    waiting_ = 0;
    const std::size_t dropped = std::exchange(dropped_, 0);
    lock.unlock();
    for (const Text& text : batch) *text.to << text.text;
    if (dropped > 0)
      err_ << fmt::format("warning: {} texts were dropped, the terminal took them too slowly\n", dropped);
    out_.flush();
    err_.flush();
    lock.lock();
  }
  ended_ = true;
  changed_.notify_all();
}

bool Console::close(std::chrono::milliseconds patience) {
  {
    std::unique_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
    if (!changed_.wait_for(lock, patience, [this] { return ended_; })) return false;
  }
  if (writer_.joinable()) writer_.join();
  return true;
}

}  // namespace apigw::cli
