// One line an exchange, made where the exchange ended and written by another thread.
//
// Each worker formats into a buffer of its own; one writer thread collects the buffers every `batch` and hands whole
// lines to its sink. A worker never waits: when its buffer is full because the writer is too slow, the line is
// dropped and counted. Lines hold names, sizes and times, no bodies, no queries, no header values and no secrets;
// control characters are escaped and fields capped.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/outcome.h"
#include "gateway/state.h"

namespace apigw::gateway {

// Appends one JSON object and a line feed.
void append_json_line(const Outcome& outcome, std::string& out);
// Appends a readable, aligned line: "12:30:01.123  200  POST /v1/chat/completions  chat → openai/gpt-5-mini  812 ms".
void append_readable_line(const Outcome& outcome, std::string& out);

class AccessLog {
 public:
  using Sink = std::function<void(std::string_view lines)>;
  static constexpr std::chrono::milliseconds batch{50};
  static constexpr std::size_t full = 1 << 20;  // bytes a worker may have waiting

  AccessLog(unsigned workers, State& state, Sink sink, bool readable);
  ~AccessLog();  // writes what waits
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // What worker `index` settles into.
  [[nodiscard]] OutcomeSink& of(unsigned index);
  // Returns when every line settled before has been handed to the sink.
  void flush();

 private:
  class Desk;
  void run();
  bool collect();  // whether there was anything

  const Sink sink_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::string spare_;      // of the writer
  std::mutex collecting_;  // one collector at a time: the writer or a flush
  std::mutex mutex_;
  std::condition_variable wake_;
  bool waiting_lines_ = false, stopping_ = false;
  std::thread writer_;
};

}  // namespace apigw::gateway
