#include "http/hop_by_hop.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/framing.h"

namespace apigw::http {

namespace {

// What is known of a field by its name.
enum Kind : std::uint8_t {
  hop = 1,             // of one connection, or framing: written anew on the other side
  credential = 2,      // of a client to the gateway
  claim = 4,           // what some upstream takes for the truth about client, address or path
  kept = 8,            // naming it in Connection has no effect: it would switch a check of the service off
  of_service = 16,     // of the connection between gateway and service, or advice to go around the gateway
  to_provider = 32,    // the allow-list of AI requests
  from_provider = 64,  // and of their replies
};

struct Known {
  std::string_view name;
  unsigned kinds;
};

constexpr auto known_unsorted = std::to_array<Known>({
    {"connection", hop},
    {"content-length", hop},
    {"expect", hop},
    {"host", hop},
    {"http2-settings", hop},
    {"keep-alive", hop},
    {"proxy-authenticate", hop},
    {"proxy-authentication-info", hop},
    {"proxy-authorization", hop},
    {"proxy-connection", hop},
    {"te", hop},
    {"trailer", hop},
    {"transfer-encoding", hop},
    {"upgrade", hop},
    {"api-key", credential},
    {"authorization", credential | kept},
    {"x-api-key", credential | kept},
    {"x-goog-api-key", credential},
    {"cf-connecting-ip", claim},
    {"client-ip", claim},
    {"fastly-client-ip", claim},
    {"forwarded", claim},
    {"true-client-ip", claim},
    {"via", claim | of_service},
    {"x-client-cert", claim},
    {"x-client-ip", claim},
    {"x-cluster-client-ip", claim},
    {"x-envoy-external-address", claim},
    {"x-original-forwarded-for", claim},
    {"x-original-host", claim},
    {"x-original-uri", claim},
    {"x-original-url", claim},
    {"x-real-ip", claim},
    {"x-request-id", claim | of_service},
    {"x-rewrite-url", claim},
    {"content-encoding", kept},
    {"cookie", kept},
    {"origin", kept},
    {"sec-fetch-site", kept},
    {"set-cookie", kept},
    {"x-csrf-token", kept},
    {"alt-svc", of_service},
    {"date", of_service},
    {"server", of_service},
    {"accept", to_provider},
    {"cache-control", kept | from_provider},
    {"content-type", kept | to_provider | from_provider},
    {"idempotency-key", kept | to_provider},
    {"user-agent", to_provider},
    {"openai-model", from_provider},
    {"openai-processing-ms", from_provider},
    {"openai-version", from_provider},
    {"request-id", from_provider},
    {"retry-after", from_provider},
    {"retry-after-ms", from_provider},
    {"x-apigw-mock", from_provider},
    {"x-should-retry", from_provider},
});

constexpr std::size_t longest_name = 32;

// The rows by the size of their names, and where each size begins: a look-up compares the few names of its size.
struct BySize {
  std::array<Known, known_unsorted.size()> rows;
  std::array<std::uint8_t, longest_name + 2> begins;
};

constexpr BySize known = [] {
  BySize table{.rows = known_unsorted, .begins = {}};
  std::ranges::sort(table.rows, {}, [](const Known& row) { return row.name.size(); });
  for (std::size_t size = 0; size < table.begins.size(); ++size) {
    const auto shorter = [&](const Known& row) { return row.name.size() < size; };
    table.begins[size] = static_cast<std::uint8_t>(std::ranges::count_if(table.rows, shorter));
  }
  return table;
}();
static_assert(known.begins.back() == known.rows.size(), "a name is longer than longest_name");

unsigned kinds_of(std::string_view name) {
  if (name.size() > longest_name) return 0;
  for (std::size_t i = known.begins[name.size()]; i < known.begins[name.size() + 1]; ++i) {
    if (known.rows[i].name == name) return known.rows[i].kinds;
  }
  return 0;
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
    return !names_.empty() && (kinds_of(name) & kept) == 0 && std::ranges::any_of(names_, same);
  }

 private:
  std::vector<std::string_view> names_;
};

}  // namespace

void copy_to_service(const Headers& from, Credentials rule, Headers& to) {
  const Nominated nominated(from);
  const unsigned refused = hop | claim | (rule == Credentials::drop ? credential : 0u);
  for (const auto [name, value] : from) {
    if ((kinds_of(name) & refused) != 0 || name.contains('_')) continue;
    if (name.starts_with("x-forwarded-") || name.starts_with("x-apigw-")) continue;
    if (!nominated.has(name)) to.add(name, value);
  }
}

void copy_from_service(const Headers& from, Headers& to) {
  const Nominated nominated(from);
  for (const auto [name, value] : from) {
    if ((kinds_of(name) & (hop | of_service)) != 0 || name.starts_with("x-apigw-")) continue;
    if (!nominated.has(name)) to.add(name, value);
  }
}

void copy_to_provider(const Headers& from, Headers& to) {
  for (const auto [name, value] : from) {
    if ((kinds_of(name) & to_provider) != 0) to.add(name, value);
  }
}

void copy_from_provider(const Headers& from, Headers& to) {
  for (const auto [name, value] : from) {
    const bool limits = name.starts_with("x-ratelimit-") || name.starts_with("anthropic-ratelimit-");
    if (limits || (kinds_of(name) & from_provider) != 0) to.add(name, value);
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
