// The upstream connections of one worker: idle ones by destination, newest first, and the door through which all are
// made. Implements the gateway's Transport.
//
// Where every address of a name is an instance, calls take turns over the addresses: idle connections know where they
// lead, and an address that takes no connection is passed over for a few seconds.
//
// The cap on connections to one origin holds for the whole process, so it is counted outside of the pools, and idle
// connections count. Where it is reached, a call that needs a new connection has an idle one closed, of its own
// worker or else of the others, which it asks one after the other within a bound. Only calls that run make it fail.
#pragma once
#include <atomic>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/transport.h"
#include "net/connection.h"
#include "net/dialer.h"
#include "net/upstream.h"

namespace apigw::net {

class Pool;

// Open connections of each origin, over all workers, and the pools that hold them. Thread-safe.
class OriginCounts {
 public:
  struct Neighbour {
    Pool* pool;  // touched on its worker's thread only
    std::shared_ptr<Mailbox> mailbox;
  };
  void join(Pool& pool, std::shared_ptr<Mailbox> mailbox);
  void leave(const Pool& pool);
  [[nodiscard]] std::vector<Neighbour> neighbours(const Pool& of);
  [[nodiscard]] std::shared_ptr<std::atomic<std::uint32_t>> of(const model::Origin& origin);

 private:
  std::mutex mutex_;
  std::map<model::Origin, std::weak_ptr<std::atomic<std::uint32_t>>> counts_;
  std::vector<Neighbour> pools_;
};

// The idle connections of one destination.
struct Shelf {
  gateway::Destination destination;
  std::string name;  // of the origin, for errors
  std::shared_ptr<std::atomic<std::uint32_t>> open;
  std::vector<Upstream*> idle;  // oldest first
  std::size_t mine = 0;         // connections of this worker, idle or not
  // Of a destination whose calls are spread over its addresses.
  std::size_t turn = 0;
  std::map<std::string, TimerWheel::TimePoint> down;  // did not take a connection lately: passed over until then
};

class Pool final : public gateway::Transport {
 public:
  Pool(Desk& desk, Outside& outside, OriginCounts& counts, Tally& tally);
  ~Pool() override;

  Task<Result<gateway::OpenCall>> open(const gateway::Destination& destination, const model::Timeouts& timeouts,
                                       bool fresh, gateway::Opening& opening) override;

  [[nodiscard]] Loop& loop() { return desk_.loop; }
  // Takes a connection back; false when there is no room.
  bool keep(Upstream& upstream);
  // Closes an idle connection.
  void discard(Upstream& upstream);
  void gone(Upstream& upstream);
  // Closes the longest idle connection to `origin`, if there is one.
  void close_one_idle(const model::Origin& origin);
  void close_idle();
  // Ends every call, running ones with `cancelled`, and keeps none from now on.
  void close_all();

 private:
  std::shared_ptr<Shelf> shelf_of(const gateway::Destination& destination);
  // One to `peer`, or to whichever when that is empty.
  Upstream* take_idle(Shelf& shelf, std::string_view peer);
  Task<Result<gateway::OpenCall>> make(std::shared_ptr<Shelf> shelf, const gateway::Destination& destination,
                                       Addresses known, const model::Timeouts& timeouts, model::Milliseconds connect,
                                       gateway::Opening& opening);
  // Counts one more connection; false when `cap` calls run or nobody gives an idle one up in time.
  Task<bool> claim(std::shared_ptr<Shelf> shelf, std::uint32_t cap);
  void forget_empty();

  Desk& desk_;
  OriginCounts& counts_;
  Tally& tally_;
  Dialer dialer_;
  std::unordered_multimap<std::size_t, std::shared_ptr<Shelf>> shelves_;
  std::list<Upstream*> all_;
  bool closed_ = false;
};

}  // namespace apigw::net
