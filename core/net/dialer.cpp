#include "net/dialer.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/framing.h"

namespace apigw::net {
namespace {

using model::Milliseconds;

constexpr Milliseconds shortest_try{250};  // for one address of several

std::string message(int error) {
  return std::generic_category().message(error);
}

// Begins a connect: 0, or an errno.
int begin(Channel& channel, const SocketAddress& address) {
  Fd fd(::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.open()) return errno;
  const int on = 1;
  ::setsockopt(fd.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int done = ::connect(fd.number(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size);
  if (done != 0 && errno != EINPROGRESS) return errno;
  if (!channel.attach(std::move(fd))) return errno;
  channel.expect_connect();
  return 0;
}

int outcome(const Channel& channel) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(channel.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

Task<Result<Addresses>> Dialer::addresses(const gateway::Destination& destination, Milliseconds limit,
                                          gateway::Opening& opening) {
  const auto proxy = choose_proxy(destination.outbound, destination.origin, outside_.environment);
  if (!proxy) co_return std::unexpected(proxy.error());
  if (*proxy) co_return Addresses();
  const model::Origin& origin = destination.origin;
  Task<Result<Addresses>> resolving = outside_.resolver.resolve(desk_, origin.host, origin.port, limit, opening);
  auto found = co_await std::move(resolving);
  co_return found;
}

Task<Result<void>> Dialer::dial(Channel& channel, const gateway::Destination& destination, Addresses known,
                                Milliseconds connect, Milliseconds tls, std::optional<ProxyHop>& hop,
                                gateway::Opening& opening) {
  const model::Origin& origin = destination.origin;
  auto chosen = choose_proxy(destination.outbound, origin, outside_.environment);
  if (!chosen) co_return std::unexpected(chosen.error());
  const std::optional<ProxyHop> proxy = std::move(*chosen);
  Task<Result<void>> reaching = reach(channel, proxy ? proxy->host : origin.host, proxy ? proxy->port : origin.port,
                                      std::move(known), connect, opening);
  auto reached = co_await std::move(reaching);
  if (!reached) {
    if (proxy) reached.error().what = fmt::format("proxy {}: {}", proxy->text(), reached.error().what);
    co_return reached;
  }
  if (!origin.tls) {
    hop = proxy;
    co_return Result<void>();
  }
  if (proxy) {
    Task<Result<void>> tunnelling = tunnel(channel, *proxy, origin, connect);
    auto tunnelled = co_await std::move(tunnelling);
    if (!tunnelled) co_return tunnelled;
  }
  Task<Result<void>> securing = secure(channel, destination, tls, opening);
  auto secured = co_await std::move(securing);
  co_return secured;
}

Task<Result<void>> Dialer::reach(Channel& channel, std::string host, std::uint16_t port, Addresses known,
                                 Milliseconds limit, gateway::Opening& opening) {
  const auto due = desk_.loop.timers.now() + limit;
  Result<Addresses> addresses = std::move(known);
  if (addresses->empty()) {
    Task<Result<Addresses>> resolving = outside_.resolver.resolve(desk_, host, port, limit, opening);
    addresses = co_await std::move(resolving);
  }
  if (!addresses) co_return std::unexpected(addresses.error());
  const std::string shown = fmt::format("connect to {}:{}", host.contains(':') ? "[" + host + "]" : host, port);
  Error last{ErrorKind::connect, shown + ": no address"};
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    if (opening.stopped()) co_return fail(ErrorKind::cancelled, shown + ": stopped");
    const auto left = std::chrono::ceil<Milliseconds>(due - desk_.loop.timers.now());
    if (left <= Milliseconds::zero()) break;
    const auto share = std::max(left / static_cast<int>(addresses->size() - i), std::min(left, shortest_try));
    int error = begin(channel, (*addresses)[i]);
    if (error == 0) {
      const Io io = co_await channel.writable(share);
      if (io == Io::cancelled) co_return fail(ErrorKind::cancelled, shown + ": stopped");
      error = io == Io::timeout ? ETIMEDOUT : outcome(channel);
      if (error == 0) co_return Result<void>();
      channel.close();
    }
    last = {error == ETIMEDOUT ? ErrorKind::timeout : ErrorKind::connect,
            fmt::format("{}: {}", shown, message(error))};
  }
  co_return std::unexpected(last);
}

// HTTP CONNECT. Whatever the proxy says behind its 2xx head belongs to the tunnel.
Task<Result<void>> Dialer::tunnel(Channel& channel, const ProxyHop& proxy, const model::Origin& origin,
                                  Milliseconds limit) {
  const std::string target =
      fmt::format("{}:{}", origin.host.contains(':') ? "[" + origin.host + "]" : origin.host, origin.port);
  std::string request = fmt::format("CONNECT {0} HTTP/1.1\r\nhost: {0}\r\n", target);
  if (!proxy.credential.empty()) request += fmt::format("proxy-authorization: Basic {}\r\n", proxy.credential);
  request += "\r\n";
  Gather parts;
  parts.add(request);
  const std::string shown = fmt::format("proxy {}: CONNECT {}", proxy.text(), target);
  const auto due = desk_.loop.timers.now() + limit;
  const Io wrote = co_await channel.write_rest(parts, limit);
  if (wrote != Io::ok) co_return fail(ErrorKind::connect, shown + ": connection lost");
  http::HeaderScanner scanner(http::HeaderScanner::Side::reply);
  for (;;) {
    const std::string_view input = channel.input().view();
    const auto fed = scanner.feed(input);
    if (!fed) co_return fail(ErrorKind::connect, shown + ": the answer is not HTTP");
    if (const std::optional<std::size_t> size = *fed) {
      const std::string status(input.substr(9, 3));
      channel.input().consume(*size);
      if (status[0] == '2') co_return Result<void>();
      if (status[0] != '1')
        co_return fail(ErrorKind::connect, fmt::format("{}: refused with status {}", shown, status));
      scanner.restart();
      continue;
    }
    Io io = channel.fill();
    if (io == Io::wait) {
      const Milliseconds left = desk_.loop.timers.until(due);
      if (left == Milliseconds::zero()) co_return fail(ErrorKind::timeout, shown + ": no answer in time");
      io = co_await channel.readable(left);
    }
    if (io == Io::timeout) co_return fail(ErrorKind::timeout, shown + ": no answer in time");
    if (io != Io::ok) co_return fail(ErrorKind::connect, shown + ": connection lost");
  }
}

Task<Result<TlsPtr>> Dialer::client_tls(const model::Outbound& outbound, Milliseconds limit,
                                        gateway::Opening& opening) {
  if (TlsPtr known = outside_.tls->ready(outbound)) co_return known;
  const auto loaded = std::make_shared<Result<TlsPtr>>();
  std::function<void()> work = [loaded, tls = outside_.tls, outbound] { *loaded = tls->load(outbound); };
  Task<Background::Ended> errand = outside_.background.errand(desk_, std::move(work), limit, opening);
  const Background::Ended ended = co_await std::move(errand);
  if (ended == Background::Ended::stopped) co_return fail(ErrorKind::cancelled, "load the CA certificates: stopped");
  if (ended != Background::Ended::done) co_return fail(ErrorKind::timeout, "load the CA certificates: no time");
  co_return *loaded;
}

Task<Result<void>> Dialer::secure(Channel& channel, const gateway::Destination& destination, Milliseconds limit,
                                  gateway::Opening& opening) {
  Task<Result<TlsPtr>> loading = client_tls(destination.outbound, limit, opening);
  const auto tls = co_await std::move(loading);
  if (!tls) co_return std::unexpected(tls.error());
  const std::string shown = "TLS with " + destination.origin.authority();
  SslPtr ssl = client_session(**tls, destination.origin.host, destination.outbound.verify);
  if (!ssl || !channel.input().empty()) co_return fail(ErrorKind::tls, shown + ": cannot begin");
  channel.put_tls(std::move(ssl));
  const Io io = co_await channel.secure(limit);
  if (io == Io::ok) co_return Result<void>();
  if (io == Io::timeout) co_return fail(ErrorKind::timeout, shown + ": handshake not done in time");
  if (io == Io::cancelled) co_return fail(ErrorKind::cancelled, shown + ": stopped");
  co_return fail(ErrorKind::tls, fmt::format("{}: {}", shown, tls_failure(channel.tls())));
}

}  // namespace apigw::net
