// The two output streams of a command that keeps running, shared by its threads without any of them waiting.
//
// Texts are queued and written by a thread of their own, whole and in their order. The queue is bounded: a terminal
// that takes nothing costs lines (counted and told), never a stuck gateway.
#pragma once
#include <condition_variable>
#include <deque>
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace apigw::cli {

class Console {
 public:
  static constexpr std::size_t limit = 4 << 20;  // bytes waiting
  Console(std::ostream& out, std::ostream& err);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;
  // Whole lines, from any thread.
  void out(std::string_view lines) { post(out_, lines); }
  void err(std::string_view lines) { post(err_, lines); }
  // Writes what waits and ends. False when the streams have not taken it in time: they must not be touched any more.
  bool close(std::chrono::milliseconds patience);

 private:
  struct Text {
    std::ostream* to;
    std::string text;
  };
  void post(std::ostream& to, std::string_view lines);
  void write_all();

  std::ostream& out_;
  std::ostream& err_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Text> queue_;
  std::size_t waiting_ = 0;  // bytes in queue_
  std::size_t dropped_ = 0;  // texts since the last report of it
  bool closing_ = false, ended_ = false;
  std::thread writer_;
};

}  // namespace apigw::cli
