// The one scan: a recursive descent over the bytes that checks everything and copies nothing.
//
// Strings are passed many bytes at a time. The keys of all open objects stand on one stack; an object's own are
// compared when it closes, small ones in pairs and large ones sorted, so that no choice of keys makes it slow. Depth
// of recursion is the depth of the text and never more than `deepest`.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <forward_list>
#include <span>

#include <fmt/format.h>

#include "base/json.h"
#include "base/json_escape.h"
#include "base/json_plain.h"
#include "base/text.h"

namespace apigw::json {

namespace {

constexpr unsigned deepest = 1'024;  // whatever the limits say: the scan recurses
constexpr std::size_t compared_in_pairs = 8;
constexpr std::size_t long_value = 256;  // bytes; passing over fewer is cheap
constexpr std::size_t most_long_values = 4'096;

struct Key {
  std::uint64_t tag = 0;  // differs only where the keys differ
  std::string_view text;  // decoded
};

class Scanner {
 public:
  Scanner(std::string_view text, const Limits& limits)
      : text_(text), p_(text.data()), end_(text.data() + text.size()), limits_(limits) {
    limits_.depth = std::min(limits_.depth, deepest);
    keys_.reserve(32);
  }

  bool document(Document& out) {
    skip_blanks();
    root_members_ = &out.members;
    long_values_ = &out.long_values;
    if (!value(0, out.root)) return false;
    std::ranges::sort(out.long_values, {}, &Slice::begin);
    skip_blanks();
    return p_ == end_ || wrong("something stands behind the value");
  }
  [[nodiscard]] Error error() const { return error_; }

 private:
  [[nodiscard]] std::size_t here() const { return static_cast<std::size_t>(p_ - text_.data()); }

  bool wrong(std::string_view why) {
    error_ = {ErrorKind::invalid, fmt::format("JSON at byte {}: {}", here(), why)};
    return false;
  }
  bool too_large(std::string why) {
    error_ = {ErrorKind::too_large, std::move(why)};
    return false;
  }

  void skip_blanks() {
    while (p_ < end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  bool value(unsigned depth, Slice& out) {
    if (p_ == end_) return wrong("the text ends where a value should stand");
    out.begin = here();
    bool good = false;
    switch (*p_) {
      case '"': {
        bool escaped = false;
        out.type = Type::string;
        good = string(escaped);
        break;
      }
      case '{':
        out.type = Type::object, good = object(depth + 1);
        break;
      case '[':
        out.type = Type::array, good = array(depth + 1);
        break;
      case 't':
        out.type = Type::boolean, good = word("true");
        break;
      case 'f':
        out.type = Type::boolean, good = word("false");
        break;
      case 'n':
        out.type = Type::null, good = word("null");
        break;
      default:
        out.type = Type::number, good = number();
        break;
    }
    out.end = here();
    const bool worth = depth > 0 && out.end - out.begin >= long_value && long_values_->size() < most_long_values;
    if (good && worth) long_values_->push_back(out);
    return good;
  }

  bool word(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - p_) < expected.size() ||
        std::memcmp(p_, expected.data(), expected.size()) != 0) {
      return wrong("no value begins like this");
    }
    p_ += expected.size();
    return true;
  }

  bool digits() {
    const char* start = p_;
    while (p_ < end_ && *p_ >= '0' && *p_ <= '9') ++p_;
    return p_ > start || wrong("a digit is missing");
  }

  bool number() {
    const char* start = p_;
    if (*p_ == '-') ++p_;
    if (p_ == end_ || *p_ < '0' || *p_ > '9') {
      return wrong(p_ == start ? "no value begins like this" : "a digit is missing");
    }
    if (*p_ == '0')
      ++p_;
    else
      digits();
    if (p_ < end_ && *p_ == '.') {
      ++p_;
      if (!digits()) return false;
    }
    if (p_ < end_ && (*p_ == 'e' || *p_ == 'E')) {
      ++p_;
      if (p_ < end_ && (*p_ == '+' || *p_ == '-')) ++p_;
      if (!digits()) return false;
    }
    return true;
  }

  // From the opening quote to behind the closing one.
  bool string(bool& escaped) {
    const char* start = ++p_;
    for (;;) {
      p_ = plain_end(p_, end_);
      if (p_ == end_) return wrong("a string does not end");
      const auto c = static_cast<unsigned char>(*p_);
      if (c == '"') break;
      if (c == '\\') {
        escaped = true;
        if (!escape()) return false;
      } else if (c < 0x20) {
        return wrong("a control character stands in a string");
      } else if (!wide_characters()) {
        return false;
      }
    }
    if (static_cast<std::size_t>(p_ - start) > limits_.string_bytes) return too_large("JSON: a string is too long");
    ++p_;
    return true;
  }

  // Those that follow too: they seldom come alone.
  bool wide_characters() {
    do {
      const std::size_t size = text::character_size({p_, static_cast<std::size_t>(end_ - p_)});
      if (size == 0) return wrong("bytes that are no UTF-8");
      p_ += size;
    } while (p_ < end_ && static_cast<unsigned char>(*p_) >= 0x80);
    return true;
  }

