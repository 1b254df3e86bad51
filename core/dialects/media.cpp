#include "dialects/media.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace apigw::dialects {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// What a byte of base64 stands for in the standard alphabet; 0: none.
constexpr auto standard = [] {
  std::array<char, 256> table{};
  for (const char c : alphabet) table[static_cast<unsigned char>(c)] = c;
  table['-'] = '+';
  table['_'] = '/';
  return table;
}();

int hex_digit(char c) {
  c = text::lower(c);
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view s) {
  std::string out;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const int high = s[i] == '%' && i + 2 < s.size() ? hex_digit(s[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(s[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += s[i];
    }
  }
  return out;
}

}  // namespace

std::string media_type(std::string_view written) {
  std::string type = text::lower(text::trim(written.substr(0, written.find(';'))));
  return type == "image/jpg" ? "image/jpeg" : type;
}

std::optional<std::string> base64(std::string_view written) {
  std::string out;
  out.reserve(written.size() + 3);
  bool ended = false;
  for (const char c : written) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ended = true;
      continue;
    }
    const char digit = standard[static_cast<unsigned char>(c)];
    if (ended || digit == 0) return std::nullopt;
    out += digit;
  }
  if (out.empty() || out.size() % 4 == 1) return std::nullopt;
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<chat::Source> source_of(std::string_view url) {
  chat::Source source;
  if (!text::iequals(url.substr(0, 5), "data:")) {
    source.url = url;
    return source;
  }
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view head = text::trim(url.substr(5, comma - 5));
  source.media_type = media_type(head);
  constexpr std::string_view mark = ";base64";
  const std::size_t tail = head.size() - std::min(head.size(), mark.size());
  if (text::iequals(head.substr(tail), mark)) {
    auto data = base64(url.substr(comma + 1));
    if (!data) return std::nullopt;
    source.base64 = std::move(*data);
  } else {
    source.base64 = encoded(percent_decoded(url.substr(comma + 1)));
  }
  if (source.base64.empty()) return std::nullopt;
  return source;
}

std::string encoded(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) {
      group = (group << 8) | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) out += j <= count ? alphabet[(group >> (18 - 6 * j)) & 63] : '=';
  }
  return out;
}

std::optional<std::string> decoded(std::string_view written) {
  const auto digits = base64(written);
  if (!digits) return std::nullopt;
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : std::string_view(*digits).substr(0, digits->find('='))) {
    bits = (bits << 6) | static_cast<unsigned>(alphabet.find(c));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

std::string data_uri(const chat::Source& source) {
  return fmt::format("data:{};base64,{}", source.media_type, source.base64);
}

}  // namespace apigw::dialects
