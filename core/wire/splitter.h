// The splitter of a framing: server-sent events, lines or messages.
#pragma once
#include <cassert>
#include <variant>

#include "wire/event_stream.h"
#include "wire/lines.h"
#include "wire/sse.h"

namespace apigw::wire {

class Splitter {
 public:
  // No stream comes as an array. A frame of more than `frame_cap` bytes is an Error too_large.
  explicit Splitter(Framing framing, std::size_t frame_cap = 1 << 20) {
    assert(framing != Framing::array);
    if (framing == Framing::lines)
      kind_.emplace<LineSplitter>(frame_cap);
    else if (framing == Framing::event_stream)
      kind_.emplace<EventStreamSplitter>(frame_cap);
    else
      kind_.emplace<SseSplitter>(frame_cap);
  }

  // As each of them declares it.
  void feed(std::string_view chunk) {
    std::visit([&](auto& one) { one.feed(chunk); }, kind_);
  }
  [[nodiscard]] Result<std::optional<Frame>> next() {
    return std::visit([](auto& one) { return one.next(); }, kind_);
  }
  [[nodiscard]] std::optional<Frame> finish() {
    return std::visit([](auto& one) { return one.finish(); }, kind_);
  }

 private:
  std::variant<SseSplitter, LineSplitter, EventStreamSplitter> kind_;
};

}  // namespace apigw::wire
