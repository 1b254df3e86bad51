// About how many tokens a request is, in one pass over its bytes: what a model reads are the strings of the values,
// neither their keys nor the punctuation around them.
#include <algorithm>

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
  json::each_string(json, [&](std::string_view said) { sum += tokens_of(said); });
  return sum;
}

}  // namespace

std::uint64_t estimate_tokens(std::string_view body, const json::Document& scanned) {
  std::uint64_t sum = 0;
  // What a prompt stands in, in the words of every dialect.
  for (const std::string_view part : {"system", "messages", "instructions", "input", "systemInstruction",
                                      "system_instruction", "contents", "generateContentRequest", "tools"}) {
    if (const json::Member* member = scanned.find(part)) sum += tokens_in(json::at(body, member->value));
  }
  return sum;
}

void estimate_rest(chat::Usage& usage, std::string_view sent, std::uint64_t said_bytes) {
  if (!usage.known) {
    const auto scanned = json::scan(sent);
    usage.input = scanned ? estimate_tokens(sent, *scanned) : 0;
  }
  const std::uint64_t said = (said_bytes + bytes_a_token - 1) / bytes_a_token;
  usage.output = std::max(usage.output, said - std::min(said, usage.reasoning));
  usage.known = usage.partial = true;
}

}  // namespace apigw::gateway
