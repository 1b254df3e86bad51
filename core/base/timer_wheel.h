// Many deadlines, one timer: each io_context owns one wheel that its driver ticks; nothing here asks for the time.
//
// A deadline is met within one tick (never early, up to one tick late), which is fine for timeouts of seconds and
// costs two pointer writes to arm or disarm. Not thread-safe: a wheel and its entries belong to one thread.
#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace apigw {

class TimerWheel {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds tick_length{50};

  // Base of whatever waits; leaves its wheel when destroyed. `expired` runs inside TimerWheel::advance and may arm or
  // disarm any entry, this one included.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() { disarm(); }
    virtual void expired() = 0;
    void disarm() {
      if (!next_) return;
      previous_->next_ = next_;
      next_->previous_ = previous_;
      next_ = previous_ = nullptr;
    }
    [[nodiscard]] bool armed() const { return next_ != nullptr; }

   private:
    friend class TimerWheel;
    Entry* next_ = nullptr;
    Entry* previous_ = nullptr;
    std::uint64_t due_tick_ = 0;
  };

  explicit TimerWheel(TimePoint start) : start_(start) {
    for (Head& head : slots_) head.next_ = head.previous_ = &head;
  }

  // (Re)arms `entry` to expire once `delay` has passed since the last advance().
  void arm(Entry& entry, std::chrono::milliseconds delay) {
    entry.disarm();
    const auto ticks = static_cast<std::uint64_t>((delay + tick_length - std::chrono::milliseconds{1}) / tick_length);
    entry.due_tick_ = tick_ + ticks + 1;
    Head& head = slots_[entry.due_tick_ % slots_.size()];
    entry.previous_ = head.previous_;
    entry.next_ = &head;
    head.previous_->next_ = &entry;
    head.previous_ = &entry;
  }

  // Expires all that is due at `now`.
  void advance(TimePoint now) {
    const auto target = static_cast<std::uint64_t>((now - start_) / tick_length);
    while (tick_ < target) {
      ++tick_;
      sweep(slots_[tick_ % slots_.size()]);
    }
  }

 private:
  struct Head final : Entry {
    ~Head() override { next_ = previous_ = nullptr; }
    void expired() override {}
    using Entry::Entry;
    friend class TimerWheel;
  };

  void sweep(Head& head) {
    // Due entries move to a list of their own first: a callback may arm into the slot that is being swept.
    Head due;
    due.next_ = due.previous_ = &due;
    for (Entry* entry = head.next_; entry != &head;) {
      Entry* next = entry->next_;
      if (entry->due_tick_ <= tick_) {
        entry->disarm();
        entry->previous_ = due.previous_;
        entry->next_ = &due;
        due.previous_->next_ = entry;
        due.previous_ = entry;
      }
      entry = next;
    }
    while (due.next_ != &due) {
      Entry* entry = due.next_;
      entry->disarm();
      entry->expired();
    }
  }

  TimePoint start_;
  std::uint64_t tick_ = 0;
  std::array<Head, 512> slots_;
};

}  // namespace apigw
