// The reply of a streamed model call on its way to the client: frame by frame, with one commit point.
//
// Before the first frame with meaning nothing is promised: frames are held back, and an attempt that fails leaves no
// trace, so the next target may try. After 15 s of silence the head and a comment go out, and again every 15 s: the
// status is then fixed, the failover is not. What keeps a stream alive is its framing's sign of life, or the
// dialect's own heartbeat in its place behind the first frame. From the first frame with meaning on a failure is the
// end: an error in the client's dialect, then a broken end, never a mark that all is well. Every byte passes the
// search for secrets.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "dialects/dialect.h"
#include "gateway/ledger.h"
#include "gateway/passage.h"
#include "gateway/signal.h"
#include "gateway/watch.h"
#include "policy/gate.h"
#include "policy/secret_scan.h"
#include "wire/splitter.h"

namespace apigw::gateway {

class Stream final : private TimerWheel::Entry {
 public:
  static constexpr std::chrono::seconds silence{15};

  // `framing`: of what goes to the client, as its passage gives it.
  Stream(http::Exchange& exchange, Deadlines& deadlines, Ledger& ledger, const dialects::Dialect& dialect,
         const policy::SecretSet& secrets, std::size_t event_cap, wire::Framing framing);
  ~Stream() override;

  enum class Ended : std::uint8_t {
    whole,      // finished, the client has it all
    not_begun,  // nothing of this attempt went out
    cut,        // broke after the commit point
    client_left,
  };
  // Relays one attempt, whose frames come in `from`, to its end. `head` are the fields of the reply's head unless it
  // is out already. Broken when nothing with meaning comes for longer than `patience`, whatever else does.
  Task<Ended> relay(UpstreamCall& call, wire::Framing from, std::chrono::milliseconds patience,
                    const http::Headers& head, Passage& passage);
  // The last word when no attempt succeeded or one was cut: an error frame, then a broken end.
  Task<void> break_off(const policy::Refusal& why);
  // Waits until no comment of ours is being written.
  Task<void> quiet();
  // Why the last attempt ended, in a stable word.
  [[nodiscard]] std::string_view failure() const { return failure_; }
  // Bytes of an event that it takes.
  [[nodiscard]] std::size_t event_cap() const { return event_cap_; }
  // The same as the kind that the list of attempts tells; nothing when it was this gateway that ended it.
  [[nodiscard]] std::optional<ErrorKind> error() const { return error_; }

 private:
  enum class Step : std::uint8_t { going, done, broken };

  void expired() override;
  Task<void> beat();
  void write_head(const http::Headers& from, http::ResponseHead& to) const;
  [[nodiscard]] std::string_view sign_of_life() const;
  Step fail_with(std::string_view failure, std::optional<ErrorKind> error);
  [[nodiscard]] Step take(std::string_view piece, Passage& passage);
  [[nodiscard]] Step judge(const dialects::FrameVerdict& verdict);
  [[nodiscard]] Step close(Passage& passage);
  Task<Result<void>> put(const http::Headers& head, std::string_view bytes);
  void rest_begins() { deadlines_.arm(*this, silence); }

  http::Exchange& exchange_;
  Deadlines& deadlines_;
  Ledger& ledger_;
  const dialects::Dialect& dialect_;
  const std::size_t event_cap_;
  const wire::Framing framing_;
  wire::Splitter splitter_{wire::Framing::sse};  // of the attempt at work
  policy::SecretFilter filter_;
  std::string held_;  // frames that wait for the commit point or the next write
  std::string_view failure_;
  std::optional<ErrorKind> error_;
  bool committed_ = false;
  bool spoke_ = false;    // something with meaning came since it was looked at
  bool begun_ = false;    // a frame is out
  bool writing_ = false;  // a frame, by relay
  Signal beat_done_;
};

}  // namespace apigw::gateway
