// What changes while the gateway runs, beside the Plan and under its names: counters, round robin, passive health,
// the wrong-key table. It survives every swap of the Plan.
//
// A name keeps its series from plan to plan; a name that leaves the plan takes its series along. A snapshot of a
// worker holds Bindings: the series of one plan by index, so that counting looks nothing up. Writing is for workers,
// reading (view, metrics_text) for any thread. Keeps no secret and no address of a client beyond the wrong-key
// window.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "credential/token_slot.h"
#include "gateway/cells.h"
#include "gateway/outcome.h"
#include "gateway/recent.h"
#include "model/plan.h"
#include "policy/wrong_keys.h"

namespace apigw::gateway {

// Of the sockets, told by whoever owns them.
struct Connections {
  std::uint64_t open = 0, accepted = 0, refused = 0, malformed = 0;
  std::uint64_t upstream_open = 0, upstream_opened = 0;
};

// Counts of one worker that belong to no series.
struct WorkerCell {
  Counter begun, ended;  // exchanges; the difference is in flight
  Counter cut;           // replies broken after they had begun
  Counter clients_left;
  Counter secrets_blocked;  // replies ended because they carried a known secret
  Counter log_dropped;      // access-log lines that found the writer too slow
};

struct RouteCell {
  std::array<Counter, 6> by_class;  // [1]…[5] by the first digit of the status, [0] no status was sent
  SecondsHistogram duration;
  Counter bytes_in, bytes_out;
};
struct RouteSeries {
  RouteSeries(std::string name, unsigned workers) : id(std::move(name)), cells(workers) {}
  std::string id;
  PerWorker<RouteCell> cells;
};

// How an attempt ended: 2xx … 5xx of the upstream, or the kind of the failure.
enum class AttemptEnd : std::uint8_t {
  ok,
  redirect,
  client_error,
  server_error,
  connect,
  tls,
  timeout,
  closed,
  other
};
inline constexpr std::size_t attempt_ends = 9;
[[nodiscard]] std::string_view word(AttemptEnd end);
[[nodiscard]] AttemptEnd attempt_end(const AttemptRecord& attempt);

struct UpstreamCell {
  std::array<Counter, attempt_ends> attempts;
  SecondsHistogram duration;
};

// One address of a service or provider, watched passively: what its last calls said.
struct Instance {
  explicit Instance(model::Origin where) : origin(std::move(where)), address(origin.text()) {}
  model::Origin origin;
  std::string address;
  std::atomic<std::uint32_t> failures{0};        // in a row: connect, tls, timeout, closed
  std::atomic<std::int64_t> last_failure_ms{0};  // steady clock; 0: never
  void succeeded() {
    if (failures.load(std::memory_order_relaxed) != 0) failures.store(0, std::memory_order_relaxed);
  }
  void failed(std::chrono::steady_clock::time_point now);
  // Worth a try before others: it did not fail just now.
  [[nodiscard]] bool fit(std::chrono::steady_clock::time_point now) const;
};

// A service or a provider.
struct UpstreamSeries {
  UpstreamSeries(std::string name_, bool provider_, unsigned workers)
      : name(std::move(name_)), provider(provider_), cells(std::make_shared<PerWorker<UpstreamCell>>(workers)) {}
  std::string name;
  bool provider;
  std::shared_ptr<PerWorker<UpstreamCell>> cells;  // outlives a change of the instances
  std::atomic<std::uint32_t> turn{0};              // of the round robin
  // Of a provider whose token is fetched; outlives a change of the instances. Never null.
  std::shared_ptr<credential::TokenSlot> token = std::make_shared<credential::TokenSlot>();
  std::vector<std::shared_ptr<Instance>> instances;  // in the plan's order
  // The index of the instance whose turn it is, passing over those that failed just now while another is fit. There
  // must be one.
  [[nodiscard]] std::size_t pick(std::chrono::steady_clock::time_point now);
};

struct ModelCell {
  Counter input, cache_read, cache_write, output, reasoning, partial;
  Counter cost;                                // in billionths of a US dollar
  Counter cost_unknown;                        // calls
  TokenHistogram input_tokens, output_tokens;  // of one call
  SecondsHistogram duration, first_token;
};
// One target: what a provider calls a model. "*" stands for the names that a pattern lets through.
struct ModelSeries {
  ModelSeries(std::string provider_, std::string model_, unsigned workers)
      : provider(std::move(provider_)), model(std::move(model_)), cells(workers) {}
  std::string provider, model;
  PerWorker<ModelCell> cells;
};

// The series of one plan, by the plan's indices.
struct Bindings {
  std::vector<std::shared_ptr<RouteSeries>> routes;
  std::vector<std::shared_ptr<UpstreamSeries>> services, providers;
  std::vector<std::vector<std::shared_ptr<ModelSeries>>> models;  // [model][target]
  std::vector<std::shared_ptr<ModelSeries>> direct;               // [provider]: named as provider/model
  std::shared_ptr<RouteSeries> no_route;                          // what matched nothing
};

// Those that were called, each once.
[[nodiscard]] std::vector<std::shared_ptr<ModelSeries>> distinct_models(const Bindings& series);

struct StateView {
  struct Route {
    std::string id;
    std::array<std::uint64_t, 6> by_class{};
    std::uint64_t requests = 0, bytes_in = 0, bytes_out = 0;
    double seconds = 0;  // sum
  };
  struct InstanceView {
    std::string address;
    bool fit = true;
    std::uint32_t failures_in_a_row = 0;
  };
  struct Upstream {
    std::string name;
    bool provider = false;
    std::uint64_t attempts = 0, failures = 0;  // failures: no usable head, or 5xx
    std::vector<InstanceView> instances;
  };
  struct Model {
    std::string provider, model;
    std::uint64_t calls = 0, input = 0, cache_read = 0, cache_write = 0, output = 0, reasoning = 0;
    catalogue::Nanodollars cost = 0;
    std::uint64_t cost_unknown = 0;  // calls whose cost is not in it
  };
  std::chrono::system_clock::time_point started;
  std::uint64_t in_flight = 0, requests = 0, cut = 0, clients_left = 0, secrets_blocked = 0, log_dropped = 0;
  std::uint64_t reloads = 0, reloads_refused = 0;
  std::uint64_t wrong_key_addresses = 0;
  Connections connections;
  std::vector<Route> routes;  // in the plan's order, those never called included
  std::vector<Upstream> upstreams;
  std::vector<Model> models;
};

class State {
 public:
  State(unsigned workers, const Clock& clock);

