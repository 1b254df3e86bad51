// One client's connection: HTTP/1.x requests in, exchanges out, one after the other, until a side has had enough.
//
// Malformed input is answered once and the connection closed: no byte behind it is ever read as a request. A body is
// read only when the service asks for it. Whatever the service leaves open (no reply, a reply without its end) is
// closed here in the way that the client can tell.
#pragma once
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/exchange.h"
#include "http/framing.h"
#include "http/problem.h"
#include "model/plan.h"
#include "net/body_reader.h"
#include "net/channel.h"
#include "net/message_parser.h"
#include "net/server.h"

namespace apigw::net {

// What a plan says to connections. A worker takes it in one step with whatever serves.
struct Settings {
  // Where the plan has the listener of a door; beyond all of them when it has none any more.
  [[nodiscard]] std::uint32_t listener_of(std::uint32_t door) const {
    const auto found = std::ranges::find(doors, door);
    return found == doors.end() ? UINT32_MAX : static_cast<std::uint32_t>(found - doors.begin());
  }

  model::Timeouts timeouts;
  model::Caps caps;
  std::vector<std::uint32_t> doors;  // numbers, in the order of Plan::listeners
};

// Counts over all workers.
struct Tally {
  // Of a client connection that is gone; the last one wakes a drain.
  void left() {
    if (connections.fetch_sub(1) > 1) return;
    const std::lock_guard lock(mutex);
    none_left.notify_all();
  }

  std::mutex mutex;
  std::condition_variable none_left;
  std::atomic<std::uint64_t> connections = 0, accepted = 0, refused = 0, malformed = 0;
  std::atomic<std::uint64_t> upstream_connections = 0, upstream_opened = 0;
};

class Connection;

// What the client connections of one worker share.
struct ClientSide {
  Loop& loop;
  Tally& tally;
  std::shared_ptr<const Settings> settings;
  Serve serve;
  std::function<std::string(const http::RefusedRequest&, http::ResponseHead&)> refuse;
  bool draining = false;
  TimerWheel::TimePoint idle_due{};  // of a drain: until then a client that is idle may send a request
  std::list<Connection*> connections;
  std::atomic<std::size_t> load = 0;  // connections, for whoever spreads new ones over the workers
};

struct Accepted {
  Fd fd;
  std::string client;      // address without port
  std::uint32_t door = 0;  // number of the open listener that it came through
  TlsPtr tls;              // null: plain
  bool over_cap = false;   // to be told 503
};

class Connection final : public http::Exchange, private Channel::Owner {
 public:
  Connection(ClientSide& side, Accepted accepted);
  ~Connection() override;

  // From the first byte to the close.
  Task<void> run();
  // Drain: closes at idle_due when no request has begun by then; the one in hand, or that comes until then, is the
  // last and is told so (RFC 9112, 9.6).
  void end_idle();
  void close_now();

  [[nodiscard]] const http::RequestHead& head() const override { return head_; }
  void limit_body(std::uint64_t cap, std::uint64_t rate) override;
  void gather_body(std::uint64_t most) override { body_.gather(most); }
  Task<Result<std::string_view>> read_body() override;
  void body_used() override { channel_.input().rest(); }
  void stop_body() override { channel_.end_read(); }
  [[nodiscard]] bool body_done() const override { return body_.done(); }
  Task<Result<void>> reply(const http::ResponseHead& head, std::string_view body) override;
  Task<Result<void>> start(const http::ResponseHead& head) override;
  Task<Result<void>> write(std::string_view body) override;
  Task<Result<void>> finish() override;
  void abort() noexcept override;
  void cut() noexcept override;
  [[nodiscard]] bool started() const override { return started_; }
  void when_client_leaves(std::function<void()> call) override;
  [[nodiscard]] bool client_left() const override { return client_left_; }
  [[nodiscard]] std::uint64_t bytes_in() const override;
  [[nodiscard]] std::uint64_t bytes_out() const override { return channel_.bytes_out - out_base_; }

 private:
  bool peer_left(bool broken) override;
  bool bytes_came() override { return true; }

  Task<bool> shake_hands();
  void begin_message();
  Task<bool> read_head();
  Task<Io> wait_for_head();
  http::Framed<void> take_head(std::string_view section);
  void refuse(const http::Malformed& why);
  void send_problem(const http::RefusedRequest& refused);

  Task<void> serve();
  Task<Io> wait_for_body();
  Result<std::string_view> body_failed(ErrorKind kind, std::string what);
  bool invite_body();
  Task<bool> skip_body();

  void write_head(const http::ResponseHead& head, std::optional<std::uint64_t> length);
  [[nodiscard]] bool must_close() const;
  Task<Result<void>> send(Gather parts);
  Result<void> sent(Io io);
  void left();
  Task<void> linger();

  ClientSide& side_;
  std::list<Connection*>::iterator place_;
  Channel channel_;
  TlsPtr tls_;
  const std::uint32_t door_;
  MessageParser parser_{MessageParser::Side::request};
  http::HeaderScanner scanner_{http::HeaderScanner::Side::request};
  BodyReader body_;
  http::RequestHead head_;
  std::string out_;  // the reply's head
  std::function<void()> on_left_;
  std::uint64_t in_base_ = 0, out_base_ = 0;  // channel counters when the message began
  std::uint64_t body_cap_ = 0, body_rate_ = 0;
  std::uint64_t reply_left_ = 0;  // of an announced length, still to be written
  TimerWheel::TimePoint head_due_{};
  std::chrono::nanoseconds body_waited_{};  // for the client, back-pressure of ours not counted
  std::array<char, 20> chunk_head_;
  std::optional<Error> body_error_;  // stays: a body that failed once is over
  bool over_cap_ = false;
  bool http_1_0_ = false;
  bool keep_alive_ = false;  // the client's wish
  bool expects_invitation_ = false;
  bool serving_ = false;
  bool started_ = false, finished_ = false, broken_ = false;
  bool head_held_ = false;  // written into out_, not yet on the wire
  bool chunked_ = false, length_known_ = false, bodiless_ = false;
  bool closing_ = false;  // after this reply
  bool served_any_ = false;
  bool lingering_ = false;  // the client may not have read our last words yet
  bool client_left_ = false;
};

}  // namespace apigw::net
