#include "run/lines.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::run {
namespace {

// The length of the colour sequence at the start of `s`, 0 when there is none.
std::size_t colour_sequence(std::string_view s) {
  if (!s.starts_with("\x1b[")) return 0;
  std::size_t i = 2;
  while (i < s.size() && ((s[i] >= '0' && s[i] <= '9') || s[i] == ';' || s[i] == ':')) ++i;
  return i < s.size() && s[i] == 'm' ? i + 1 : 0;
}

// The length of the UTF-8 character at the start of `s`, 0 when it is none.
std::size_t character(std::string_view s) {
  const auto lead = static_cast<unsigned char>(s.front());
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
  return length != 0 && length <= s.size() && text::valid_utf8(s.substr(0, length)) ? length : 0;
}

}  // namespace

void Lines::end(const Take& take) {
  if (!line_.empty() || !continued_) take(line_);
  line_.clear();
  continued_ = false;
}

void Lines::feed(std::string_view bytes, const Take& take) {
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') {
      after_cr_ = false;
      bytes.remove_prefix(1);
      continue;
    }
    after_cr_ = false;
    const std::size_t room = limit_ - line_.size();
    const std::size_t stop = std::min({bytes.find_first_of("\r\n"), bytes.size(), room});
    line_ += bytes.substr(0, stop);
    const bool ended = stop < bytes.size() && (bytes[stop] == '\n' || bytes[stop] == '\r');
    if (ended) {
      after_cr_ = bytes[stop] == '\r';
      end(take);
    } else if (line_.size() == limit_) {
      take(line_);
      line_.clear();
      continued_ = true;
    }
    bytes.remove_prefix(stop + (ended ? 1 : 0));
  }
}

void Lines::finish(const Take& take) {
  if (!line_.empty()) end(take);
  continued_ = after_cr_ = false;
}

std::string showable(std::string_view line, bool colour) {
  std::string shown;
  shown.reserve(line.size());
  bool coloured = false;
  while (!line.empty()) {
    const auto byte = static_cast<unsigned char>(line.front());
    std::size_t taken = colour_sequence(line);
    if (taken != 0) {
      if (colour) shown += line.substr(0, taken);
      coloured = colour;
    } else if (taken = character(line); taken == 0 || (byte < 0x20 && byte != '\t') || byte == 0x7f) {
      taken = 1;
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", byte);
    } else if (taken == 2 && byte == 0xc2 && static_cast<unsigned char>(line[1]) < 0xa0) {
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", static_cast<unsigned char>(line[1]));  // C1 controls
    } else {
      shown += line.substr(0, taken);
    }
    line.remove_prefix(taken);
  }
  if (coloured) shown += "\x1b[0m";
  return shown;
}

}  // namespace apigw::run
