// A small HTTP server on a thread and a listener of its own, so that it answers while the data plane is saturated.
//
// One thread polls: it collects heads, has each complete one answered in memory and writes the replies, never
// blocking on a client. Everything is bounded: bytes of a head, time of an exchange, connections (the one that has
// kept us waiting longest makes room for a new one). One request a connection.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <sys/types.h>

#include "base/error.h"
#include "control/parser.h"

namespace apigw::control {

// Where to listen: a Unix socket when `unix_path` is not empty.
struct Where {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;
  friend bool operator==(const Where&, const Where&) = default;
};

struct Bound {
  std::string text;  // "http://127.0.0.1:8081", "unix:/run/apigw/admin.sock"
  bool moved = false;
};

class Server {
 public:
  struct Limits {
    std::size_t head = 16 << 10;
    std::size_t connections = 256;
    std::chrono::milliseconds exchange{10'000};  // from accept to the last byte of the reply
    unsigned ports_to_try = 1;                   // more than one: a busy port moves on to the next
  };
  // Listens, and answers when this returns. The socket file of a Unix socket is 0600; a stale one is replaced.
  static Result<std::unique_ptr<Server>> start(const Where& where, Handle handle, Limits limits);
  ~Server();  // closes the listener and every connection
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  [[nodiscard]] const Bound& bound() const;

 private:
  struct Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace apigw::control
