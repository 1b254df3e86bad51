// Failures that are values: what the network or the environment did, in words a person can act on.
//
// A Diagnostic (diag/) is for a person's input and has a place in it; an Error is for everything else. `what` names
// the operation and its subject ("connect to 127.0.0.1:9001: connection refused"), never a secret, never a stack.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace apigw {

enum class ErrorKind {
  invalid,      // input from the network or a caller that breaks a rule
  not_found,    // a name, file or address that does not exist
  denied,       // credentials or permission
  timeout,      // a limit on waiting was reached; `what` names which
  connect,      // no connection could be made; nothing was sent
  tls,          // handshake or certificate verification failed
  closed,       // the other side ended the connection early
  protocol,     // the other side spoke malformed HTTP, SSE or JSON
  too_large,    // a limit on size was reached; `what` names which
  cancelled,    // our own client left, or we are stopping
  unavailable,  // a cap of ours (connections, in flight) is reached, or nothing healthy is left
  io,           // disk, pipe, process
  internal,     // our bug, caught at a door
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string what;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string what) {
  return std::unexpected(Error{kind, std::move(what)});
}

// The kind in one lower-case word, for logs and metrics labels.
[[nodiscard]] constexpr std::string_view word(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::denied:
      return "denied";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::connect:
      return "connect";
    case ErrorKind::tls:
      return "tls";
    case ErrorKind::closed:
      return "closed";
    case ErrorKind::protocol:
      return "protocol";
    case ErrorKind::too_large:
      return "too_large";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::unavailable:
      return "unavailable";
    case ErrorKind::io:
      return "io";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace apigw
