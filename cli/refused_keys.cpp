#include "refused_keys.h"

#include <fmt/format.h>

#include "base/text.h"
#include "policy/key_tail.h"

namespace apigw::cli {
namespace {

constexpr std::string_view renew = "make a new key there and set it; 'apigw doctor --online' tries it";
constexpr std::string_view give = "write `key: env:NAME` at the provider in the config, where NAME holds the key";

std::string shown(const model::SecretRef& key, const config::Environment& process, std::string_view dotenv) {
  const std::string tail = policy::key_tail(key.value);
  if (key.kind == model::SecretRef::Kind::file)
    return fmt::format("the key in '{}' ({})", text::printable(key.name), tail);
  return fmt::format("{} ({}, from {})", key.name, tail, process.contains(key.name) ? "the environment" : dotenv);
}

}  // namespace

void RefusedKeys::know(const model::Plan& plan, const config::Environment& process, std::string_view dotenv) {
  std::map<std::string, Key, std::less<>> next;
  for (const model::Provider& provider : plan.providers) {
    if (provider.key.loaded())
      next[provider.name] = {shown(provider.key, process, dotenv), renew, {}};
    else if (provider.aws && provider.aws->loaded())
      next[provider.name] = {shown(provider.aws->id, process, dotenv), renew, {}};
    else if (!provider.mock && provider.key.kind == model::SecretRef::Kind::none)
      next[provider.name] = {"a call without a key", give, {}};
  }
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
  return fmt::format("{} refused {}\n help: {}\n", provider, key.shown, key.help);
}

std::string token_line(std::string_view provider, std::string_view why) {
  return fmt::format(
      "{} has no access token: {}\n help: its calls fail until there is one; it is tried again by itself\n",
      text::printable(provider), text::printable(why, 400));
}

}  // namespace apigw::cli
