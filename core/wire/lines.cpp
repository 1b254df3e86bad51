#include "wire/lines.h"

#include <algorithm>

#include <fmt/format.h>

namespace apigw::wire {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::string_view blanks = " \t\r\n";  // of JSON

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

}  // namespace

Result<std::optional<Frame>> LineSplitter::next() {
  if (!too_large_) {
    const std::size_t end = held_.input().find('\n', searched_);
    const std::size_t size = (end == std::string_view::npos ? held_.input().size() : end + 1) - line_;
    too_large_ = size > line_cap_;
    if (!too_large_ && end == std::string_view::npos) {
      searched_ = held_.input().size();
      held_.keep(line_);
      searched_ -= line_;
      line_ = 0;
      return std::nullopt;
    }
    if (!too_large_) {
      const std::string_view raw = held_.input().substr(line_, size);
      searched_ = line_ = end + 1;
      return parse(raw);
    }
  }
  return fail(ErrorKind::too_large, fmt::format("a line of the stream is larger than {} bytes", line_cap_));
}

std::optional<Frame> LineSplitter::finish() {
  const std::string_view rest = held_.rest();
  if (too_large_ || rest.empty()) return std::nullopt;
  return parse(rest);
}

Frame LineSplitter::parse(std::string_view raw) {
  std::string_view line = raw;
  if (first_ && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  first_ = false;
  const std::string_view data = trimmed(line);
  return {.raw = raw, .event = {}, .data = data, .has_data = !data.empty()};
}

}  // namespace apigw::wire
