#include "policy/identity.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "policy/wrong_keys.h"

namespace apigw::policy {
namespace {

constexpr std::array<std::string_view, 4> headers_with_keys{"x-api-key", "api-key", "x-goog-api-key",
                                                            "authorization"};

std::string_view as_sent(std::string_view header) {
  return header == "authorization" ? "Authorization" : header;
}

std::string_view bearer(std::string_view value) {
  constexpr std::string_view scheme = "bearer";
  if (value.size() <= scheme.size() || !text::iequals(value.substr(0, scheme.size()), scheme)) return {};
  if (value[scheme.size()] != ' ') return {};
  return text::trim(value.substr(scheme.size()));
}

Refusal unauthorized(std::string_view reason, std::string message) {
  Refusal no{401, reason, std::move(message), {}};
  no.headers.add("www-authenticate", R"(Bearer realm="apigw")");
  return no;
}

constexpr std::string_view how_to_send =
    "send 'Authorization: Bearer KEY' (x-api-key, api-key and x-goog-api-key work too)";

// Addresses are logged and remembered in many places, so no key is looked for there.
bool key_in(std::string_view query) {
  const auto parts = text::split(query, '&');
  return std::ranges::any_of(parts, [](std::string_view part) { return part.starts_with("key="); });
}

Refusal missing(std::string_view query) {
  return unauthorized(
      "missing_key",
      fmt::format("{}; {}",
                  key_in(query) ? "a key in the query is not read, because addresses are logged" : "no key was sent",
                  how_to_send));
}

Refusal conflicting(const Credential& credential) {
  return unauthorized("conflicting_keys", fmt::format("two different keys were sent, in '{}' and in '{}': send one",
                                                      as_sent(credential.header), as_sent(credential.other)));
}

Refusal too_many(std::chrono::seconds wait) {
  Refusal no{429,
             "too_many_wrong_keys",
             fmt::format("too many wrong keys came from this address; try again in {} s", wait.count()),
             {}};
  no.headers.add("retry-after", fmt::format("{}", wait.count()));
  return no;
}

Refusal wrong(const Credential& credential, std::uint32_t count) {
  if (count > WrongKeys::limit) return too_many(WrongKeys::window);
  const std::string_view header = as_sent(credential.header);
  if (credential.key.empty()) {
    return unauthorized(
        "invalid_key",
        fmt::format("the '{}' header holds no key of a form that is understood here; {}", header, how_to_send));
  }
  if (!key_form_ok(credential.key)) {
    return unauthorized("invalid_key", fmt::format("the key in '{}' is mistyped: its checksum does not fit", header));
  }
  return unauthorized("invalid_key", fmt::format("the key in '{}' is not known here", header));
}

}  // namespace

std::span<const std::string_view> credential_headers() {
  return headers_with_keys;
}

std::optional<Credential> find_credential(const http::Headers& headers) {
  std::array<std::optional<std::string_view>, headers_with_keys.size()> found;
  std::string_view twice;
  for (const auto field : headers) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (field.name != headers_with_keys[i]) continue;
      if (found[i] && *found[i] != field.value) twice = headers_with_keys[i];
      if (!found[i]) found[i] = field.value;
    }
  }
  std::optional<Credential> first;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    const bool authorization = i + 1 == found.size();
    const std::string_view key = authorization ? bearer(*found[i]) : *found[i];
    if (!first)
      first = {headers_with_keys[i], key, twice};
    else if (first->other.empty() && !key.empty() && !first->key.empty() && key != first->key)
      first->other = headers_with_keys[i];
  }
  return first;
}

Identity::Identity(model::PlanPtr plan) : plan_(std::move(plan)), hasher_(plan_->pepper.value) {
  for (std::size_t i = 0; i < plan_->consumers.size(); ++i) {
    const model::Consumer& consumer = plan_->consumers[i];
    const auto id = static_cast<model::ConsumerId>(i);
    if (consumer.key.loaded()) known_.push_back({hasher_.digest(consumer.key.value.expose()), id});
    if (const auto stored = parse_key_hash(consumer.hash)) known_.push_back({*stored, id});
  }
  std::ranges::sort(known_, {}, &Known::digest);
}

// The search runs over keyed hashes, whose order tells a guesser nothing; the last word is a whole comparison.
std::optional<model::ConsumerId> Identity::find(std::string_view key) const {
  const KeyDigest digest = hasher_.digest(key);
  const auto near = std::ranges::lower_bound(known_, digest, {}, &Known::digest);
  static constexpr KeyDigest nobody{};
  const KeyDigest& candidate = near == known_.end() ? nobody : near->digest;
  const auto view = [](const KeyDigest& d) {
    return std::string_view(reinterpret_cast<const char*>(d.data()), d.size());
  };
  const bool same = equal_constant_time(view(candidate), view(digest));
  return same && near != known_.end() ? std::optional(near->consumer) : std::nullopt;
}

Identity::Verdict Identity::identify(const AdmitCall& call, std::optional<std::uint32_t> wrong_keys) const {
  const model::Auth auth = model::effective_auth(call.plan, call.route, call.head.listener);
  if (auth.none) return Caller{};
  if (!auth.key) return unauthorized("no_authenticator", "nobody may call this: it names no way to authenticate");
  const auto credential = find_credential(call.head.headers);
  if (!credential) return missing(call.head.target.query);
  if (!credential->other.empty()) return conflicting(*credential);
  const bool plausible = !credential->key.empty() && key_form_ok(credential->key);
  if (const auto consumer = plausible ? find(credential->key) : std::nullopt) {
    return Caller{consumer, plan_->at(*consumer).name};
  }
  if (call.facts.throttled.count() > 0) return too_many(call.facts.throttled);
  if (!wrong_keys) return Ask{std::string(call.head.client)};
  return wrong(*credential, *wrong_keys);
}

}  // namespace apigw::policy
