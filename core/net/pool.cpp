#include "net/pool.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::net {
namespace {

constexpr std::chrono::seconds idle_limit{50};  // shorter than what servers usually grant
constexpr std::size_t idle_cap = 512;           // a destination and worker

constexpr std::chrono::milliseconds claim_limit{1'000};  // for the other workers to close an idle connection

constexpr std::chrono::seconds down_for{5};  // an address that did not take a connection

std::size_t hash_of(const model::Origin& origin) {
  return std::hash<std::string_view>()(origin.host) * 31 + origin.port * 2U + (origin.tls ? 1U : 0U);
}

// Puts the address whose turn it is first and those that are down last.
void take_turns(Shelf& shelf, Addresses& addresses, TimerWheel::TimePoint now) {
  std::erase_if(shelf.down, [now](const auto& entry) { return entry.second <= now; });
  const auto up = [&shelf](const SocketAddress& address) { return !shelf.down.contains(address.text()); };
  auto end = std::ranges::partition(addresses, up).begin();
  if (end == addresses.begin()) end = addresses.end();
  const auto turn = shelf.turn++ % static_cast<std::size_t>(end - addresses.begin());
  std::rotate(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(turn), end);
}

std::string peer_of(const Channel& channel) {
  SocketAddress address;
  address.size = sizeof address.bytes;
  const bool known = ::getpeername(channel.number(), reinterpret_cast<sockaddr*>(&address.bytes), &address.size) == 0;
  return known ? address.text() : std::string();
}

}  // namespace

std::shared_ptr<std::atomic<std::uint32_t>> OriginCounts::of(const model::Origin& origin) {
  const std::lock_guard lock(mutex_);
  std::erase_if(counts_, [](const auto& entry) { return entry.second.expired(); });
  auto& known = counts_[origin];
  auto count = known.lock();
  if (!count) known = count = std::make_shared<std::atomic<std::uint32_t>>(0);
  return count;
}

void OriginCounts::join(Pool& pool, std::shared_ptr<Mailbox> mailbox) {
  const std::lock_guard lock(mutex_);
  pools_.push_back({&pool, std::move(mailbox)});
}

void OriginCounts::leave(const Pool& pool) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pools_, [&pool](const Neighbour& each) { return each.pool == &pool; });
}

std::vector<OriginCounts::Neighbour> OriginCounts::neighbours(const Pool& of) {
  const std::lock_guard lock(mutex_);
  std::vector<Neighbour> others = pools_;
  std::erase_if(others, [&of](const Neighbour& each) { return each.pool == &of; });
  return others;
}

Pool::Pool(Desk& desk, Outside& outside, OriginCounts& counts, Tally& tally)
    : desk_(desk), counts_(counts), tally_(tally), dialer_(outside, desk) {
  counts_.join(*this, desk.mailbox);
}

Pool::~Pool() {
  counts_.leave(*this);
  close_idle();
}

std::shared_ptr<Shelf> Pool::shelf_of(const gateway::Destination& destination) {
  const std::size_t hash = hash_of(destination.origin);
  auto [first, last] = shelves_.equal_range(hash);
  for (; first != last; ++first) {
    const gateway::Destination& known = first->second->destination;
    if (known.origin == destination.origin && known.outbound == destination.outbound) return first->second;
  }
  forget_empty();
  auto shelf = std::make_shared<Shelf>();
  shelf->destination = destination;
  shelf->name = destination.origin.text();
  shelf->open = counts_.of(destination.origin);
  shelves_.emplace(hash, shelf);
  return shelf;
}

// Destinations come and go with reloads.
void Pool::forget_empty() {
  std::erase_if(shelves_, [](const auto& entry) { return entry.second->mine == 0; });
}

Upstream* Pool::take_idle(Shelf& shelf, std::string_view peer) {
  const auto fits = [peer](const Upstream* idle) { return peer.empty() || idle->peer == peer; };
  for (;;) {
    const auto found = std::find_if(shelf.idle.rbegin(), shelf.idle.rend(), fits);
    if (found == shelf.idle.rend()) return nullptr;
    Upstream* upstream = *found;
    if (!upstream->still_good()) {
      discard(*upstream);
      continue;
    }
    shelf.idle.erase(std::next(found).base());
    return upstream;
  }
}

Task<Result<gateway::OpenCall>> Pool::open(const gateway::Destination& destination, const model::Timeouts& timeouts,
                                           bool fresh, gateway::Opening& opening) {
  if (closed_) co_return fail(ErrorKind::cancelled, "the gateway is stopping");
  Result<Addresses> known;
  model::Milliseconds connect = timeouts.connect;
  if (destination.spread) {
    const auto due = loop().timers.now() + timeouts.connect;
    Task<Result<Addresses>> asking = dialer_.addresses(destination, timeouts.connect, opening);
    known = co_await std::move(asking);
    connect = std::max(loop().timers.until(due), model::Milliseconds(1));
    if (closed_) co_return fail(ErrorKind::cancelled, "the gateway is stopping");
  }
  std::shared_ptr<Shelf> shelf = shelf_of(destination);
  std::string peer;
  if (known && !known->empty()) {
    take_turns(*shelf, *known, loop().timers.now());
    peer = known->front().text();
  }
  // While the name cannot be looked up, connections that are there still serve.
  if (Upstream* idle = fresh ? nullptr : take_idle(*shelf, peer)) {
    idle->begin(timeouts, true);
    co_return gateway::OpenCall(idle);
  }
  if (!known) co_return std::unexpected(known.error());
  Task<Result<gateway::OpenCall>> making =
      make(std::move(shelf), destination, std::move(*known), timeouts, connect, opening);
  auto made = co_await std::move(making);
  co_return made;
}

