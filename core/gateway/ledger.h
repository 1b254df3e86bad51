// The Outcome of one exchange in the making. It is settled exactly once, when the Ledger ends, whichever way the
// exchange went, a torn-down server included.
//
// Also lends the exchange the worker's reusable buffers, so that a call in steady state allocates nothing for them.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/outcome.h"
#include "gateway/request_ids.h"
#include "gateway/state.h"
#include "gateway/transport.h"
#include "http/exchange.h"
#include "policy/gate.h"

namespace apigw::gateway {

struct Scratch {
  // Announced lengths are believed up to here when room is made ahead; a longer text grows as it comes.
  static constexpr std::uint64_t most_reserved = 256 << 10;
  UpstreamRequest request;
  http::ResponseHead reply;
  std::string body;    // of the request, when it must be kept whole
  std::string answer;  // of the upstream, when it must be read whole
  std::vector<AttemptRecord> attempts;
  chat::Losses losses;  // of the attempt that is under way
  std::string request_id;
  std::string traceparent;
  std::string model;
  // Empties everything; buffers that one large call made big are given back.
  void clear();
};

// The worker's free ones.
class ScratchPool {
 public:
  [[nodiscard]] std::unique_ptr<Scratch> take();
  void give(std::unique_ptr<Scratch> scratch);

 private:
  static constexpr std::size_t most = 64;
  std::vector<std::unique_ptr<Scratch>> free_;
};

// Where a worker counts and logs.
struct Books {
  State& state;
  unsigned worker;
  const Clock& clock;
  OutcomeSink* log;  // null: none
  ScratchPool& scratch;
  IdSource& ids;
  // To the log and to whoever looks at the last ones.
  void settle(const Outcome& outcome) const;
};

class Ledger {
 public:
  Ledger(Books books, const http::Exchange& exchange, RouteSeries& no_route);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  [[nodiscard]] Outcome& outcome() { return outcome_; }
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }
  [[nodiscard]] Scratch& scratch() { return *scratch_; }
  [[nodiscard]] std::chrono::steady_clock::time_point began() const { return began_; }
  // Exchanges that were in flight before this one.
  [[nodiscard]] std::uint32_t others() const { return others_; }
  [[nodiscard]] std::string_view request_id() const { return scratch_->request_id; }
  [[nodiscard]] std::string_view traceparent() const { return scratch_->traceparent; }
  [[nodiscard]] std::chrono::microseconds since(std::chrono::steady_clock::time_point begin) const;
  [[nodiscard]] std::chrono::microseconds since_begin() const { return since(began_); }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const { return books_.clock.now(); }
  [[nodiscard]] WorkerCell& cell() { return books_.state.worker(books_.worker); }

  void close(End end, std::string_view reason) {
    outcome_.end = end;
    outcome_.reason = reason;
  }
  // A reply of the last attempt, with what it used: its cost is added.
  void charge(const chat::Usage& usage);
  void first_byte() {
    if (!outcome_.first_byte) outcome_.first_byte = since_begin();
  }

 private:
  void name(const http::RequestHead& head);
  void count();

  Books books_;
  const http::Exchange& exchange_;
  std::unique_ptr<Scratch> scratch_;
  const std::chrono::steady_clock::time_point began_;
  const std::uint32_t others_;
  Outcome outcome_;
};

}  // namespace apigw::gateway
