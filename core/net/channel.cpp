#include "net/channel.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/socket_bio.h"

namespace apigw::net {

using std::chrono::milliseconds;

void Gather::advance(std::size_t n) {
  while (n > 0) {
    iovec& part = parts_[first_];
    const std::size_t step = std::min(n, part.iov_len);
    part.iov_base = static_cast<char*>(part.iov_base) + step;
    part.iov_len -= step;
    n -= step;
    if (part.iov_len == 0) ++first_;
  }
}

void FreeSsl::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

Channel::Channel(Loop& loop, Owner& owner)
    : loop_(loop),
      owner_(owner),
      input_(loop.blocks),
      read_deadline_(loop.timers, this,
                     [](void* self) {
                       auto& channel = *static_cast<Channel*>(self);
                       channel.time_is_up(channel.reader_, channel.read_outcome_);
                     }),
      write_deadline_(loop.timers, this, [](void* self) {
        auto& channel = *static_cast<Channel*>(self);
        channel.time_is_up(channel.writer_, channel.write_outcome_);
      }) {}

Channel::~Channel() {
  close();
}

bool Channel::attach(Fd fd) {
  fd_ = std::move(fd);
  can_read_ = can_write_ = true;
  peer_gone_ = false;
  return loop_.poller.watch(fd_.number(), *this);
}

void Channel::put_tls(SslPtr ssl) {
  SSL_set_bio(ssl.get(), new_socket_bio(fd_.number()), nullptr);
  BIO* bio = SSL_get_rbio(ssl.get());
  BIO_up_ref(bio);
  SSL_set0_wbio(ssl.get(), bio);
  ssl_ = std::move(ssl);
}

Task<Io> Channel::secure(milliseconds limit) {
  const auto due = loop_.timers.now() + limit;
  for (;;) {
    if (!open()) co_return Io::cancelled;
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) co_return Io::ok;
    const int error = SSL_get_error(ssl_.get(), returned);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) co_return Io::error;
    const milliseconds left = loop_.timers.until(due);
    if (left == milliseconds::zero()) co_return Io::timeout;
    (error == SSL_ERROR_WANT_READ ? can_read_ : can_write_) = false;
    Task<Io> wait = error == SSL_ERROR_WANT_READ ? readable(left) : writable(left);
    const Io woke = co_await std::move(wait);
    if (woke != Io::ok) co_return woke;
  }
}

Io Channel::fill(std::size_t wanted) {
  if (!open()) return Io::cancelled;
  if (!can_read_ && !(ssl_ && SSL_has_pending(ssl_.get()))) {
    input_.rest();
    return Io::wait;
  }
  const auto [to, size] = input_.room(wanted);
  if (ssl_) return fill_tls(to, size);
  const ssize_t n = ::recv(fd_.number(), to, size, 0);
  if (n > 0) {
    // Edge-triggered: a short read has emptied the socket, unless a FIN waits behind the bytes.
    if (static_cast<std::size_t>(n) < size && !peer_gone_) can_read_ = false;
    input_.grew(static_cast<std::size_t>(n));
    bytes_in += static_cast<std::uint64_t>(n);
    return Io::ok;
  }
  if (n == 0) return Io::eof;
  if (errno == EINTR) return fill(wanted);
  if (errno != EAGAIN) return Io::error;
  can_read_ = false;
  input_.rest();
  return Io::wait;
}

Io Channel::fill_tls(char* to, std::size_t size) {
  ERR_clear_error();
  const int n =
      SSL_read(ssl_.get(), to, static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max())));
  if (n <= 0) {
    const Io io = tls_failure(n, true);
    if (io == Io::wait) input_.rest();
    return io;
  }
  input_.grew(static_cast<std::size_t>(n));
  bytes_in += static_cast<std::uint64_t>(n);
  return Io::ok;
}

Io Channel::tls_failure(int returned, bool reading) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      if (reading && peer_gone_) return Io::error;  // cut without close_notify
      can_read_ = false;
      return Io::wait;
    case SSL_ERROR_WANT_WRITE:
      can_write_ = false;
      return Io::wait;
    case SSL_ERROR_ZERO_RETURN:
      return Io::eof;
    default:
      return Io::error;
  }
}