Task<Result<gateway::OpenCall>> Pool::make(std::shared_ptr<Shelf> shelf, const gateway::Destination& destination,
                                           Addresses known, const model::Timeouts& timeouts,
                                           model::Milliseconds connect, gateway::Opening& opening) {
  Task<bool> claiming = claim(shelf, destination.connections);
  const bool claimed = co_await std::move(claiming);
  if (claimed && closed_) shelf->open->fetch_sub(1);
  if (closed_) co_return fail(ErrorKind::cancelled, "the gateway is stopping");
  if (!claimed) {
    co_return fail(ErrorKind::unavailable,
                   fmt::format("{}: all of its {} connections are in use", shelf->name, destination.connections));
  }
  auto upstream = std::make_unique<Upstream>(*this, shelf);
  all_.push_back(upstream.get());
  upstream->place = std::prev(all_.end());
  ++shelf->mine;
  tally_.upstream_connections.fetch_add(1, std::memory_order_relaxed);
  const std::string wanted = known.empty() ? std::string() : known.front().text();
  const gateway::Opening::Wait wait(opening, [&channel = upstream->channel()] { channel.close(); });
  Task<Result<void>> dialling = dialer_.dial(upstream->channel(), shelf->destination, std::move(known), connect,
                                             timeouts.tls, upstream->hop(), opening);
  const auto dialled = co_await std::move(dialling);
  if (!dialled) co_return std::unexpected(dialled.error());
  if (!wanted.empty()) {
    upstream->peer = peer_of(upstream->channel());
    if (upstream->peer != wanted) shelf->down[wanted] = loop().timers.now() + down_for;
  }
  tally_.upstream_opened.fetch_add(1, std::memory_order_relaxed);
  upstream->begin(timeouts, false);
  co_return gateway::OpenCall(upstream.release());
}

Task<bool> Pool::claim(std::shared_ptr<Shelf> shelf, std::uint32_t cap) {
  const auto room = [&open = *shelf->open, cap] {
    std::uint32_t seen = open.load();
    while (seen < cap) {
      if (open.compare_exchange_weak(seen, seen + 1)) return true;
    }
    return false;
  };
  if (room()) co_return true;
  const model::Origin origin = shelf->destination.origin;
  ++shelf->mine;  // keeps the shelf while this waits
  close_one_idle(origin);
  bool found = room();
  const auto due = loop().timers.now() + claim_limit;
  const std::vector<OriginCounts::Neighbour> others = counts_.neighbours(*this);
  for (const OriginCounts::Neighbour& other : others) {
    const auto left = loop().timers.until(due);
    if (found || closed_ || left == left.zero()) break;
    std::function<void()> work = [pool = other.pool, origin] { pool->close_one_idle(origin); };
    Task<void> visiting = visit(desk_, other.mailbox, std::move(work), left);
    co_await std::move(visiting);
    found = room();
  }
  --shelf->mine;
  co_return found;
}

bool Pool::keep(Upstream& upstream) {
  Shelf& shelf = upstream.shelf();
  if (closed_ || shelf.idle.size() >= idle_cap) return false;
  shelf.idle.push_back(&upstream);
  upstream.lie_idle(idle_limit);
  return true;
}

void Pool::discard(Upstream& upstream) {
  std::erase(upstream.shelf().idle, &upstream);
  delete &upstream;
}

void Pool::gone(Upstream& upstream) {
  all_.erase(upstream.place);
  --upstream.shelf().mine;
  upstream.shelf().open->fetch_sub(1);
  tally_.upstream_connections.fetch_sub(1, std::memory_order_relaxed);
}

void Pool::close_one_idle(const model::Origin& origin) {
  const auto [first, last] = shelves_.equal_range(hash_of(origin));
  for (auto each = first; each != last; ++each) {
    Shelf& shelf = *each->second;
    if (shelf.destination.origin == origin && !shelf.idle.empty()) return discard(*shelf.idle.front());
  }
}

void Pool::close_idle() {
  for (const auto& [hash, shelf] : shelves_) {
    while (!shelf->idle.empty()) discard(*shelf->idle.back());
  }
}

void Pool::close_all() {
  closed_ = true;
  close_idle();
  for (Upstream* upstream : all_) upstream->channel().close();
}

}  // namespace apigw::net
