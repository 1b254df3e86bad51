#include "base/text.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "base/on_screen.h"

namespace apigw::text {

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = lower(c);
  return out;
}

std::string upper(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_token(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = s.find(separator);
    parts.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != parts.data()) out += separator;
    out += part;
  }
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view s) {
  if (s.empty()) return std::nullopt;
  std::uint64_t n = 0;
  for (char c : s) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (n > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return std::nullopt;
    n = n * 10 + digit;
  }
  return n;
}

unsigned distance(std::string_view a, std::string_view b, unsigned limit) {
  const std::size_t longer = std::max(a.size(), b.size());
  const std::size_t shorter = std::min(a.size(), b.size());
  if ((longer - shorter) * 2 > limit || longer > 100) return limit + 1;
  std::vector<unsigned> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<unsigned>(j * 2);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = static_cast<unsigned>(i * 2);
    unsigned least = next[0];
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = a[i - 1];
      const char y = b[j - 1];
      const unsigned change = x == y ? 0 : lower(x) == lower(y) ? 1 : 2;
      next[j] = std::min({row[j] + 2, next[j - 1] + 2, row[j - 1] + change});
      if (i > 1 && j > 1 && x == b[j - 2] && a[i - 2] == y) next[j] = std::min(next[j], before[j - 2] + 2);
      least = std::min(least, next[j]);
    }
    if (least > limit) return limit + 1;
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

std::optional<std::string_view> closest(std::string_view word, std::span<const std::string_view> candidates) {
  const auto edits = std::max<std::size_t>(1, word.size() / 3);
  unsigned best = static_cast<unsigned>(edits * 2) + 1;
  std::optional<std::string_view> found;
  for (std::string_view candidate : candidates) {
    const unsigned d = distance(word, candidate, best - 1);
    if (d < best) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::size_t character_size(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const auto tail = [&](std::size_t i) { return i < s.size() && (byte(i) & 0xc0) == 0x80; };
  if (s.empty()) return 0;
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return tail(1) ? 2 : 0;
  if (first < 0xf0) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (first < 0xf5) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

bool valid_utf8(std::string_view s) {
  while (!s.empty()) {
    const std::size_t n = character_size(s);
    if (n == 0) return false;
    s.remove_prefix(n);
  }
  return true;
}

namespace {

// Takes the first character, or the byte that is none, off `s` and adds it as it is safe to show.
void show_first(std::string_view& s, std::string& out) {
  const std::size_t n = character_size(s);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(s[i])); };
  const unsigned c = byte(0);
  const unsigned high = n == 3 ? (c & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu) : 0;
  const bool turns = (high >= 0x202a && high <= 0x202e) || (high >= 0x2066 && high <= 0x2069);  // UAX 9: bidi
  if (n == 0)
    out += fmt::format("\\x{:02x}", c);
  else if (c == '\n')
    out += "\\n";
  else if (c == '\t')
    out += "\\t";
  else if (c == '\r')
    out += "\\r";
  else if (c < 0x20 || c == 0x7f || (n == 2 && c == 0xc2 && byte(1) < 0xa0))
    out += fmt::format("\\u{:04x}", n == 1 ? c : byte(1));
  else if (turns)
    out += fmt::format("\\u{:04x}", high);
  else
    out += s.substr(0, n);
  s.remove_prefix(std::max<std::size_t>(n, 1));
}

}  // namespace

std::string printable(std::string_view s, std::size_t limit) {
  std::string out;
  while (!s.empty()) {
    if (out.size() >= limit) return out + "…";
    show_first(s, out);
  }
  return out;
}

std::string on_screen(std::string_view s) {
  std::string out;
  while (!s.empty()) {
    if (s[0] == '\n' || s[0] == '\t') {
      out += s[0];
      s.remove_prefix(1);
    } else {
      show_first(s, out);
    }
  }
  return out;
}

std::string shell_quoted(std::string_view word) {
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string shell_word(std::string_view word) {
  const auto plain = [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
  };
  return !word.empty() && std::ranges::all_of(word, plain) ? std::string(word) : shell_quoted(word);
}

std::string dns_label(std::string_view of) {
  std::string name;
  for (const char c : lower(of)) name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  while (name.ends_with('-')) name.pop_back();
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') name.insert(0, "s-");
  return name;
}

bool glob(std::string_view pattern, std::string_view s) {
  std::size_t p = 0, i = 0, star = std::string_view::npos, resume = 0;
  while (i < s.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = i;
    } else if (p < pattern.size() && pattern[p] == s[i]) {
      ++p;
      ++i;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

std::optional<std::string> unhex(std::string_view s) {
  if (s.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < s.size(); i += 2) {
    const int high = digit(s[i]);
    const int low = digit(s[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::string base64url(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0, held = 0;
  for (unsigned char b : bytes) {
    bits = (bits << 8) | b;
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += alphabet[(bits >> held) & 63];
    }
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 63];
  return out;
}

}  // namespace apigw::text
