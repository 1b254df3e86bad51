// The same request sent again and again over kept connections, and what came back counted.
//
// Blocking, one thread a connection: each waits for its answer before it asks again, so a slow answer holds up its
// own connection alone. The clock of a call runs from before it is written until its last byte was read.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bench/purse.h"
#include "bench/times.h"
#include "chat/usage.h"
#include "outbound/client.h"

namespace apigw::bench {

// What the body of one answer said, for those that speak of tokens. Fed piece by piece; one a call.
class Reading {
 public:
  virtual ~Reading() = default;
  virtual void feed(std::string_view piece) = 0;
  // The answer itself has begun, not only its head or an empty frame.
  [[nodiscard]] virtual bool begun() const = 0;
  // Why a whole answer with a good status is none after all; empty: it is good.
  [[nodiscard]] virtual std::string failure() = 0;
  // Nothing where it told none.
  [[nodiscard]] virtual std::optional<chat::Usage> usage() = 0;
};

struct Load {
  outbound::Request request;
  unsigned connections = 10;                       // 1 to 1,000
  std::chrono::milliseconds duration{10'000};      // no call begins after it
  std::optional<std::uint64_t> requests;           // instead of a duration
  std::function<std::unique_ptr<Reading>()> read;  // null: any body will do, and it has begun with its first byte
  // What an answer cost, in billionths of a US dollar; nothing where that is not known. Null: nobody counts.
  std::function<std::optional<std::uint64_t>(const chat::Usage& usage)> price;
  std::optional<std::uint64_t> ceiling;  // of the costs of all calls; needs `price`
};

struct Outcome {
  std::uint64_t calls = 0;                        // whole answers, good and bad
  std::uint64_t failed = 0;                       // of them, and of those without an answer
  std::map<std::string, std::uint64_t> failures;  // by status or reason
  Times whole, first;        // of good calls: to the last byte, and to the beginning of the answer
  std::uint64_t bytes = 0;   // of bodies
  std::uint64_t tokens = 0;  // of answers that told
  std::uint64_t told = 0;    // answers that told their tokens
  std::uint64_t priced = 0;  // answers whose cost is known, failed ones too
  Spent spent;
  std::chrono::microseconds took{};
  bool interrupted = false;  // before all calls were made; those that were under way are not counted

  [[nodiscard]] double per_second(std::uint64_t count) const;
};

// Error: that of a call, where none had an answer. A connection that had no answer 50 times in a row gives up.
// `interrupt` is asked about every 50 ms, on the caller's thread, until it says true: then no call begins any more,
// and those that are under way are cut. Null: nobody interrupts.
[[nodiscard]] Result<Outcome> drive(const Load& load, const std::function<bool()>& interrupt = {});

}  // namespace apigw::bench
