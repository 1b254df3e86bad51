// One connection to an upstream and the call that it carries; between calls it lies in its pool.
//
// The object serves call after call without allocating. A reply is judged as strictly as a request: what breaks a
// rule of framing is an Error protocol and the end of the connection. It goes back to its pool only when request and
// reply both ended where they said they would and nothing follows.
#pragma once
#include <array>
#include <list>
#include <memory>
#include <string>

#include "gateway/transport.h"
#include "http/framing.h"
#include "net/body_reader.h"
#include "net/channel.h"
#include "net/connection.h"
#include "net/message_parser.h"
#include "net/proxy.h"

namespace apigw::net {

class Pool;
struct Shelf;

class Upstream final : public gateway::UpstreamCall, private Channel::Owner {
 public:
  // Counted in the shelf's origin and in the tally while it lives.
  Upstream(Pool& pool, std::shared_ptr<Shelf> shelf);
  ~Upstream();

  [[nodiscard]] Channel& channel() { return channel_; }
  [[nodiscard]] Shelf& shelf() { return *shelf_; }
  [[nodiscard]] std::optional<ProxyHop>& hop() { return hop_; }
  // A new call on this connection.
  void begin(const model::Timeouts& timeouts, bool reused);
  // Laid into the pool, until `limit` or until the other side moves.
  void lie_idle(std::chrono::milliseconds limit);
  // Whether the other side has been quiet since: one system call unless it was used a moment ago.
  [[nodiscard]] bool still_good();

  Task<Result<void>> send(const gateway::UpstreamRequest& request, std::string_view piece, bool last) override;
  Task<Result<void>> send_more(std::string_view piece, bool last) override;
  Task<Result<const http::ResponseHead*>> read_head() override;
  void gather_body(std::uint64_t most) override { body_.gather(most); }
  Task<Result<std::string_view>> read_body() override;
  [[nodiscard]] std::string_view body_here() override;
  [[nodiscard]] bool body_ready() override;
  void abort() noexcept override { channel_.close(); }
  [[nodiscard]] bool sent_any() const override { return channel_.bytes_out > out_base_; }
  [[nodiscard]] bool reused() const override { return reused_; }
  void release() noexcept override;

  std::list<Upstream*>::iterator place;  // in the pool's list of all
  std::string peer;                      // the address that it reached, where calls are spread over several

 private:
  bool peer_left(bool broken) override;
  bool bytes_came() override;
  Task<Result<void>> write(Gather parts, bool last);
  void add_piece(Gather& parts, std::string_view piece, bool last);
  enum class Turn : std::uint8_t { clients, ours };  // whose the next byte of the request is, or the end of it
  Result<bool> take_head(std::string_view section);
  model::Milliseconds patience();
  [[nodiscard]] std::unexpected<Error> failed(Io io, std::string_view during) const;

  Pool& pool_;
  std::shared_ptr<Shelf> shelf_;
  Channel channel_;
  MessageParser parser_{MessageParser::Side::reply};
  http::HeaderScanner scanner_{http::HeaderScanner::Side::reply};
  BodyReader body_;
  http::ResponseHead reply_;
  std::optional<ProxyHop> hop_;  // requests are written in absolute form
  std::string out_;              // the request's head
  std::string method_;
  Deadline idle_;
  TimerWheel::TimePoint idle_since_{};
  TimerWheel::TimePoint progress_{};  // when the upstream last took bytes of the request
  model::Milliseconds first_byte_{}, between_bytes_{};
  std::uint64_t out_base_ = 0;
  std::array<char, 20> chunk_head_;
  bool reused_ = false, in_pool_ = false;
  bool chunked_ = false;  // the request's body
  Turn turn_ = Turn::ours;
  bool request_done_ = false, head_done_ = false;
  bool keep_alive_ = false;
};

}  // namespace apigw::net
