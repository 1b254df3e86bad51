#include "refused_keys.h"

#include <fmt/format.h>

#include "base/text.h"
#include "policy/key_tail.h"

namespace apigw::cli {
namespace {

std::string shown(const model::SecretRef& key, const config::Environment& process, std::string_view dotenv) {
  const std::string tail = policy::key_tail(key.value);
  if (key.kind == model::SecretRef::Kind::file)
    return fmt::format("the key in '{}' ({})", text::printable(key.name), tail);
  return fmt::format("{} ({}, from {})", key.name, tail, process.contains(key.name) ? "the environment" : dotenv);
}

}  // namespace

void RefusedKeys::know(const model::Plan& plan, const config::Environment& process, std::string_view dotenv) {
  std::map<std::string, Key, std::less<>> next;
  for (const model::Provider& provider : plan.providers)
    if (provider.key.loaded()) next[provider.name].shown = shown(provider.key, process, dotenv);
  const std::lock_guard lock(mutex_);
  for (auto& [name, key] : next)
    if (const auto before = keys_.find(name); before != keys_.end() && before->second.shown == key.shown)
      key.said = before->second.said;
  keys_ = std::move(next);
}

std::optional<std::string> RefusedKeys::refused(std::string_view provider, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(provider);
  if (found == keys_.end()) return std::nullopt;
  Key& key = found->second;
  if (key.said && now - *key.said < quiet) return std::nullopt;
  key.said = now;
  return fmt::format("{} refused {}\n help: make a new key there and set it; 'apigw doctor --online' tries it\n",
                     provider, key.shown);
}

}  // namespace apigw::cli
