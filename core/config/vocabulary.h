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
  bool yields = false;           // to any route of the config that takes its path
};

// What a provider may speak beside the dialects of clients: one of them at other addresses, or one of its own, which
// then stands in `dialect` too.
struct KnownVariant {
  std::string_view word, dialect;
  std::string_view adds;     // what its calls add to the provider's address: "/openai/deployments/"
  std::string_view version;  // of the maker's API that they are of: "2024-10-21"
};

struct Vocabulary {
  std::vector<KnownProvider> providers;
  std::vector<std::string_view> dialects;
  std::vector<KnownEndpoint> endpoints;
  std::vector<KnownVariant> variants = {};

  // The words of a provider's `dialect:`.
  [[nodiscard]] std::vector<std::string_view> spoken() const {
    std::vector<std::string_view> words = dialects;
    for (const KnownVariant& variant : variants) words.push_back(variant.word);
    return words;
  }
};

}  // namespace apigw::config
