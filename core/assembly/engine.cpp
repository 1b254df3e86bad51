#include "assembly/engine.h"

#include <mutex>
#include <thread>

#include <malloc.h>

#include "gateway/access_log.h"
#include "gateway/gateway.h"
#include "mock/transport.h"
#include "net/server.h"

namespace apigw::assembly {
namespace {

// By default glibc hands memory back to the kernel at every free near the top of the heap and maps each text from
// 128 KiB on anew: bodies of 64 KiB then cost a quarter of their CPU in page faults. A few megabytes stay with us
// instead.
void keep_freed_memory() {
  ::mallopt(M_TRIM_THRESHOLD, 4 << 20);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

unsigned worker_count(const EngineOptions& options) {
  return options.workers != 0 ? options.workers : std::max(std::thread::hardware_concurrency(), 1U);
}

// This process's name in Via: a request that carries it has been here before.
std::string instance_name() {
  gateway::IdSource ids;
  const auto id = ids.request_id();
  return fmt::format("apigw-{}", std::string_view(id.data(), 12));
}

std::vector<Address> addresses_of(const std::vector<net::Bound>& bounds) {
  std::vector<Address> out;
  for (const net::Bound& bound : bounds) {
    const model::Origin origin{bound.tls, bound.host, bound.port};
    out.push_back({origin.text(), bound.moved});
  }
  return out;
}

// What the project's own test cases say about its prompts.
mock::CannedPtr canned_of(const model::Plan& plan) {
  auto canned = std::make_shared<mock::Canned>();
  for (const model::Prompt& prompt : plan.prompts)
    for (const model::Example& example : prompt.examples) canned->add(example.turns, example.answer);
  return canned->empty() ? nullptr : canned;
}

// What one worker serves with. Outlives the worker's io_context, so it holds nothing that belongs to it.
struct Bench {
  Bench(const net::Worker& worker, const Clock& clock, const KeyRefused& refused, gateway::OutcomeSink* log)
      : mock(worker.io, clock), keys(refused, log), sink(refused ? &keys : log) {}
  mock::MockTransport mock;
  KeyWatch keys;
  gateway::OutcomeSink* const sink;  // may be null
  std::unique_ptr<gateway::Gateway> gateway;
};

}  // namespace

// The server stands last but one: it ends while everything that its coroutines touch still stands.
struct Engine::Parts {
  Parts(EngineOptions given, const Clock& the_clock)
      : options(std::move(given)),
        clock(the_clock),
        workers(worker_count(options)),
        state(workers, the_clock),
        tokens(the_clock, {options.environment.begin(), options.environment.end()}, options.token_failed) {}

  net::Serve serve(const net::Worker& worker, const std::shared_ptr<const gateway::Compiled>& compiled) {
    gateway::OutcomeSink* const lines = log ? &log->of(worker.index) : nullptr;
    Bench& bench = *benches.emplace_back(std::make_unique<Bench>(worker, clock, options.key_refused, lines));
    bench.mock.know(canned_of(*compiled->plan));
    bench.gateway = std::make_unique<gateway::Gateway>(gateway::Gateway::Parts{.worker = worker.index,
                                                                               .state = state,
                                                                               .upstream = worker.transport,
                                                                               .mock = bench.mock,
                                                                               .clock = clock,
                                                                               .log = bench.sink,
                                                                               .io = worker.io,
                                                                               .instance = instance},
                                                       compiled);
    gateway::Gateway& serving = *bench.gateway;
    return [&serving](http::Exchange& exchange) { return serving.serve(exchange); };
  }
  [[nodiscard]] const catalogue::Models& models() const {
    return options.models ? *options.models : catalogue::Models::built_in();
  }
  void publish(model::PlanPtr next, const gateway::Compiled& compiled) {
    state.publish(compiled.bindings);
    tokens.follow(*next, *compiled.bindings);
    const std::lock_guard lock(plan_mutex);
    plan = std::move(next);
  }

  const EngineOptions options;
  const Clock& clock;
  const unsigned workers;
  const std::string instance = instance_name();
  gateway::State state;
  std::unique_ptr<gateway::AccessLog> log;
  std::vector<std::unique_ptr<Bench>> benches;  // by worker
  std::vector<Address> addresses;
  mutable std::mutex plan_mutex;
  model::PlanPtr plan;
  std::unique_ptr<net::Server> server;
  TokenKeeper tokens;  // ends first: it calls back into the server's threads
};

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Engine::~Engine() {
  parts_->state.watch_connections(nullptr);
}

Result<std::unique_ptr<Engine>> Engine::start(model::PlanPtr plan, EngineOptions options, const Clock& clock) {
  keep_freed_memory();
  auto parts = std::make_unique<Parts>(std::move(options), clock);
  if (plan->development) parts->state.keep_outcomes();
  auto compiled = gateway::compile(plan, parts->state, clock, parts->models());
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  const EngineOptions& chosen = parts->options;
  if (chosen.log) {
    parts->log =
        std::make_unique<gateway::AccessLog>(parts->workers, parts->state, chosen.log, chosen.log_for_people);
  }
  Parts& house = *parts;
  parts->server = std::make_unique<net::Server>(net::Server::Options{
      .workers = parts->workers,
      .clock = clock,
      .environment = chosen.environment,
      .service = [&house, &compiled](const net::Worker& worker) { return house.serve(worker, *compiled); },
      .refuse =
          [&house](unsigned worker, const http::RefusedRequest& refused, http::ResponseHead& head) {
            return house.benches[worker]->gateway->refuse_unread(refused, head);
          }});
  auto bounds = parts->server->configure(*plan, chosen.may_move);
  if (!bounds) return std::unexpected(std::move(bounds.error()));
  parts->addresses = addresses_of(*bounds);
  parts->publish(std::move(plan), **compiled);
  parts->state.watch_connections([&house] {
    const net::Counters now = house.server->counters();
    return gateway::Connections{.open = now.connections,
                                .accepted = now.accepted,
                                .refused = now.refused,
                                .malformed = now.malformed,
                                .upstream_open = now.upstream_connections,
                                .upstream_opened = now.upstream_opened};
  });
  parts->server->start();
  return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

Result<std::vector<Address>> Engine::apply(model::PlanPtr plan) {
  auto compiled = gateway::compile(plan, parts_->state, parts_->clock, parts_->models());
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  const mock::CannedPtr canned = canned_of(*plan);
  auto bounds = parts_->server->configure(*plan, parts_->options.may_move, [&](unsigned worker) {
    parts_->benches[worker]->mock.know(canned);
    parts_->benches[worker]->gateway->use(*compiled);
  });
  if (!bounds) return std::unexpected(std::move(bounds.error()));
  parts_->addresses = addresses_of(*bounds);
  parts_->publish(std::move(plan), **compiled);
  return parts_->addresses;
}

bool Engine::drain(std::chrono::milliseconds grace) {
  const bool whole = parts_->server->drain(grace);
  if (parts_->log) parts_->log->flush();
  return whole;
}

void Engine::stop_now() {
  parts_->server->stop_now();
}

const std::vector<Address>& Engine::addresses() const {
  return parts_->addresses;
}

gateway::State& Engine::state() {
  return parts_->state;
}

model::PlanPtr Engine::plan() const {
  const std::lock_guard lock(parts_->plan_mutex);
  return parts_->plan;
}

}  // namespace apigw::assembly
