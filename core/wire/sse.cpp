#include "wire/sse.h"

#include <cstring>

namespace apigw::wire {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

struct LineEnd {
  std::size_t at = std::string_view::npos;  // of its first byte
  std::size_t size = 0;                     // 0: none, or a CR at the very end that may become CRLF
};

LineEnd find_line_end(std::string_view s, std::size_t from) {
  if (from >= s.size()) return {};
  const void* lf = std::memchr(s.data() + from, '\n', s.size() - from);
  const std::size_t end =
      lf == nullptr ? s.size() : static_cast<std::size_t>(static_cast<const char*>(lf) - s.data());
  const void* cr = std::memchr(s.data() + from, '\r', end - from);
  if (cr == nullptr) return lf == nullptr ? LineEnd{} : LineEnd{end, 1};
  const auto at = static_cast<std::size_t>(static_cast<const char*>(cr) - s.data());
  if (at + 1 == s.size()) return {at, 0};
  return {at, s[at + 1] == '\n' ? std::size_t{2} : std::size_t{1}};
}

}  // namespace

Result<std::optional<Frame>> SseSplitter::next() {
  while (!too_large_) {
    const LineEnd end = find_line_end(held_.input(), searched_);
    if (end.size == 0) {
      if (held_.input().size() - frame_ > event_cap_) break;
      searched_ = end.at == std::string_view::npos ? held_.input().size() : end.at;
      keep_rest();
      return std::nullopt;
    }
    const bool mark_only =
        first_ && line_ == frame_ && held_.input().substr(line_, end.at - line_) == byte_order_mark;
    const bool blank = end.at == line_ || mark_only;
    searched_ = line_ = end.at + end.size;
    if (!blank) continue;
    const std::string_view raw = held_.input().substr(frame_, line_ - frame_);
    frame_ = line_;
    if (raw.size() > event_cap_) break;
    return parse(raw);
  }
  too_large_ = true;
  return fail(ErrorKind::too_large, fmt::format("a stream event is larger than {} bytes", event_cap_));
}

// The places move with the unfinished frame.
void SseSplitter::keep_rest() {
  held_.keep(frame_);
  line_ -= frame_;
  searched_ -= frame_;
  frame_ = 0;
}

std::optional<Frame> SseSplitter::finish() {
  const std::string_view rest = held_.rest();
  if (too_large_ || rest.empty()) return std::nullopt;
  return parse(rest);
}

Frame SseSplitter::parse(std::string_view raw) {
  Frame frame{.raw = raw, .event = {}, .data = {}};
  std::string_view rest = raw;
  if (first_ && rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  first_ = false;
  bool several = false;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") frame.event = value;
    if (name != "data") continue;
    if (frame.has_data) {
      if (!several) joined_.assign(frame.data);
      several = true;
      joined_.append("\n").append(value);
    }
    if (!several) frame.data = value;
    frame.has_data = true;
  }
  if (several) frame.data = joined_;
  return frame;
}

}  // namespace apigw::wire