  bool escape() {
    ++p_;
    if (p_ == end_) return wrong("a string does not end");
    if (*p_ != 'u') {
      if (std::string_view("\"\\/bfnrt").find(*p_) == std::string_view::npos) return wrong("an unknown escape");
      ++p_;
      return true;
    }
    int unit = 0;
    if (!unicode_escape(unit)) return false;
    if (low_surrogate(unit)) return wrong("half of a surrogate pair");
    if (!high_surrogate(unit)) return true;
    if (end_ - p_ < 2 || p_[0] != '\\' || p_[1] != 'u') return wrong("half of a surrogate pair");
    ++p_;
    if (!unicode_escape(unit)) return false;
    return low_surrogate(unit) || wrong("half of a surrogate pair");
  }

  // From the `u` to behind its four digits.
  bool unicode_escape(int& unit) {
    unit = end_ - p_ >= 5 ? hex4(p_ + 1) : -1;
    if (unit < 0) return wrong("an escape needs four hex digits");
    p_ += 5;
    return true;
  }

  bool array(unsigned depth) {
    if (depth > limits_.depth) return too_large(fmt::format("JSON is more than {} levels deep", limits_.depth));
    ++p_;
    skip_blanks();
    if (p_ < end_ && *p_ == ']') {
      ++p_;
      return true;
    }
    for (;;) {
      Slice element;
      if (!value(depth, element)) return false;
      skip_blanks();
      if (p_ == end_) return wrong("an array does not end");
      const char c = *p_;
      if (c != ',' && c != ']') return wrong("expected a comma or the end of an array");
      ++p_;
      if (c == ']') return true;
      skip_blanks();
    }
  }

  bool object(unsigned depth) {
    if (depth > limits_.depth) return too_large(fmt::format("JSON is more than {} levels deep", limits_.depth));
    const std::size_t first_key = keys_.size();
    ++p_;
    skip_blanks();
    if (p_ < end_ && *p_ == '}') {
      ++p_;
      return true;
    }
    for (;;) {
      if (!member(depth)) return false;
      if (keys_.size() - first_key > limits_.members) {
        return too_large(fmt::format("JSON: an object has more than {} members", limits_.members));
      }
      skip_blanks();
      if (p_ == end_) return wrong("an object does not end");
      const char c = *p_;
      if (c != ',' && c != '}') return wrong("expected a comma or the end of an object");
      ++p_;
      if (c == '}') break;
      skip_blanks();
    }
    return keys_are_unique(first_key);
  }

  bool member(unsigned depth) {
    if (p_ == end_ || *p_ != '"') return wrong("expected a member's name in quotes");
    const char* start = p_ + 1;
    Member found;
    if (!string(found.escaped)) return false;
    found.key = {start, static_cast<std::size_t>(p_ - 1 - start)};
    push_key(found);
    skip_blanks();
    if (p_ == end_ || *p_ != ':') return wrong("expected a colon behind a member's name");
    ++p_;
    skip_blanks();
    if (!value(depth, found.value)) return false;
    if (depth == 1) root_members_->push_back(found);
    return true;
  }

  void push_key(const Member& found) {
    std::string_view key = found.key;
    if (found.escaped) key = decoded_.emplace_front(decode_string(key));
    keys_.push_back({tag_of(key), key});
  }

  // First and last eight bytes and the size: equal keys have equal tags, unequal ones rarely.
  static std::uint64_t tag_of(std::string_view key) {
    std::uint64_t head = 0, tail = 0;
    if (key.size() >= 8) {
      std::memcpy(&head, key.data(), 8);
      std::memcpy(&tail, key.data() + key.size() - 8, 8);
    } else {
      for (std::size_t i = 0; i < key.size(); ++i) head = (head << 8) | static_cast<unsigned char>(key[i]);
    }
    return head ^ std::rotl(tail, 23) ^ (std::uint64_t{key.size()} << 57);
  }

  bool keys_are_unique(std::size_t first) {
    const auto keys = std::span(keys_).subspan(first);
    const auto same = [](const Key& a, const Key& b) { return a.tag == b.tag && a.text == b.text; };
    const Key* twice = nullptr;
    if (keys.size() <= compared_in_pairs) {
      for (std::size_t i = 1; i < keys.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) twice = same(keys[i], keys[j]) ? &keys[i] : twice;
      }
    } else {
      std::ranges::sort(keys,
                        [](const Key& a, const Key& b) { return a.tag != b.tag ? a.tag < b.tag : a.text < b.text; });
      const auto found = std::ranges::adjacent_find(keys, same);
      if (found != keys.end()) twice = &*found;
    }
    if (twice != nullptr) return wrong(fmt::format("an object names \"{}\" twice", text::printable(twice->text, 60)));
    keys_.resize(first);
    return true;
  }

  std::string_view text_;
  const char* p_;
  const char* end_;
  Limits limits_;
  std::vector<Key> keys_;
  std::forward_list<std::string> decoded_;  // keys that hold escapes
  std::vector<Member>* root_members_ = nullptr;
  std::vector<Slice>* long_values_ = nullptr;
  Error error_;
};

}  // namespace

Result<Document> scan(std::string_view text, const Limits& limits) {
  Document document;
  document.members.reserve(16);
  Scanner scanner(text, limits);
  if (!scanner.document(document)) return std::unexpected(scanner.error());
  return document;
}

}  // namespace apigw::json
