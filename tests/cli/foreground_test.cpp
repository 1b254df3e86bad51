// The loop of run and serve in this process, with files that fail as no file does.
#include "foreground.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <thread>

#include <doctest/doctest.h>
#include <signal.h>
#include <unistd.h>

#include "support/cli.h"

using namespace apigw;

namespace {

// What another thread prints, to be waited for.
class Heard final : public std::streambuf {
 public:
  bool wait_for(std::string_view text) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return all_.contains(text); });
  }

 private:
  int_type overflow(int_type c) override {
    const char one = traits_type::to_char_type(c);
    xsputn(&one, 1);
    return c;
  }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    const std::lock_guard lock(mutex_);
    all_.append(bytes, static_cast<std::size_t>(size));
    changed_.notify_all();
    return size;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string all_;
};

// Reads its config once.
class Faulty final : public testing::MemoryFiles {
 public:
  using MemoryFiles::MemoryFiles;
  Result<std::string> read(const std::string& path, std::size_t limit) const override {
    if (path == "apigw.yaml" && reads_++ > 0) throw std::runtime_error("planted");
    return MemoryFiles::read(path, limit);
  }

 private:
  mutable std::atomic<int> reads_ = 0;
};

}  // namespace

TEST_CASE("a fault of apigw's own while it reloads keeps the running config") {
  sigset_t numbers, before;
  sigemptyset(&numbers);
  sigaddset(&numbers, SIGHUP);
  sigaddset(&numbers, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &numbers, &before);
  Faulty files{{"apigw.yaml", "apigw: 1\nlisten: 127.0.0.1:0\nroutes: { /old: { redirect: /new } }\n"}};
  Heard heard;
  std::istringstream in;
  std::ostringstream out;
  std::ostream err(&heard);
  const SystemClock clock;
  cli::Env env{.files = files, .in = in, .out = out, .err = err, .clock = clock, .environment = {}, .terminal = {}};
  int exit = -1;
  std::thread serving([&] { exit = cli::run_cli({"serve"}, env); });
  CHECK(heard.wait_for("gateway http://127.0.0.1:"));
  ::kill(::getpid(), SIGHUP);
  CHECK(heard.wait_for("internal error: planted\nthe running config stays\n"));
  ::kill(::getpid(), SIGTERM);
  serving.join();
  CHECK(exit == 0);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}
