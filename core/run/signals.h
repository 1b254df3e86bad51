// Signals as events of a poll loop: blocked for this thread and every thread that it starts later, read from fd().
#pragma once
#include <initializer_list>
#include <optional>

#include <signal.h>

#include "run/child.h"

namespace apigw::run {

class Signals {
 public:
  explicit Signals(std::initializer_list<int> numbers);
  ~Signals();  // unblocks those that were not blocked before
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] std::optional<int> take();  // the next one that came, without waiting

 private:
  sigset_t before_;
  Fd fd_;
};

}  // namespace apigw::run
