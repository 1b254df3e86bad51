#include "net/server.h"

#include <algorithm>

#include <fmt/format.h>

#include "net/listener.h"
#include "net/workshop.h"

namespace apigw::net {
namespace {

using std::chrono::milliseconds;

constexpr int ports_to_try = 100;          // after a default port that is busy
constexpr milliseconds idle_grace{1'000};  // of a drain: an idle client may have sent a request that is on its way
constexpr milliseconds farewell{5'000};    // for coroutines to end once their sockets are closed

// A listener as configured and as opened.
struct Door {
  std::uint32_t number = 0;
  std::string host;
  std::uint16_t asked = 0;
  Bound bound;
  unsigned worker = 0;
  std::unique_ptr<Listener> listener;  // touched on its worker's thread only
};

// What one configure() wants for a listener of the plan: an open door, or a new socket.
struct Wanted {
  Door* kept = nullptr;
  BoundSocket fresh;
  Bound bound;
  TlsPtr tls;
};

// Takes the open door that is just what `listener` asks for out of `free`, or null.
Door* keep(const model::Listener& listener, std::vector<Door*>& free) {
  const auto same = std::ranges::find_if(
      free, [&](const Door* door) { return door->host == listener.host && door->asked == listener.port; });
  if (same == free.end()) return nullptr;
  Door* kept = *same;
  free.erase(same);
  return kept;
}

}  // namespace

struct Server::State {
  explicit State(Options the_options)
      : options(std::move(the_options)), outside(options.clock, options.environment, options.look_up) {
    for (unsigned i = 0; i < std::max(options.workers, 1U); ++i) {
      workers.push_back(std::make_unique<Workshop>(i, options.clock, outside, counts, tally));
    }
    for (const auto& worker : workers) {
      const Worker lent = worker->lent();
      worker->side().serve = options.service(lent);
      worker->side().refuse = [this, index = lent.index](const http::RefusedRequest& refused,
                                                         http::ResponseHead& head) {
        if (options.refuse) return options.refuse(index, refused, head);
        head.headers.add("content-type", http::problem_type);
        return http::problem_body(refused.problem);
      };
    }
  }

  Result<Wanted> want(const model::Listener& listener, bool may_move, Door* kept, const std::vector<Door*>& leaving);
  void spread(unsigned acceptor, Accepted accepted);
  Result<BoundSocket> listen_beside(const model::Listener& listener, const std::vector<Door*>& ours, bool& busy);
  void open(const model::Listener& listener, std::uint32_t number, Wanted wanted);
  void close(Door& door);
  bool wait_for_none(milliseconds limit, bool until_stopped);
  void close_all();

  Options options;
  Tally tally;
  OriginCounts counts;
  Outside outside;
  std::atomic<std::uint32_t> connection_cap = 0;
  std::atomic<bool> stopped = false;
  std::vector<std::unique_ptr<Workshop>> workers;
  std::vector<std::unique_ptr<Door>> doors;  // in the plan's order
  std::uint32_t next_door = 0;               // number of the next listener
};

Server::Server(Options options) : state_(std::make_unique<State>(std::move(options))) {}

Server::~Server() {
  stop_now();
  for (const auto& door : state_->doors) state_->close(*door);
  state_->close_all();
  if (!state_->wait_for_none(farewell, false)) {
    // A service that does not end although its sockets are closed still refers to its worker: a bug, but leaving the
    // memory is better than freeing it under the coroutine.
    for (auto& worker : state_->workers) {
      worker->stop();
      static_cast<void>(worker.release());
    }
    static_cast<void>(state_.release());
    return;
  }
  for (const auto& worker : state_->workers) {
    worker->do_here([&] { worker->pool().close_all(); });
    worker->stop();
  }
}

Result<Wanted> Server::State::want(const model::Listener& listener, bool may_move, Door* kept,
                                   const std::vector<Door*>& leaving) {
  Wanted wanted;
  if (listener.tls) {
    auto tls = load_server_tls(*listener.tls);
    if (!tls) return std::unexpected(tls.error());
    wanted.tls = std::move(*tls);
  }
  if (kept) {
    wanted.kept = kept;
    wanted.bound = kept->bound;
    wanted.bound.tls = listener.tls.has_value();
    return wanted;
  }
  bool busy = false;
  auto socket = listen_on(listener.host, listener.port, busy);
  std::vector<Door*> ours = leaving;
  std::erase_if(ours, [&](const Door* door) { return door->bound.port != listener.port; });
  if (!socket && busy && !ours.empty()) socket = listen_beside(listener, ours, busy);
  const bool moves = !socket && busy && may_move && !listener.port_given;
  for (int step = 1; moves && !socket && busy && step <= ports_to_try && listener.port + step <= 65535; ++step) {
    socket = listen_on(listener.host, static_cast<std::uint16_t>(listener.port + step), busy);
  }
  if (!socket) return std::unexpected(socket.error());
  wanted.bound = {.host = listener.host, .port = socket->port, .tls = listener.tls.has_value(), .moved = moves};
  wanted.fresh = std::move(*socket);
  return wanted;
}

// The port of `listener` is busy, by a listener of ours that a reload moves to another host: the two share it for the
// moment of the bind. Where none of ours has the port it stays busy: sharing is never asked for then, since the
// kernel may grant it among sockets that shared before, of whichever process of the same user.
Result<BoundSocket> Server::State::listen_beside(const model::Listener& listener, const std::vector<Door*>& ours,
                                                 bool& busy) {
  const auto share = [&](bool on) {
    for (Door* door : ours) workers[door->worker]->do_here([&] { door->listener->share_port(on); });
  };
  share(true);
  auto socket = listen_on(listener.host, listener.port, busy, true);
  share(false);
  return socket;
}

// To the worker with the fewest connections: one that accepts a burst alone would serve it alone.
void Server::State::spread(unsigned acceptor, Accepted accepted) {
  tally.accepted.fetch_add(1, std::memory_order_relaxed);
  accepted.over_cap = tally.connections.fetch_add(1) >= connection_cap.load(std::memory_order_relaxed);
  if (accepted.over_cap) tally.refused.fetch_add(1, std::memory_order_relaxed);
  unsigned chosen = acceptor;
  for (unsigned i = 0; i < workers.size(); ++i) {
    if (workers[i]->side().load.load(std::memory_order_relaxed) <
        workers[chosen]->side().load.load(std::memory_order_relaxed))
      chosen = i;
  }
  Workshop& worker = *workers[chosen];
  worker.side().load.fetch_add(1, std::memory_order_relaxed);
  if (chosen == acceptor) return worker.adopt(std::move(accepted));
  worker.send(
      [&worker, parcel = std::make_shared<Accepted>(std::move(accepted))] { worker.adopt(std::move(*parcel)); });
}

void Server::State::open(const model::Listener& listener, std::uint32_t number, Wanted wanted) {
  auto door = std::make_unique<Door>();
  door->number = number;
  door->host = listener.host;
  door->asked = listener.port;
  door->bound = wanted.bound;
  door->worker = number % static_cast<unsigned>(workers.size());
  const unsigned worker = door->worker;
  workers[worker]->do_here([&] {
    door->listener =
        std::make_unique<Listener>(workers[worker]->loop(), std::move(wanted.fresh.fd), number,
                                   [this, worker](Accepted accepted) { spread(worker, std::move(accepted)); });
    door->listener->set_tls(std::move(wanted.tls));
    door->listener->open();
  });
  doors.push_back(std::move(door));
}

void Server::State::close(Door& door) {
  workers[door.worker]->do_here([&] {
    if (!door.listener) return;
    door.listener->close();
    door.listener.reset();
  });
}

Result<std::vector<Bound>> Server::configure(const model::Plan& plan, bool may_move, const OnWorker& take) {
  State& state = *state_;
  std::vector<Door*> leaving;
  for (const auto& door : state.doors) leaving.push_back(door.get());
  std::vector<Door*> kept_doors;
  for (const model::Listener& listener : plan.listeners) kept_doors.push_back(keep(listener, leaving));
  std::vector<Wanted> all;
  for (std::size_t i = 0; i < plan.listeners.size(); ++i) {
    auto wanted = state.want(plan.listeners[i], may_move, kept_doors[i], leaving);
    if (!wanted) return std::unexpected(wanted.error());
    all.push_back(std::move(*wanted));
  }

  // Nothing can fail from here on.
  state.connection_cap = plan.caps.connections;
  state.outside.tls->forget();
  std::vector<std::uint32_t> numbers;
  for (const Wanted& wanted : all) numbers.push_back(wanted.kept ? wanted.kept->number : state.next_door++);
  const auto settings = std::make_shared<const Settings>(Settings{plan.timeouts, plan.caps, numbers});
  for (unsigned i = 0; i < state.workers.size(); ++i) {
    state.workers[i]->do_here([&] {
      state.workers[i]->side().settings = settings;
      if (take) take(i);
    });
  }
  std::vector<std::unique_ptr<Door>> before = std::exchange(state.doors, {});
  std::vector<Bound> bound;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    Wanted& wanted = all[i];
    bound.push_back(wanted.bound);
    if (!wanted.kept) {
      state.open(plan.listeners[i], numbers[i], std::move(wanted));
      continue;
    }
    const auto kept = std::ranges::find(before, wanted.kept, &std::unique_ptr<Door>::get);
    (*kept)->bound = wanted.bound;
    state.workers[(*kept)->worker]->do_here([&] { (*kept)->listener->set_tls(std::move(wanted.tls)); });
    state.doors.push_back(std::move(*kept));
  }
  for (const auto& door : before) {
    if (door) state.close(*door);
  }
  return bound;
}

void Server::start() {
  for (const auto& worker : state_->workers) worker->start();
}

bool Server::State::wait_for_none(milliseconds limit, bool until_stopped) {
  std::unique_lock lock(tally.mutex);
  tally.none_left.wait_for(lock, limit, [&] { return tally.connections == 0 || (until_stopped && stopped); });
  return tally.connections == 0;
}

void Server::State::close_all() {
  for (const auto& worker : workers) worker->do_here([&] { worker->close_all(); });
}

bool Server::drain(milliseconds grace) {
  State& state = *state_;
  const milliseconds idle = std::min(idle_grace, grace / 2);
  // Before the doors close, so that a client who sees them closed is told to close too.
  for (const auto& worker : state.workers) worker->do_here([&] { worker->drain(idle); });
  for (const auto& door : state.doors) state.close(*door);
  state.doors.clear();
  const bool all_done = state.wait_for_none(grace, true);
  state.close_all();
  return all_done;
}

void Server::stop_now() {
  const std::lock_guard lock(state_->tally.mutex);
  state_->stopped = true;
  state_->tally.none_left.notify_all();
}

Counters Server::counters() const {
  const Tally& tally = state_->tally;
  return {.connections = tally.connections,
          .accepted = tally.accepted,
          .refused = tally.refused,
          .malformed = tally.malformed,
          .upstream_connections = tally.upstream_connections,
          .upstream_opened = tally.upstream_opened};
}

}  // namespace apigw::net
