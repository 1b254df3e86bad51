#include "config/literals.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace apigw::config {
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

void check_literals(const yaml::Node& root, diag::Report& report) {
  // An alias names the same node again; the report keeps equal findings once, and depth and count are bounded by the
  // tree.
  std::vector<const yaml::Node*> open{&root};
  while (!open.empty()) {
    const yaml::Node& node = *open.back();
    open.pop_back();
    for (const yaml::Node* item : node.items) open.push_back(item);
    for (const yaml::Entry& entry : node.entries) open.push_back(entry.value);
    if (node.kind != yaml::Kind::scalar || node.value.size() < 16) continue;
    const auto what = looks_like_key(node.value);
    if (!what) continue;
    report.add(401, node.span, "a literal here looks like a key", fmt::format("looks like {}", *what))
        .helps.push_back(
            "put it into the environment or a file of mode 0600 and write env:NAME or file:PATH in a field "
            "that takes a secret; revoke this key if the file was ever shared");
  }
}

}  // namespace apigw::config
