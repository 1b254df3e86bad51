#include "policy/key_tail.h"

namespace apigw::policy {

std::string key_tail(const Secret& key) {
  constexpr std::size_t shown = 4, least = 12;
  std::string out = "…";
  if (key.expose().size() < least) return out;
  for (const char c : key.expose().substr(key.expose().size() - shown)) {
    if (c <= ' ' || c > '~') return "…";
    out += c;
  }
  return out;
}

}  // namespace apigw::policy
