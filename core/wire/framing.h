// How a stream is cut into frames: what readers, relays, heartbeats and the mock ask of it, whatever the dialect.
#pragma once
#include <cstdint>
#include <string_view>

namespace apigw::wire {

enum class Framing : std::uint8_t {
  sse,           // server-sent events (WHATWG HTML, "Server-sent events")
  lines,         // a JSON value a line (NDJSON)
  array,         // the elements of one JSON array: for clients alone, no provider is asked for it
  event_stream,  // messages of application/vnd.amazon.eventstream: of providers alone, no client gets them
};

struct Frame {
  std::string_view raw;    // every byte of it: comments, blanks and its end included
  std::string_view event;  // of server-sent events, and the type of a message; empty: not named
  // Of server-sent events the `data` lines joined by LF; of a line what stands in it; of a message its payload.
  std::string_view data;
  bool has_data = false;  // false: nothing but comments, blanks and other fields
  bool error = false;     // the framing itself says that the stream failed: an exception or error of event streams
};

// As the head of such a stream says it.
[[nodiscard]] std::string_view media_type(Framing framing);
// Whether a head's content-type is one of such a stream. One JSON value is a stream of one line.
[[nodiscard]] bool is_stream(std::string_view content_type, Framing framing);
// Bytes between frames that say nothing and that readers pass over. Between lines no line: some readers take each for
// a value, all pass over white space before one.
[[nodiscard]] std::string_view sign_of_life(Framing framing);

}  // namespace apigw::wire