Task<Io> Channel::readable(milliseconds limit) {
  if (!open()) co_return Io::cancelled;
  if (can_read_) co_return Io::ok;
  read_outcome_ = Io::ok;
  read_deadline_.set(limit);
  co_await reader_.wait();
  read_deadline_.clear();
  co_return read_outcome_;
}

Task<Io> Channel::writable(milliseconds limit) {
  if (!open()) co_return Io::cancelled;
  if (can_write_) co_return Io::ok;
  write_outcome_ = Io::ok;
  write_deadline_.set(limit);
  co_await writer_.wait();
  write_deadline_.clear();
  co_return write_outcome_;
}

Io Channel::write_now(Gather& parts) {
  while (!parts.empty()) {
    if (!open()) return Io::cancelled;
    if (ssl_) {
      const Io io = write_tls(parts);
      if (io != Io::ok) return io;
      continue;
    }
    msghdr message{};
    message.msg_iov = parts.begin();
    message.msg_iovlen = parts.count();
    const ssize_t n = ::sendmsg(fd_.number(), &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return Io::error;
      can_write_ = false;
      return Io::wait;
    }
    bytes_out += static_cast<std::uint64_t>(n);
    parts.advance(static_cast<std::size_t>(n));
  }
  return Io::ok;
}

// Small parts share a record. A call that could not finish is repeated with the same bytes, as OpenSSL demands.
Io Channel::write_tls(Gather& parts) {
  std::array<char, 16 << 10> record;
  const iovec* part = parts.begin();
  std::string_view bytes(static_cast<const char*>(part->iov_base), std::min(part->iov_len, record.size()));
  if (parts.count() > 1 && bytes.size() < record.size()) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < parts.count() && used < record.size(); ++i) {
      const std::size_t step = std::min(part[i].iov_len, record.size() - used);
      std::memcpy(record.data() + used, part[i].iov_base, step);
      used += step;
    }
    bytes = {record.data(), used};
  }
  ERR_clear_error();
  const int n = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (n <= 0) {
    const Io io = tls_failure(n, false);
    return io == Io::eof ? Io::error : io;
  }
  bytes_out += static_cast<std::uint64_t>(n);
  parts.advance(static_cast<std::size_t>(n));
  return Io::ok;
}

Task<Io> Channel::write_rest(Gather parts, milliseconds stall) {
  for (;;) {
    const Io wrote = write_now(parts);
    if (wrote != Io::wait) co_return wrote;
    const Io woke = co_await writable(stall);
    if (woke != Io::ok) co_return woke;
  }
}

void Channel::ready(std::uint32_t events) {
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  const bool left = broken || (events & EPOLLRDHUP) != 0;
  if (left || (events & EPOLLIN) != 0) can_read_ = true;
  if (broken || (events & EPOLLOUT) != 0) can_write_ = true;
  if (left) {
    peer_gone_ = true;
    if (!owner_.peer_left(broken)) return;
  }
  const bool wake_reader = can_read_ && reader_.waiting();
  if (can_write_ && writer_.waiting()) {
    if (!wake_reader) return writer_.wake();
    writer_.wake_later(loop_.io);
  }
  if (wake_reader) return reader_.wake();
  if ((events & EPOLLIN) != 0) owner_.bytes_came();
}

void Channel::time_is_up(Waiter& waiter, Io& outcome) {
  if (!waiter.waiting()) return;
  outcome = Io::timeout;
  waiter.wake();
}

void Channel::end_read() {
  if (!reader_.waiting()) return;
  read_outcome_ = Io::cancelled;
  reader_.wake_later(loop_.io);
}

bool Channel::unread() const {
  int n = 0;
  return open() && ::ioctl(fd_.number(), FIONREAD, &n) == 0 && n > 0;
}

void Channel::end_output() noexcept {
  if (!open()) return;
  if (ssl_ && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
  }
  ::shutdown(fd_.number(), SHUT_WR);
}

void Channel::close() noexcept {
  if (!open()) return;
  loop_.poller.unwatch(fd_.number(), *this);
  fd_.close();  // input() stays: somebody may still hold a view into it
  if (reader_.waiting()) read_outcome_ = Io::cancelled;
  if (writer_.waiting()) write_outcome_ = Io::cancelled;
  reader_.wake_later(loop_.io);
  writer_.wake_later(loop_.io);
}

void Channel::reset() noexcept {
  if (!open()) return;
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.number(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace apigw::net
