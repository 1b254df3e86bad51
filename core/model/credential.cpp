#include "model/credential.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace apigw::model {
namespace {

struct Shape {
  std::string_view prefix;
  std::size_t least;  // length with the prefix
  std::string_view what;
};
// Longer prefixes first where one begins with another.
constexpr Shape shapes[] = {
    {"sk-ant-", 20, "an Anthropic key"}, {"sk-proj-", 20, "an OpenAI key"},
    {"sk-", 20, "an OpenAI-style key"},  {"agw_", 16, "a key of apigw"},
    {"AKIA", 20, "an AWS access key"},   {"ASIA", 20, "an AWS access key"},
    {"ghp_", 20, "a GitHub token"},      {"gho_", 20, "a GitHub token"},
    {"ghs_", 20, "a GitHub token"},      {"github_pat_", 24, "a GitHub token"},
    {"glpat-", 20, "a GitLab token"},    {"xoxb-", 16, "a Slack token"},
    {"xoxp-", 16, "a Slack token"},      {"xoxa-", 16, "a Slack token"},
    {"AIza", 30, "a Google API key"},    {"gsk_", 20, "a Groq key"},
    {"hf_", 20, "a Hugging Face token"}, {"pplx-", 20, "a Perplexity key"},
    {"xai-", 20, "an xAI key"},          {"sk_live_", 16, "a Stripe key"},
    {"rk_live_", 16, "a Stripe key"},
};

bool token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string_view token_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && token_char(text[end])) ++end;
  return text.substr(at, end - at);
}

// Shannon entropy in bits a character.
double entropy(std::string_view s) {
  std::array<unsigned, 256> count{};
  for (const char c : s) ++count[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const unsigned n : count) {
    if (n == 0) continue;
    const double p = static_cast<double>(n) / static_cast<double>(s.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

// A random 32-character text of letters and digits has about 4.3 bits a character; words joined by hyphens stay below
// 4 or lack digits or one of the cases.
bool random_looking(std::string_view s) {
  if (s.size() < 32 || s.size() > 512) return false;
  unsigned lower = 0, upper = 0, digits = 0;
  for (const char c : s) {
    lower += c >= 'a' && c <= 'z';
    upper += c >= 'A' && c <= 'Z';
    digits += c >= '0' && c <= '9';
  }
  return lower >= 4 && upper >= 4 && digits >= 3 && entropy(s) >= 4.2;
}

// Three base64url parts, the first of which decodes to `{"`.
bool jwt_like(std::string_view text, std::size_t at) {
  const std::string_view head = token_at(text, at);
  if (!head.starts_with("eyJ") || head.size() < 10) return false;
  const std::size_t dot = at + head.size();
  return dot < text.size() && text[dot] == '.' && token_at(text, dot + 1).size() >= 4;
}

}  // namespace

std::optional<std::string_view> looks_like_key(std::string_view text) {
  if (text.starts_with("hmac-sha256:") || text.starts_with("env:") || text.starts_with("file:")) return std::nullopt;
  for (std::size_t at = 0; at < text.size();) {
    if (!token_char(text[at])) {
      ++at;
      continue;
    }
    const std::string_view token = token_at(text, at);
    for (const Shape& shape : shapes)
      if (token.size() >= shape.least && token.starts_with(shape.prefix)) return shape.what;
    if (jwt_like(text, at)) return "a signed token (JWT)";
    if (random_looking(token)) return "a random key";
    at += token.size();
  }
  return std::nullopt;
}

std::string_view password_in(std::string_view text) {
  for (auto at = text.find("://"); at != std::string_view::npos; at = text.find("://", at + 3)) {
    const std::string_view rest = text.substr(at + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?# \t\n\"'"));
    const auto host = authority.rfind('@');
    const auto colon = authority.find(':');
    if (host == std::string_view::npos || colon >= host) continue;
    const std::string_view password = authority.substr(colon + 1, host - colon - 1);
    if (!password.empty() && !password.starts_with("${")) return password;
  }
  return {};
}

bool names_secret(std::string_view variable) {
  constexpr std::string_view ends[] = {"password",   "passwd",  "passphrase", "pwd",        "secret",     "token",
                                       "credential", "api_key", "access_key", "secret_key", "private_key"};
  const std::string lower = text::lower(variable);
  return std::ranges::any_of(ends, [&](std::string_view end) {
    return lower.ends_with(end) && (lower.size() == end.size() || lower[lower.size() - end.size() - 1] == '_');
  });
}

bool sounds_secret(std::string_view variable) {
  constexpr std::string_view words[] = {"auth",  "key", "token",      "secret", "cookie",
                                        "passw", "pwd", "credential", "private"};
  const std::string lower = text::lower(variable);
  return std::ranges::any_of(words, [&](std::string_view word) { return lower.contains(word); });
}

}  // namespace apigw::model
