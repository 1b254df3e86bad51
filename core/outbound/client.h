// One blocking HTTP request, for commands: the reply's head first, then its body as it comes.
//
// Every wait is bounded by one deadline for the whole exchange. Redirects are reported, not followed; bodies are
// passed as they came, compressed or not. Never called on a thread of the data plane.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace apigw::outbound {

struct Request {
  std::string origin;  // "http://127.0.0.1:8080", "https://[::1]:8443"
  std::string method = "GET";
  std::string target = "/";  // path and query, sent as it is
  http::Headers headers;
  std::string body;
  std::chrono::milliseconds timeout{30'000};
  bool verify = true;  // the certificate of an https origin
};

struct Listener {
  std::function<void(const http::ResponseHead&)> head;
  std::function<bool(std::string_view piece)> body;  // false: enough, stop reading
};

// The head of the reply once its body is whole. Errors: invalid (origin), connect, tls, timeout, closed (cut short),
// cancelled (body said enough), protocol.
[[nodiscard]] Result<http::ResponseHead> send(const Request& request, const Listener& listener);

}  // namespace apigw::outbound
