// What config must know of the rosters, as plain words: config depends on no dialect, provider or policy.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace apigw::config {

struct KnownProvider {
  std::string_view name;      // "openai"
  std::string_view dialect;   // "openai"
  std::string_view url;       // "https://api.openai.com/v1"
  std::string_view variable;  // "OPENAI_API_KEY"; empty: takes no key
};

// An endpoint that a dialect serves to clients: {"POST", "/v1/chat/completions", "openai", "chat"}.
struct KnownEndpoint {
  std::string_view method, path, dialect, operation;
  std::string_view header = {};  // that a request must carry to be meant; empty: none
};

struct Vocabulary {
  std::vector<KnownProvider> providers;
  std::vector<std::string_view> dialects;
  std::vector<KnownEndpoint> endpoints;
};

}  // namespace apigw::config
