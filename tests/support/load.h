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

// Every big body is this pattern from position 0: a cut, a swap or a repeat shows. Its period is a prime near 8 KiB.
constexpr std::uint64_t pattern_period = 8191;
inline std::string_view pattern_at(std::uint64_t position, std::uint64_t most) {
  static const std::string text = [] {
    std::string made;
    for (std::uint64_t i = 0; i < 64 * pattern_period; ++i) made += static_cast<char>('a' + i % pattern_period % 26);
    return made;
  }();
  return std::string_view(text).substr(position % pattern_period, most);
}
inline void pattern(std::string& out, std::uint64_t from, std::uint64_t count) {
  while (count > 0) {
    const std::string_view piece = pattern_at(from, count);
    out += piece;
    from += piece.size();
    count -= piece.size();
  }
}
inline bool is_pattern(std::uint64_t from, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::string_view piece = pattern_at(from, bytes.size());
    if (!bytes.starts_with(piece)) return false;
    from += piece.size();
    bytes.remove_prefix(piece.size());
  }
  return true;
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

// What epoll shall tell of `fd`: writability only while there is something to write, nothing to read while paused.
inline void watch(int epoll, int fd, bool write, bool read = true) {
  epoll_event event{};
  event.events = (read ? static_cast<std::uint32_t>(EPOLLIN | EPOLLRDHUP) : 0u) |
                 (write ? static_cast<std::uint32_t>(EPOLLOUT) : 0u);
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

}  // namespace apigw::load
