// Splits a byte stream into the lines of NDJSON, each of which is a frame.
//
// Cutting the same bytes differently yields the same frames, and the frames' raw bytes in a row are the stream. A
// line ends with LF, the CR before it is white space; a byte order mark may stand before the first. What stands
// behind the last LF stays buffered until finish(). Knows nothing about JSON.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/framing.h"
#include "wire/held.h"

namespace apigw::wire {

class LineSplitter {
 public:
  // A line of more than `line_cap` bytes is an Error too_large, and the splitter then yields nothing more.
  explicit LineSplitter(std::size_t line_cap = 1 << 20) : line_cap_(line_cap) {}

  // Takes the next chunk; its bytes must live until next() has returned nothing.
  void feed(std::string_view chunk) { held_.feed(chunk); }
  // The next whole line, valid until the next call; one that lies in one chunk is a view into that chunk.
  [[nodiscard]] Result<std::optional<Frame>> next();
  // After the last chunk: the line that stands there without its end. Nothing when the stream ended at a line's end.
  [[nodiscard]] std::optional<Frame> finish();

 private:
  [[nodiscard]] Frame parse(std::string_view raw);

  std::size_t line_cap_;
  Held held_;
  std::size_t line_ = 0;      // in held_.input(): where the current line begins,
  std::size_t searched_ = 0;  // and up to where no line end was found
  bool first_ = true;
  bool too_large_ = false;
};

}  // namespace apigw::wire