  // The series of `plan`, known names keeping theirs. From the thread that applies plans; view and metrics_text show
  // them once they are published, when the plan serves.
  [[nodiscard]] std::shared_ptr<const Bindings> bind(const model::Plan& plan) const;
  void publish(std::shared_ptr<const Bindings> bindings);
  // A reload's result, for the counters: a refused one left the old plan in place.
  void reloaded(bool accepted);
  void watch_connections(std::function<Connections()> read);
  // From here on the last outcomes are kept. Before the first worker runs.
  void keep_outcomes() { recent_ = std::make_unique<Recent>(); }
  [[nodiscard]] Recent* recent() const { return recent_.get(); }  // null: none are kept

  [[nodiscard]] WorkerCell& worker(unsigned index) { return workers_.at(index); }
  [[nodiscard]] policy::WrongKeys& wrong_keys() { return wrong_keys_; }
  // Exchanges at once over all workers, for the cap: `enter` gives the number before.
  std::uint32_t enter() { return in_flight_.fetch_add(1, std::memory_order_relaxed); }
  void leave() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

  [[nodiscard]] StateView view() const;
  // Prometheus text exposition, version 0.0.4.
  [[nodiscard]] std::string metrics_text() const;

 private:
  [[nodiscard]] std::shared_ptr<const Bindings> bindings() const;

  const Clock& clock_;
  const unsigned worker_count_;
  const std::chrono::system_clock::time_point started_;
  PerWorker<WorkerCell> workers_;
  policy::WrongKeys wrong_keys_;
  std::unique_ptr<Recent> recent_;
  std::atomic<std::uint32_t> in_flight_{0};
  std::atomic<std::uint64_t> reloads_{0}, reloads_refused_{0};
  std::atomic<std::int64_t> last_reload_;  // seconds since the epoch
  mutable std::mutex mutex_;               // over the two below
  std::shared_ptr<const Bindings> bindings_;
  std::function<Connections()> read_connections_;
};

}  // namespace apigw::gateway
