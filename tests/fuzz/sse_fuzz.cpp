// Event streams and streams of lines: the same bytes give the same frames however they are cut, and the frames' raw
// bytes are the stream. Messages of AWS's event streams likewise, as far as they are whole: of the bytes themselves,
// and of messages made from their lines with the bytes behind them, since few inputs have sums that fit.
#include <string>
#include <string_view>

#include "fuzz/law.h"
#include "support/event_stream.h"
#include "wire/splitter.h"

namespace {

constexpr std::size_t cap = 512;

struct Frames {
  std::string seen, raw;
  bool failed = false;
};

void note(Frames& frames, const apigw::wire::Frame& frame) {
  frames.raw += frame.raw;
  frames.seen.append(std::to_string(frame.raw.size())).append(frame.has_data ? "d" : "-");
  frames.seen.append(frame.event).append("|").append(frame.data).append(";");
}

Frames split(apigw::wire::Framing framing, std::string_view bytes, std::size_t step) {
  Frames frames;
  apigw::wire::Splitter splitter(framing, cap);
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    const std::string chunk(bytes.substr(at, step));
    splitter.feed(chunk);
    for (;;) {
      const auto frame = splitter.next();
      if (!frame) {
        frames.failed = true;
        return frames;
      }
      if (!*frame) break;
      note(frames, **frame);
    }
  }
  if (const auto rest = splitter.finish()) note(frames, *rest);
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const auto framing : {apigw::wire::Framing::sse, apigw::wire::Framing::lines}) {
    const Frames whole = split(framing, bytes, bytes.size() + 1);
    const Frames cut = split(framing, bytes, data[0] % 32 + 1);
    LAW(whole.seen == cut.seen && whole.failed == cut.failed);
    LAW(whole.failed ? bytes.starts_with(whole.raw) : bytes == whole.raw);
  }
  for (const std::string& messages : {std::string(bytes), apigw::test::event_stream_of(bytes).append(bytes)}) {
    constexpr auto framing = apigw::wire::Framing::event_stream;
    const Frames whole = split(framing, messages, messages.size() + 1);
    const Frames cut = split(framing, messages, data[0] % 32 + 1);
    LAW(whole.seen == cut.seen && whole.failed == cut.failed);
    LAW(messages.starts_with(whole.raw));
  }
  return 0;
}
