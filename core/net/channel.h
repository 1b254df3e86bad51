// A connected socket, plain or under TLS, as bytes in and gathered bytes out.
//
// Reads and writes are tried at once and wait only when the kernel has nothing to give or no room. One coroutine may
// read while another writes. Every wait has a deadline; close() ends both waits with `cancelled`. Bytes are counted
// as they cross the socket's plain side. Knows nothing of HTTP.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <sys/uio.h>

#include "net/fd.h"
#include "net/loop.h"
#include "net/tls_types.h"
#include "net/waiter.h"

namespace apigw::net {

enum class Io : std::uint8_t {
  ok,
  wait,   // nothing to read or no room to write yet
  eof,    // the other side ended its direction in good order
  error,  // reset, or TLS broken
  timeout,
  cancelled,  // closed by us
};

// Up to eight runs of bytes that leave in one system call, as far as the kernel takes them.
class Gather {
 public:
  void add(std::string_view bytes) {
    if (!bytes.empty()) parts_[count_++] = {const_cast<char*>(bytes.data()), bytes.size()};
  }
  void advance(std::size_t n);
  [[nodiscard]] bool empty() const { return first_ == count_; }
  [[nodiscard]] iovec* begin() { return parts_.data() + first_; }
  [[nodiscard]] std::size_t count() const { return count_ - first_; }

 private:
  std::array<iovec, 8> parts_;
  std::size_t first_ = 0, count_ = 0;
};

class Channel final : private Poller::Watch {
 public:
  // Who is told, from the loop, what happens while nobody waits. Returns false when it destroyed the channel.
  class Owner {
   public:
    // The other side sent its FIN, or `broken`: reset the connection.
    virtual bool peer_left(bool broken) = 0;
    // Bytes have come while nobody was reading.
    virtual bool bytes_came() = 0;

   protected:
    ~Owner() = default;
  };

  Channel(Loop& loop, Owner& owner);
  ~Channel();

  // Takes the connected (or connecting) non-blocking socket over. False when the kernel has no room.
  bool attach(Fd fd);
  // The socket is still connecting: writable() tells when that is over.
  void expect_connect() { can_read_ = can_write_ = false; }
  // From now on the bytes run through `ssl`; secure() shakes hands.
  void put_tls(SslPtr ssl);
  Task<Io> secure(std::chrono::milliseconds limit);
  [[nodiscard]] ssl_st* tls() const { return ssl_.get(); }

  [[nodiscard]] Input& input() { return input_; }
  // Reads what is there into input(), one system call: ok, wait, eof, error or cancelled.
  Io fill(std::size_t wanted = Blocks::small);
  // Sleeps until fill() has something to say: ok, timeout or cancelled.
  Task<Io> readable(std::chrono::milliseconds limit);

  // Writes what the kernel takes: ok when all, else wait, error or cancelled.
  Io write_now(Gather& parts);
  // Writes all of it; `stall` is the longest wait without progress.
  Task<Io> write_rest(Gather parts, std::chrono::milliseconds stall);
  // Sleeps until writable: also how a connect ends.
  Task<Io> writable(std::chrono::milliseconds limit);

  [[nodiscard]] bool open() const { return fd_.open(); }
  [[nodiscard]] int number() const { return fd_.number(); }
  [[nodiscard]] bool peer_gone() const { return peer_gone_; }
  // Ends the wait of a reader with `cancelled`; the channel stays open.
  void end_read();
  [[nodiscard]] bool unread() const;  // bytes wait in the kernel
  // Moves the deadline of the read that is waiting.
  void shorten_read(std::chrono::milliseconds limit) { read_deadline_.set(limit); }
  [[nodiscard]] bool waiting() const { return reader_.waiting() || writer_.waiting(); }
  // Whether close() can be told apart from a whole end: sends our FIN (and close_notify).
  void end_output() noexcept;
  void close() noexcept;
  // The other side sees a reset, not an end.
  void reset() noexcept;

  std::uint64_t bytes_in = 0, bytes_out = 0;

 private:
  void ready(std::uint32_t events) override;
  Io fill_tls(char* to, std::size_t size);
  Io write_tls(Gather& parts);
  Io tls_failure(int returned, bool reading);
  void time_is_up(Waiter& waiter, Io& outcome);

  Loop& loop_;
  Owner& owner_;
  Fd fd_;
  SslPtr ssl_;
  Input input_;
  Waiter reader_, writer_;
  Deadline read_deadline_, write_deadline_;
  Io read_outcome_ = Io::ok, write_outcome_ = Io::ok;  // why the wait ended
  bool can_read_ = true, can_write_ = true;
  bool peer_gone_ = false;
};

}  // namespace apigw::net
