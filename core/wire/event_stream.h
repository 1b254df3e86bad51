// Splits a byte stream into the messages of application/vnd.amazon.eventstream, each of which is a frame.
//
// Cutting the same bytes differently yields the same frames. A message is its total length and that of its headers
// (32 bits each, big endian), a CRC-32 of those eight bytes, headers, payload, and a CRC-32 of all before it; both
// sums are checked. Knows of the headers only which of them name what a message is: `:message-type`, `:event-type`,
// `:exception-type`, `:error-code`, `:error-message`.
// Source: AWS, "Event stream encoding" (Smithy specification, amazon-eventstream).
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "wire/framing.h"
#include "wire/held.h"

namespace apigw::wire {

class EventStreamSplitter {
 public:
  // A message of more than `message_cap` bytes is an Error too_large, one whose lengths, sums or headers are wrong an
  // Error protocol; the splitter then yields nothing more.
  explicit EventStreamSplitter(std::size_t message_cap = 1 << 20) : message_cap_(message_cap) {}

  // Takes the next chunk; its bytes must live until next() has returned nothing.
  void feed(std::string_view chunk) { held_.feed(chunk); }
  // The next whole message, valid until the next call; one that lies in one chunk is a view into that chunk.
  [[nodiscard]] Result<std::optional<Frame>> next();
  // Nothing: what stands behind the last whole message is none.
  [[nodiscard]] static std::optional<Frame> finish() { return std::nullopt; }

 private:
  [[nodiscard]] Result<std::optional<Frame>> read();
  [[nodiscard]] Result<std::optional<std::size_t>> size_of_next() const;

  std::size_t message_cap_;
  Held held_;
  std::size_t at_ = 0;  // in held_.input(): where the current message begins
  std::optional<Error> broken_;
};

// One message with these headers, all of them texts of fewer than 2^15 bytes under names of fewer than 2^8.
[[nodiscard]] std::string event_stream_message(std::span<const std::pair<std::string_view, std::string_view>> headers,
                                               std::string_view payload);

// The CRC-32 of IEEE 802.3, as gzip has it.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

}  // namespace apigw::wire
