// About how many tokens a request is, in one pass over its bytes: what a model reads are the strings of the values,
// neither their keys nor the punctuation around them.
#include "gateway/translation.h"

namespace apigw::gateway {
namespace {

constexpr std::uint64_t bytes_a_token = 4;
constexpr std::uint64_t longest_text = 16 << 10;  // without a blank; beyond it data, not words
constexpr std::uint64_t tokens_of_data = 1'600;   // of a picture or document in base64

std::uint64_t tokens_of(std::string_view string) {
  const bool data = string.size() > longest_text && string.substr(0, longest_text).find(' ') == string.npos;
  return data ? tokens_of_data : (string.size() + bytes_a_token - 1) / bytes_a_token;
}

// `json` is a value of a text that was scanned.
std::uint64_t tokens_in(std::string_view json) {
  std::uint64_t sum = 0;
  for (auto open = json.find('"'); open != json.npos; open = json.find('"', open)) {
    auto close = open + 1;
    while (json[close] != '"') close += json[close] == '\\' ? 2 : 1;
    const auto next = json.find_first_not_of(" \t\r\n", close + 1);
    const bool key = next != json.npos && json[next] == ':';
    if (!key) sum += tokens_of(json.substr(open + 1, close - open - 1));
    open = close + 1;
  }
  return sum;
}

}  // namespace

std::uint64_t estimate_tokens(std::string_view body, const json::Document& scanned) {
  std::uint64_t sum = 0;
  for (const std::string_view part : {"system", "messages", "tools"}) {
    if (const json::Member* member = scanned.find(part)) sum += tokens_in(json::at(body, member->value));
  }
  return sum;
}

}  // namespace apigw::gateway
