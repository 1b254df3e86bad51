// Splits a byte stream into server-sent-event frames.
//
// Cutting the same bytes differently yields the same frames, and the frames' raw bytes in a row are the stream. A
// frame is complete at a blank line (LF, CRLF or CR; a CR at the very end waits for its possible LF), so trailing
// bytes stay buffered until finish(). Knows nothing about JSON, providers or [DONE].
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/framing.h"
#include "wire/held.h"

namespace apigw::wire {

class SseSplitter {
 public:
  // A frame of more than `event_cap` bytes is an Error too_large, and the splitter then yields nothing more.
  explicit SseSplitter(std::size_t event_cap = 1 << 20) : event_cap_(event_cap) {}

  // Takes the next chunk; its bytes must live until next() has returned nothing.
  void feed(std::string_view chunk) { held_.feed(chunk); }
  // The next whole frame, valid until the next call; a frame that lies in one chunk is a view into that chunk.
  [[nodiscard]] Result<std::optional<Frame>> next();
  // After the last chunk: what stands there without its blank line, which a parser by the book drops and real servers
  // send. Nothing when the stream ended at a frame's end.
  [[nodiscard]] std::optional<Frame> finish();

 private:
  [[nodiscard]] Frame parse(std::string_view raw);
  void keep_rest();

  std::size_t event_cap_;
  Held held_;
  std::string joined_;        // data of a frame with several data lines
  std::size_t frame_ = 0;     // in held_.input(): where the current frame begins,
  std::size_t line_ = 0;      // where its current line begins,
  std::size_t searched_ = 0;  // and up to where no line end was found
  bool first_ = true;         // a byte order mark may stand before the first frame only
  bool too_large_ = false;
};

}  // namespace apigw::wire
