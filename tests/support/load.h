// The small common ground of test_upstream and test_load: sockets, a known byte pattern, a checksum, crude HTTP
// fields.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>

namespace apigw::load {

inline std::uint64_t now_ms() {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1000 + static_cast<std::uint64_t>(t.tv_nsec) / 1'000'000;
}

// FNV-1a, 64 bits, continued from `hash`.
constexpr std::uint64_t fnv_start = 0xcbf29ce484222325;
inline std::uint64_t fnv(std::uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

// The byte at `position` of every big body: a cut, a swap or a repeat shows.
inline char pattern_at(std::uint64_t position) {
  return static_cast<char>('a' + (position % 8191) % 26);
}
inline void pattern(std::string& out, std::uint64_t from, std::uint64_t count) {
  out.reserve(out.size() + count);
  for (std::uint64_t i = 0; i < count; ++i) out += pattern_at(from + i);
}

inline void chunk(std::string& out, std::string_view data) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n{}\r\n", data.size(), data);
}

// The value of a header field of a raw head, or empty.
inline std::string_view field(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':') continue;
    if (::strncasecmp(line.data(), name.data(), name.size()) != 0) continue;
    std::string_view value = line.substr(name.size() + 1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
  }
  return {};
}

inline std::uint64_t query_number(std::string_view target, std::string_view name) {
  const std::string key = std::string(name) + "=";
  const auto at = target.find(key, target.find('?'));
  return at == std::string_view::npos
             ? 0
             : std::strtoull(std::string(target.substr(at + key.size())).c_str(), nullptr, 10);
}

// The last string member of that name in JSON without white space or escapes: all that these two programs need.
inline std::string json_text(std::string_view body, std::string_view name) {
  const std::string key = fmt::format("\"{}\":\"", name);
  const auto at = body.rfind(key);
  if (at == std::string_view::npos) return {};
  const auto from = at + key.size();
  return std::string(body.substr(from, body.find('"', from) - from));
}

inline int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 4096) != 0) {
    std::perror("listen");
    std::exit(3);
  }
  return fd;
}

inline std::uint16_t bound_port(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// Asks epoll for writability only while there is something to write.
inline void watch(int epoll, int fd, bool& writing, bool wanted) {
  if (writing == wanted) return;
  writing = wanted;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | (wanted ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

}  // namespace apigw::load
