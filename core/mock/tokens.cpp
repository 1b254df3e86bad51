#include "mock/tokens.h"

#include <algorithm>

#include "base/text.h"

namespace apigw::mock {

namespace {

constexpr std::size_t longest_part = 8;  // characters of one word in one token

bool blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Bytes of the token at the start of `s`, which is not empty.
std::size_t token_size(std::string_view s) {
  std::size_t at = 0;
  while (at < s.size() && blank(s[at])) ++at;
  for (std::size_t characters = 0; at < s.size() && !blank(s[at]) && characters < longest_part; ++characters) {
    const std::size_t size = std::max<std::size_t>(text::character_size(s.substr(at)), 1);
    if (size >= 3 && characters > 0) break;
    at += size;
    if (size >= 3) break;
  }
  return at;
}

}  // namespace

std::vector<std::string> tokens(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t size = token_size(text);
    all.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return all;
}

std::size_t count_tokens(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(token_size(text));
  return count;
}

}  // namespace apigw::mock
