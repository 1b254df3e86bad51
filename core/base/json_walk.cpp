// Members and elements of a text that scan() has judged: nothing is judged again, values are passed over.
//
// What stands inside a value is skipped by its quotes and brackets alone. A text that was never scanned yields
// whatever looks like members, but no byte outside of it is read.
#include <algorithm>

#include "base/json.h"
#include "base/json_plain.h"

namespace apigw::json {

namespace {

// Of the value that begins with `first`.
Type type_at(char first) {
  switch (first) {
    case '"':
      return Type::string;
    case '{':
      return Type::object;
    case '[':
      return Type::array;
    case 't':
    case 'f':
      return Type::boolean;
    case 'n':
      return Type::null;
    default:
      return Type::number;
  }
}

class Walk {
 public:
  Walk(std::string_view text, Slice slice, std::span<const Slice> long_values)
      : begin_(text.data()),
        p_(begin_ + slice.begin + 1),
        end_(begin_ + std::min(slice.end, text.size())),
        long_values_(long_values) {}

  // To the next member or element; false at the closing bracket.
  bool next() {
    for (; p_ < end_; ++p_) {
      if (*p_ == ',' || blank(*p_)) continue;
      return *p_ != ']' && *p_ != '}';
    }
    return false;
  }

  Member member() {
    Member found;
    const char* start = p_ + 1;
    found.escaped = pass_string();
    if (p_ > start) found.key = {start, static_cast<std::size_t>(p_ - 1 - start)};
    while (p_ < end_ && (*p_ == ':' || blank(*p_))) ++p_;
    found.value = value();
    return found;
  }

  Slice value() {
    Slice slice{.begin = here(), .end = here()};
    if (p_ == end_) return slice;
    slice.type = type_at(*p_);
    if (const std::size_t known = known_end(slice.begin); known != 0)
      p_ = std::min(begin_ + known, end_);
    else if (slice.type == Type::string)
      pass_string();
    else if (slice.type == Type::object || slice.type == Type::array)
      pass_nested();
    else
      pass_word();
    slice.end = here();
    return slice;
  }

 private:
  // Of a long value that begins at `begin`; 0: there is none. Asked in rising order.
  std::size_t known_end(std::size_t begin) {
    if (long_values_.empty() || long_values_.back().begin < begin) return 0;
    const auto found = std::ranges::lower_bound(long_values_, begin, {}, &Slice::begin);
    long_values_ = {found, long_values_.end()};
    return found->begin == begin ? found->end : 0;
  }

  [[nodiscard]] std::size_t here() const { return static_cast<std::size_t>(p_ - begin_); }
  static bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  // From the opening quote to behind the closing one; whether there are escapes in between.
  bool pass_string() {
    bool escaped = false;
    ++p_;
    for (;;) {
      p_ = plain_end(p_, end_);
      if (p_ == end_) return escaped;
      if (*p_ == '"') break;
      const bool escape = *p_ == '\\';
      escaped = escaped || escape;
      p_ += escape && end_ - p_ > 1 ? 2 : 1;
      while (p_ < end_ && static_cast<unsigned char>(*p_) >= 0x80) ++p_;
    }
    ++p_;
    return escaped;
  }

  void pass_nested() {
    std::size_t open = 0;
    while (p_ < end_) {
      if (*p_ == '"') {
        pass_string();
        continue;
      }
      const char c = *p_++;
      if (c == '{' || c == '[') ++open;
      if ((c == '}' || c == ']') && --open == 0) return;
    }
  }

  void pass_word() {
    while (p_ < end_ && *p_ != ',' && *p_ != ']' && *p_ != '}' && !blank(*p_)) ++p_;
  }

  const char* begin_;
  const char* p_;
  const char* end_;
  std::span<const Slice> long_values_;  // those not yet behind
};

}  // namespace

Document members(std::string_view text, Slice slice, std::span<const Slice> long_values) {
  Document document{.root = slice, .members = {}, .long_values = {}};
  if (slice.type != Type::object) return document;
  document.members.reserve(6);
  for (Walk walk(text, slice, long_values); walk.next();) document.members.push_back(walk.member());
  return document;
}

std::vector<Slice> elements(std::string_view text, Slice slice, std::size_t most,
                            std::span<const Slice> long_values) {
  std::vector<Slice> found;
  if (slice.type != Type::array) return found;
  for (Walk walk(text, slice, long_values); found.size() <= most && walk.next();) found.push_back(walk.value());
  return found;
}

}  // namespace apigw::json
