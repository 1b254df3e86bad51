#include "http/hop_by_hop.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/framing.h"

namespace apigw::http {

namespace {

using Names = std::span<const std::string_view>;

// Fields of one connection, and those that frame a message: written anew on the other side.
constexpr auto hop_by_hop =
    std::to_array<std::string_view>({"connection", "content-length", "expect", "host", "http2-settings", "keep-alive",
                                     "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
                                     "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"});

constexpr auto credentials =
    std::to_array<std::string_view>({"api-key", "authorization", "x-api-key", "x-goog-api-key"});

// What some upstream takes for the truth about the client, its address or the path that was asked for. x-forwarded-*
// and x-apigw-* are known by their prefixes; Via is written anew by the gateway.
constexpr auto claims = std::to_array<std::string_view>(
    {"cf-connecting-ip", "client-ip", "fastly-client-ip", "forwarded", "true-client-ip", "via", "x-client-cert",
     "x-client-ip", "x-cluster-client-ip", "x-envoy-external-address", "x-original-forwarded-for", "x-original-host",
     "x-original-uri", "x-original-url", "x-real-ip", "x-request-id", "x-rewrite-url"});

constexpr auto claim_prefixes = std::to_array<std::string_view>({"x-apigw-", "x-forwarded-"});

// A client that could have these stripped by naming them in Connection would switch a check of the service off.
constexpr auto never_nominated = std::to_array<std::string_view>(
    {"authorization", "cache-control", "content-encoding", "content-type", "cookie", "idempotency-key", "origin",
     "set-cookie", "sec-fetch-site", "x-api-key", "x-csrf-token"});

// Of the connection between gateway and service, or advice to go around the gateway.
constexpr auto of_service_only =
    std::to_array<std::string_view>({"alt-svc", "date", "server", "via", "x-request-id"});

constexpr auto to_provider =
    std::to_array<std::string_view>({"accept", "content-type", "idempotency-key", "openai-beta", "user-agent"});

constexpr auto from_provider = std::to_array<std::string_view>(
    {"cache-control", "content-type", "openai-model", "openai-processing-ms", "openai-version", "retry-after",
     "retry-after-ms", "x-apigw-mock", "x-should-retry"});

constexpr auto from_provider_prefixes = std::to_array<std::string_view>({"x-ratelimit-"});

static_assert(std::ranges::is_sorted(hop_by_hop) && std::ranges::is_sorted(claims));

bool in(Names names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool has_prefix(Names prefixes, std::string_view name) {
  return std::ranges::any_of(prefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// What Connection names in one message. Views into its headers.
class Nominated {
 public:
  explicit Nominated(const Headers& headers) {
    for (const auto [name, value] : headers) {
      if (name != "connection") continue;
      for_each_token(value, [&](std::string_view token) {
        names_.push_back(token);
        return true;
      });
    }
  }
  [[nodiscard]] bool has(std::string_view name) const {
    const auto same = [&](std::string_view token) { return text::iequals(token, name); };
    return !names_.empty() && std::ranges::any_of(names_, same) && !in(never_nominated, name);
  }

 private:
  std::vector<std::string_view> names_;
};

}  // namespace

void copy_to_service(const Headers& from, Credentials rule, Headers& to) {
  const Nominated nominated(from);
  for (const auto [name, value] : from) {
    if (name.contains('_') || in(hop_by_hop, name) || in(claims, name) || has_prefix(claim_prefixes, name)) continue;
    if (rule == Credentials::drop && in(credentials, name)) continue;
    if (!nominated.has(name)) to.add(name, value);
  }
}

void copy_from_service(const Headers& from, Headers& to) {
  const Nominated nominated(from);
  for (const auto [name, value] : from) {
    if (in(hop_by_hop, name) || in(of_service_only, name) || name.starts_with("x-apigw-")) continue;
    if (!nominated.has(name)) to.add(name, value);
  }
}

void copy_to_provider(const Headers& from, Headers& to) {
  for (const auto [name, value] : from) {
    if (in(to_provider, name)) to.add(name, value);
  }
}

void copy_from_provider(const Headers& from, Headers& to) {
  for (const auto [name, value] : from) {
    if (in(from_provider, name) || has_prefix(from_provider_prefixes, name)) to.add(name, value);
  }
}

bool passed_here_before(const Headers& request, std::string_view own_name) {
  bool found = false;
  for (const auto [name, value] : request) {
    if (name != "via") continue;
    for_each_token(value, [&](std::string_view hop) {
      // "1.1 apigw-7f3a (comment)": the received-by part is the second word.
      const auto blank = hop.find_first_of(" \t");
      if (blank == std::string_view::npos) return true;
      const std::string_view by = text::trim(hop.substr(blank));
      found = found || text::iequals(by.substr(0, by.find_first_of(" \t")), own_name);
      return !found;
    });
  }
  return found;
}

std::string via_with(const Headers& request, std::string_view own_name) {
  std::string via;
  for (const auto [name, value] : request) {
    if (name == "via" && !value.empty()) via.append(value).append(", ");
  }
  return via.append("1.1 ").append(own_name);
}

}  // namespace apigw::http
