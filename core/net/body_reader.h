// The body of one message, piece by piece, out of a channel's input without copying.
//
// A piece stays where it was received: it is valid until the channel is filled again. Knows where the body ends (a
// length, chunks, the connection's end) and nothing of sockets or time.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/framing.h"
#include "net/blocks.h"
#include "net/message_parser.h"

namespace apigw::net {

class BodyReader {
 public:
  BodyReader(Input& input, MessageParser& parser) : input_(input), parser_(parser) {}

  void begin(http::BodyKind kind, std::uint64_t length);
  // From now on a rest of announced length, if it is at most `most` bytes, comes in one piece.
  void gather(std::uint64_t most) { gathered_ = most; }

  enum class State : unsigned char { more, data, malformed };
  // The next piece into `piece`, or `more` when the input must be filled first. Not once done().
  State next(std::string_view& piece);
  // The connection ended in good order: true when that is where the body ends too.
  bool end_of_stream();

  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] http::BodyKind kind() const { return kind_; }
  // Still to come, where a length was announced.
  [[nodiscard]] std::uint64_t remaining() const { return remaining_; }
  // What to ask fill() for.
  [[nodiscard]] std::size_t wanted() const;
  // Payload bytes so far, gathered ones included.
  [[nodiscard]] std::uint64_t received() const { return received_ + (gathering() ? input_.size() : 0); }

 private:
  State next_chunk(std::string_view& piece);
  // Whether the rest is waited for until it is whole.
  [[nodiscard]] bool gathering() const {
    return kind_ == http::BodyKind::length && remaining_ <= gathered_ && input_.size() < remaining_;
  }

  Input& input_;
  MessageParser& parser_;
  http::BodyKind kind_ = http::BodyKind::none;
  bool done_ = true;
  bool malformed_ = false;
  std::uint64_t remaining_ = 0, gathered_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace apigw::net
