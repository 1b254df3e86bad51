#include "net/resolver.h"

#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

namespace apigw::net {
namespace {

constexpr std::chrono::seconds kept{5};
constexpr std::size_t cache_limit = 1024;  // names

Addresses with_port(Addresses addresses, std::uint16_t port) {
  for (SocketAddress& address : addresses) {
    if (address.bytes.ss_family == AF_INET6) {
      reinterpret_cast<sockaddr_in6&>(address.bytes).sin6_port = htons(port);
    } else {
      reinterpret_cast<sockaddr_in&>(address.bytes).sin_port = htons(port);
    }
  }
  return addresses;
}

}  // namespace

std::vector<SocketAddress> loopback_addresses(std::string_view host) {
  std::vector<SocketAddress> addresses;
  if (host != "localhost" && !host.ends_with(".localhost")) return addresses;
  for (const char* const address : {"127.0.0.1", "::1"}) (void)parse_address(address, 0, addresses.emplace_back());
  return addresses;
}

Answer look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  Answer answer;
  if (const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list); code != 0) {
    answer.addresses = loopback_addresses(host);
    if (answer.addresses.empty()) answer.error = ::gai_strerror(code);
    return answer;
  }
  for (const addrinfo* item = list; item; item = item->ai_next) {
    SocketAddress address;
    std::memcpy(&address.bytes, item->ai_addr, item->ai_addrlen);
    address.size = item->ai_addrlen;
    answer.addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  return answer;
}

bool parse_address(const std::string& host, std::uint16_t port, SocketAddress& out) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.bytes);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.bytes);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    out.size = sizeof v4;
    return true;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  out.size = sizeof v6;
  return true;
}

std::string SocketAddress::text() const {
  char shown[INET6_ADDRSTRLEN] = "";
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(bytes);
  if (bytes.ss_family != AF_INET6) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(bytes).sin_addr, shown, sizeof shown);
  } else if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], shown, sizeof shown);
  } else {
    ::inet_ntop(AF_INET6, &v6.sin6_addr, shown, sizeof shown);
  }
  return shown;
}

struct Resolver::Cache {
  struct Entry {
    Addresses addresses;
    std::chrono::steady_clock::time_point until;
  };

  bool find(const std::string& host, std::chrono::steady_clock::time_point now, Addresses& out) {
    const std::lock_guard lock(mutex);
    const auto found = entries.find(host);
    if (found == entries.end() || found->second.until <= now) return false;
    out = found->second.addresses;
    return true;
  }
  void keep(const std::string& host, const Addresses& addresses, std::chrono::steady_clock::time_point until) {
    const std::lock_guard lock(mutex);
    if (entries.size() >= cache_limit) entries.clear();
    entries[host] = {addresses, until};
  }

  std::mutex mutex;
  std::map<std::string, Entry> entries;
};

Resolver::Resolver(Background& background, const Clock& clock, LookUp asking)
    : background_(background), clock_(clock), look_up_(std::move(asking)), cache_(std::make_shared<Cache>()) {}

Task<Result<Addresses>> Resolver::resolve(Desk& desk, std::string host, std::uint16_t port,
                                          std::chrono::milliseconds limit, gateway::Opening& opening) {
  Addresses addresses(1);
  if (parse_address(host, port, addresses.front())) co_return addresses;
  const auto now = clock_.now();
  if (cache_->find(host, now, addresses)) co_return with_port(std::move(addresses), port);
  const auto answer = std::make_shared<Answer>();
  std::function<void()> work = [answer, cache = cache_, asking = look_up_, host, now] {
    if (cache->find(host, now, answer->addresses)) return;  // somebody else asked meanwhile
    *answer = asking(host);
    if (!answer->addresses.empty()) cache->keep(host, answer->addresses, now + kept);
  };
  Task<Background::Ended> errand = background_.errand(desk, std::move(work), limit, opening);
  const Background::Ended ended = co_await std::move(errand);
  if (ended == Background::Ended::full) co_return fail(ErrorKind::unavailable, "too many name look-ups at once");
  if (ended == Background::Ended::stopped) {
    co_return fail(ErrorKind::cancelled, fmt::format("look up {}: stopped", host));
  }
  if (ended == Background::Ended::timeout) {
    co_return fail(ErrorKind::timeout, fmt::format("look up {}: no answer in time", host));
  }
  if (answer->addresses.empty())
    co_return fail(ErrorKind::connect, fmt::format("look up {}: {}", host, answer->error));
  co_return with_port(answer->addresses, port);
}

}  // namespace apigw::net
