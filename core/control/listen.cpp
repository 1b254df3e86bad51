#include "control/listen.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace apigw::control {
namespace {

constexpr int backlog = 128;

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::unexpected<Error> failed(const std::string& what) {
  return fail(ErrorKind::io, fmt::format("listen on {}: {}", what, std::strerror(errno)));
}

struct Resolved {
  sockaddr_storage address{};
  socklen_t size = 0;
};

Result<Resolved> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return fail(ErrorKind::io, fmt::format("listen on {}:{}: {}", bracketed(host), port, gai_strerror(error)));
  Resolved resolved;
  resolved.size = found->ai_addrlen;
  std::memcpy(&resolved.address, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return resolved;
}

// Bound and listening, or -1 with errno. SO_REUSEPORT stays off: a second gateway on the same port must be an error.
int open_socket(const sockaddr* address, socklen_t size) {
  const int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int on = 1;
  if (address->sa_family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address->sa_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  // On Linux the file that bind makes takes its mode from the socket: there is no moment in which others may connect.
  if (address->sa_family == AF_UNIX) fchmod(fd, 0600);
  if (bind(fd, address, size) == 0 && listen(fd, backlog) == 0) return fd;
  const int reason = errno;
  close(fd);
  errno = reason;
  return -1;
}

// A socket file that nobody listens on any more.
bool stale(const sockaddr_un& address) {
  struct stat is{};
  if (lstat(address.sun_path, &is) != 0 || !S_ISSOCK(is.st_mode)) return false;
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool refused =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
  close(fd);
  return refused;
}

Result<Listening> listen_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(ErrorKind::io, fmt::format("listen on unix:{}: the path is longer than {} bytes", path,
                                           sizeof address.sun_path - 1));
  path.copy(address.sun_path, path.size());
  if (stale(address)) unlink(address.sun_path);
  const int fd = open_socket(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (fd < 0) return failed("unix:" + path);
  return Listening{fd, {.text = "unix:" + path}};
}

}  // namespace

Result<Listening> listen_on(const Where& where, unsigned ports_to_try) {
  if (!where.unix_path.empty()) return listen_unix(where.unix_path);
  for (unsigned i = 0; i < ports_to_try && where.port + i <= 65'535; ++i) {
    const auto port = static_cast<std::uint16_t>(where.port + i);
    const auto resolved = resolve(where.host, port);
    if (!resolved) return std::unexpected(resolved.error());
    const int fd = open_socket(reinterpret_cast<const sockaddr*>(&resolved->address), resolved->size);
    if (fd >= 0) {
      const int bound_port = local_address(fd).second;  // port 0 became a real one
      return Listening{fd, {.text = fmt::format("http://{}:{}", bracketed(where.host), bound_port), .moved = i > 0}};
    }
    if (errno != EADDRINUSE) break;
  }
  return failed(fmt::format("{}:{}", bracketed(where.host), where.port));
}

std::pair<std::string, int> local_address(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return {inet_ntop(AF_INET, &in.sin_addr, text, sizeof text), ntohs(in.sin_port)};
  }
  if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    return {inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text), ntohs(in.sin6_port)};
  }
  return {};
}

}  // namespace apigw::control
