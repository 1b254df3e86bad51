#include "import/secrecy.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "config/grammar.h"
#include "model/credential.h"

namespace apigw::import {
namespace {

// Anywhere in a name, '-' and '_' taken out: apiKey, api_key and API-KEY are one word.
constexpr std::string_view anywhere[] = {"password",      "passwd",     "passphrase", "secret",    "credential",
                                         "apikey",        "accesskey",  "authkey",    "masterkey", "privatekey",
                                         "encryptionkey", "signingkey", "saltkey"};
// Whole words of a name, and those at its end.
constexpr std::string_view words[] = {"pass", "pwd", "pw"};
constexpr std::string_view last_words[] = {"token"};

// A user and a password before the host, unless the password is a reference.
bool password_in_url(std::string_view value) {
  const auto scheme = value.find("://");
  if (scheme == std::string_view::npos) return false;
  const std::string_view authority = value.substr(scheme + 3, value.find_first_of("/?#", scheme + 3) - scheme - 3);
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  if (at == std::string_view::npos || colon >= at) return false;
  const std::string_view password = authority.substr(colon + 1, at - colon - 1);
  return !password.empty() && !refers_only(password);
}

std::optional<std::string> variable(std::string_view name) {
  name = text::trim(name);
  return config::is_variable(name) ? std::optional<std::string>(name) : std::nullopt;
}

// A PEM block, or a long text under a name that means one.
bool key_block(std::string_view value) {
  return value.starts_with("-----BEGIN ") && value.substr(0, 60).find("PRIVATE KEY") != std::string_view::npos;
}

}  // namespace

bool refers_only(std::string_view value) {
  if (referred_variable(value)) return true;
  if (!value.starts_with("${") || value.find('}') != value.size() - 1) return false;
  const std::string_view inside = value.substr(2, value.size() - 3);  // NAME:- and NAME:?why tell no value
  const auto mark = inside.find_first_of(":?");
  const std::string_view rest = mark == std::string_view::npos ? "" : inside.substr(mark);
  return variable(inside.substr(0, mark)).has_value() &&
         (rest == ":-" || rest.starts_with("?") || rest.starts_with(":?"));
}

bool secret_name(std::string_view key) {
  std::string squeezed;
  std::vector<std::string> parts{""};
  for (std::size_t i = 0; i < key.size(); ++i) {
    const bool kept = config::letter(key[i]) || config::digit(key[i]);
    const bool capital = key[i] >= 'A' && key[i] <= 'Z' && i > 0 && key[i - 1] >= 'a' && key[i - 1] <= 'z';
    if ((!kept || capital) && !parts.back().empty()) parts.emplace_back();
    if (!kept) continue;
    squeezed += text::lower(key[i]);
    parts.back() += text::lower(key[i]);
  }
  if (parts.back().empty()) parts.pop_back();
  const auto has = [](const auto& list, std::string_view word) {
    return std::ranges::find(list, word) != std::end(list);
  };
  return std::ranges::any_of(anywhere, [&](std::string_view word) { return squeezed.contains(word); }) ||
         std::ranges::any_of(parts, [&](const std::string& part) { return has(words, part); }) ||
         (!parts.empty() && has(last_words, parts.back()));
}

bool secret_text(std::string_view value) {
  return model::looks_like_key(value).has_value() || password_in_url(value) || key_block(value);
}

std::optional<std::string> referred_variable(std::string_view value) {
  value = text::trim(value);
  if (value.starts_with("os.environ/")) return variable(value.substr(11));
  if (value.starts_with("env:")) return variable(value.substr(4));
  if (value.starts_with("${{") && value.ends_with("}}")) {  // decK: ${{ env "DECK_X" }}
    const auto open = value.find('"');
    const auto close = value.rfind('"');
    return open < close ? variable(value.substr(open + 1, close - open - 1)) : std::nullopt;
  }
  if (value.starts_with("${") && value.ends_with("}")) return variable(value.substr(2, value.size() - 3));
  if (value.starts_with("$")) return variable(value.substr(1));
  return std::nullopt;
}

std::vector<Span> secrets_of(const yaml::Node& root) {
  struct Open {
    const yaml::Node* node;
    bool named;  // below a key whose name says that it is one
  };
  std::vector<Span> found;
  std::vector<Open> open{{&root, false}};
  while (!open.empty()) {
    const auto [node, named] = open.back();
    open.pop_back();
    for (const yaml::Node* item : node->items) {
      open.push_back({item, named});
      const auto equals = item->value.find('=');  // environment: [DB_PASSWORD=x]
      if (equals != std::string::npos && equals > 0 && equals + 1 < item->value.size() &&
          secret_name(std::string_view(item->value).substr(0, equals)) &&
          !refers_only(std::string_view(item->value).substr(equals + 1)))
        found.push_back(item->defined_at.known() ? item->defined_at : item->span);
    }
    for (const yaml::Entry& entry : node->entries)  // a list or mapping below such a name is no secret itself
      open.push_back({entry.value, secret_name(entry.key->value) || entry.key->value == "key"});
    if (node->kind != yaml::Kind::scalar || node->value.empty() || refers_only(node->value)) continue;
    if (node->value == "true" || node->value == "false") continue;
    if (named || secret_text(node->value)) found.push_back(node->defined_at.known() ? node->defined_at : node->span);
  }
  return found;
}

}  // namespace apigw::import
