#include "run/probe.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace apigw::run {

Probe::Probe(std::uint16_t port, const std::string& path, TimePoint now)
    : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), deadline_(now + limit) {
  if (!path.empty())
    request_ = fmt::format(
        "GET {} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nuser-agent: apigw-health\r\nconnection: close\r\n\r\n", path, port);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool begun = socket_ && (connect(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                                 errno == EINPROGRESS);
  if (!begun) stage_ = Stage::refused;
}

short Probe::events() const {
  return stage_ == Stage::reading ? POLLIN : POLLOUT;
}

std::optional<bool> Probe::advance(TimePoint now) {
  if (stage_ == Stage::refused) return false;
  if (now >= deadline_) return healthy_;
  pollfd ready{fd(), events(), 0};
  if (poll(&ready, 1, 0) <= 0) return std::nullopt;
  if (stage_ == Stage::connecting) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
    if (request_.empty()) return true;
    stage_ = Stage::sending;
  }
  return stage_ == Stage::sending ? send_request() : read_answer(now);
}

std::optional<bool> Probe::send_request() {
  // A request of a few hundred bytes fits a fresh socket's buffer whole.
  if (send(fd(), request_.data(), request_.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request_.size()))
    return false;
  stage_ = Stage::reading;
  return std::nullopt;
}

// The status decides, but the rest is read too: a service whose answer is cut off complains in its log.
std::optional<bool> Probe::read_answer(TimePoint now) {
  constexpr std::size_t status_line = 12;  // "HTTP/1.1 200"
  std::array<char, 16 << 10> bytes;
  const ssize_t n = recv(fd(), bytes.data(), bytes.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (n <= 0) return healthy_;
  const bool known = answer_.size() >= status_line;
  if (!known) answer_.append(bytes.data(), static_cast<std::size_t>(n));
  if (known || answer_.size() < status_line) return std::nullopt;
  healthy_ = answer_.starts_with("HTTP/1.") && answer_[8] == ' ' && (answer_[9] == '2' || answer_[9] == '3');
  deadline_ = std::min(deadline_, now + rest);
  return std::nullopt;
}

}  // namespace apigw::run
