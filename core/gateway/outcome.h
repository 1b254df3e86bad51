// What became of one exchange: written once, by SETTLE, whatever happened. Log, metrics and later money read it.
//
// Views live as long as settle() runs: a sink formats or copies at once. Series belong to the plan of the exchange.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalogue/cost.h"
#include "chat/loss.h"
#include "chat/usage.h"

namespace apigw::gateway {

enum class End : std::uint8_t {
  done,         // the reply was delivered whole, whatever its status
  refused,      // a gate said no
  answered,     // a gate answered, nothing was dispatched
  failed,       // no upstream gave a usable reply; the client got an error
  cut,          // the reply broke after it had begun
  client_left,  // the client went away first
};
[[nodiscard]] std::string_view word(End end);

struct RouteSeries;
struct UpstreamSeries;
struct ModelSeries;

struct AttemptRecord {
  std::string_view to;       // name of the service or provider
  std::string model;         // as the provider calls it; empty for a service. Outlives the call that named it
  std::string_view address;  // origin that was dialled
  int status = 0;            // of the upstream's head; 0: none came
  std::optional<ErrorKind> error;
  std::chrono::microseconds took{};
  bool reused = false;                 // a pooled connection
  bool repair = false;                 // a second call, because the answer of the first had not the form it should
  UpstreamSeries* upstream = nullptr;  // where it is counted
  ModelSeries* series = nullptr;
  const catalogue::ModelRow* row = nullptr;  // whose prices count; null: the catalogue has none
};

struct Outcome {
  std::string_view request_id;
  std::chrono::system_clock::time_point started;
  std::chrono::microseconds took{};
  std::optional<std::chrono::microseconds> first_byte;  // until the first byte of an upstream's body or head
  std::string_view method, path, host, client;          // path without query
  std::string_view route;                               // Route::id; empty: none matched
  RouteSeries* series = nullptr;                        // of that route, or of what matched none
  std::string_view consumer;
  std::string_view model;   // as the client named it, AI routes only
  std::string_view reason;  // Refusal::reason or the word of the error; empty when done
  int status = 0;           // sent to the client; 0: none
  End end = End::done;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  chat::Usage usage;
  bool charged = false;                        // a model answered, or began to
  std::optional<catalogue::Nanodollars> cost;  // of all its answers, when it is `charged`; absent: not known
  const chat::Losses* losses = nullptr;        // of the last attempt's translation, both ways; null: there was none
  std::vector<AttemptRecord> attempts;         // in order; the last one served the reply when `end` is done
};

// Receives every Outcome on the worker's own thread; must not block.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void settle(const Outcome& outcome) = 0;
};

}  // namespace apigw::gateway
