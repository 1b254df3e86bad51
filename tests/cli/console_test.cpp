#include "console.h"

#include <condition_variable>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace apigw::cli;

namespace {

// A stream that takes nothing until it is let go.
class Stuck final : public std::stringbuf {
 public:
  void let_go() {
    const std::lock_guard lock(mutex_);
    free_ = true;
    changed_.notify_all();
  }

 private:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return free_; });
    return std::stringbuf::xsputn(text, size);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool free_ = false;
};

}  // namespace

TEST_CASE("texts of many threads come out whole and in the order of each") {
  std::ostringstream out, err;
  {
    Console console(out, err);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&console, t] {
        for (int i = 0; i < 500; ++i) console.out(std::to_string(t) + " " + std::to_string(i) + "\n");
      });
    for (std::thread& thread : threads) thread.join();
    console.err("end\n");
  }
  int next[4] = {};
  std::istringstream lines(out.str());
  int t = 0, i = 0, count = 0;
  while (lines >> t >> i) {
    CHECK(i == next[t]++);
    ++count;
  }
  CHECK(count == 2000);
  CHECK(err.str() == "end\n");
}

TEST_CASE("a terminal that takes nothing costs lines, never a wait") {
  Stuck stuck;
  std::ostream out(&stuck);
  std::ostringstream err;
  Console console(out, err);
  const std::string line(1 << 16, 'x');
  for (int i = 0; i < 200; ++i) console.out(line);
  CHECK_FALSE(console.close(std::chrono::milliseconds{1}));
  stuck.let_go();
  CHECK(console.close(std::chrono::seconds{20}));
  CHECK(stuck.str().size() < 200u << 16);
  CHECK(err.str().find("texts were dropped") != std::string::npos);
}
