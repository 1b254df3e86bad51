// One blocking HTTP request, for commands: the reply's head first, then its body as it comes.
//
// Every wait is bounded by one deadline for the whole exchange. Redirects are reported, not followed; bodies are
// passed as they came, compressed or not. Never called on a thread of the data plane.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace apigw::outbound {

// A proxy between us and the origin: CONNECT for https, the whole URL for http.
struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string credential;  // base64 of user:password; empty: none. Never in a log.
};

struct Request {
  std::string origin;  // "http://127.0.0.1:8080", "https://[::1]:8443", "unix:/run/apigw/admin.sock"
  std::string method = "GET";
  std::string target = "/";  // path and query, sent as it is
  http::Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{30'000};
  bool verify = true;  // the certificate of an https origin
  std::optional<Proxy> proxy;
  std::string ca_file;              // PEM, added to the system's; unreadable is Error tls
  std::string cert_file, key_file;  // PEM chain and key for mutual TLS; both or none
};

struct Listener {
  std::function<void(const http::ResponseHead&)> head;
  std::function<bool(std::string_view piece)> body;  // false: enough, stop reading
};

// The head of the reply once its body is whole. Errors: invalid (origin), connect, tls, timeout, closed (cut short),
// cancelled (body said enough), protocol.
[[nodiscard]] Result<http::ResponseHead> send(const Request& request, const Listener& listener);

// The same for request after request over one connection, which is opened anew where it was closed. All go to the
// origin of the first, with its proxy and certificates. One thread at a time.
class Line {
 public:
  Line();
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  [[nodiscard]] Result<http::ResponseHead> send(const Request& request, const Listener& listener);
  // Ends the exchange that is under way, if one is: its send() is Error closed. From any thread.
  void cut();

 private:
  struct Open;
  std::mutex mutex_;  // of the pointer, not of what it points to
  std::shared_ptr<Open> open_;
};

}  // namespace apigw::outbound
