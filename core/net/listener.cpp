#include "net/listener.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/resolver.h"

namespace apigw::net {
namespace {

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds retry_after{100};

void set_shared(int fd, bool on) {
  const int value = on ? 1 : 0;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof value);
}

std::uint16_t bound_port(int fd) {
  SocketAddress address;
  address.size = sizeof address.bytes;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address.bytes), &address.size);
  return ntohs(address.bytes.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address.bytes).sin6_port
                                                   : reinterpret_cast<sockaddr_in&>(address.bytes).sin_port);
}

}  // namespace

Result<BoundSocket> listen_on(const std::string& host, std::uint16_t port, bool& busy, bool shared) {
  busy = false;
  SocketAddress address;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (!parse_address(host == "localhost" ? "127.0.0.1" : host, port, address)) {
    return fail(ErrorKind::io, fmt::format("listen on {}:{}: not an IP address", shown, port));
  }
  Fd fd(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1, off = 0;
  if (fd.open()) ::setsockopt(fd.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd.open() && host == "::") ::setsockopt(fd.number(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (fd.open() && shared) set_shared(fd.number(), true);
  if (!fd.open() || ::bind(fd.number(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0 ||
      ::listen(fd.number(), backlog) != 0) {
    busy = errno == EADDRINUSE;
    return fail(ErrorKind::io,
                fmt::format("listen on {}:{}: {}", shown, port, std::generic_category().message(errno)));
  }
  if (shared) set_shared(fd.number(), false);
  const std::uint16_t chosen = bound_port(fd.number());
  return BoundSocket{std::move(fd), chosen};
}

Listener::Listener(Loop& loop, Fd fd, std::uint32_t door, Deliver deliver)
    : loop_(loop),
      fd_(std::move(fd)),
      door_(door),
      deliver_(std::move(deliver)),
      retry_(loop.timers, this, [](void* self) { static_cast<Listener*>(self)->accept_all(); }) {}

Listener::~Listener() {
  if (fd_.open()) loop_.poller.unwatch(fd_.number(), *this);
}

void Listener::open() {
  loop_.poller.watch(fd_.number(), *this, EPOLLIN | EPOLLET);
  accept_all();
}

void Listener::share_port(bool on) {
  if (fd_.open()) set_shared(fd_.number(), on);
}

void Listener::close() {
  if (!fd_.open()) return;
  accept_all();
  loop_.poller.unwatch(fd_.number(), *this);
  fd_.close();
}

void Listener::ready(std::uint32_t) {
  accept_all();
}

void Listener::accept_all() {
  while (fd_.open()) {
    SocketAddress peer;
    peer.size = sizeof peer.bytes;
    auto* address = reinterpret_cast<sockaddr*>(&peer.bytes);
    Fd fd(::accept4(fd_.number(), address, &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd.open()) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno != EAGAIN) retry_.set(retry_after);  // no descriptor or memory left: the queue keeps
      return;
    }
    const int on = 1;
    ::setsockopt(fd.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    deliver_({.fd = std::move(fd), .client = peer.text(), .door = door_, .tls = tls_, .over_cap = false});
  }
}

}  // namespace apigw::net
