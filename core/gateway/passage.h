// The frames of one attempt's stream on their way to the client: unchanged on the same dialect, read into events and
// written anew between two. Stream drives either without knowing which.
//
// What one frame yields is appended at once. Kept for later are counters, parts of an answer that came out of turn
// and the answer of a prompt that is held against its schema, each up to a limit beyond which the stream breaks off.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dialects/dialect.h"
#include "policy/gate.h"

namespace apigw::gateway {

// A no once the writer has given up.
[[nodiscard]] std::optional<policy::Refusal> out_of_turn(const dialects::EventWriter& writer);

class Passage {
 public:
  virtual ~Passage() = default;
  // Appends whole frames of the client's dialect to `out`, none for a frame that failed.
  [[nodiscard]] virtual dialects::FrameVerdict feed(const wire::Frame& frame, std::string& out) = 0;
  // The upstream closed: the same as for a frame. Done, or failed when the answer had not come to its end.
  [[nodiscard]] virtual dialects::FrameVerdict finish(std::string& out) = 0;
  // Counted so far; `partial` until done.
  [[nodiscard]] virtual chat::Usage usage() const = 0;
  // Of the answer so far, as StreamWatch tells it.
  [[nodiscard]] virtual std::uint64_t said_bytes() const = 0;
  // What the provider said when it failed; null: nothing that is meant for a client.
  [[nodiscard]] virtual const chat::ProviderError* error() const = 0;
  // The same as the provider's own bytes on one line, where the client reads their shape; else empty.
  [[nodiscard]] virtual std::string_view error_body() const { return {}; }
  // Why this gateway lets the stream go no further although the provider did not fail; null: it has no reason to.
  [[nodiscard]] virtual const policy::Refusal* refusal() const { return nullptr; }
};

// A passage over events: what becomes of one event is the derived class's. A provider's failure is kept for the
// gateway's last word, once it is known whether another target may try; what the reader says about an end that is
// missing is not meant for clients.
class EventPassage : public Passage {
 public:
  explicit EventPassage(std::unique_ptr<dialects::EventReader> reader) : reader_(std::move(reader)) {}
  [[nodiscard]] dialects::FrameVerdict feed(const wire::Frame& frame, std::string& out) final;
  [[nodiscard]] dialects::FrameVerdict finish(std::string& out) final;
  [[nodiscard]] chat::Usage usage() const final;
  [[nodiscard]] std::uint64_t said_bytes() const final { return said_bytes_; }
  [[nodiscard]] const chat::ProviderError* error() const final { return error_ ? &*error_ : nullptr; }
  [[nodiscard]] const policy::Refusal* refusal() const final { return refusal_ ? &*refusal_ : nullptr; }

 private:
  // Never Failed. A refusal ends the stream and is told to the client.
  virtual std::optional<policy::Refusal> take(const chat::Event& event, std::string& out) = 0;
  dialects::FrameVerdict take_all(std::string& out, bool at_end);

  std::unique_ptr<dialects::EventReader> reader_;
  std::vector<chat::Event> events_;  // of one frame; kept for its room
  std::optional<chat::ProviderError> error_;
  std::optional<policy::Refusal> refusal_;
  std::uint64_t said_bytes_ = 0;
  bool done_ = false;
};

// The data of each frame of `events` as the elements of one JSON array, for clients that ask for no events.
[[nodiscard]] std::unique_ptr<Passage> in_array(std::unique_ptr<Passage> events);
// The beginning of the element that follows, or of the first.
[[nodiscard]] constexpr std::string_view before_element(bool first) {
  return first ? "[" : ",\n";
}

[[nodiscard]] std::unique_ptr<Passage> pass_through(const dialects::Dialect& dialect,
                                                    const dialects::RequestFacts& facts, const json::Limits& limits);
// `way_back` and `losses` outlive the passage.
[[nodiscard]] std::unique_ptr<Passage> translate_stream(const dialects::Dialect& target,
                                                        const dialects::WayBack& way_back,
                                                        const dialects::Dialect& client,
                                                        const dialects::ReplyFacts& facts, const json::Limits& limits,
                                                        chat::Losses& losses);

}  // namespace apigw::gateway
