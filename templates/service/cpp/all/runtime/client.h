// Calls to another service: a time-out on every step, and the ids of the call that is being answered go along.
#pragma once
#include <string>

#include "runtime/http.h"

namespace runtime {

// An answer, read whole.
struct Reply {
  int status = 0;
  Headers headers;
  std::string body;
};

// What fails is a Problem, 502 or 504, so a handler may let it pass to its own client. Safe for many threads.
class Client {
 public:
  explicit Client(const std::string& base_url);

  Reply get(const std::string& path) const { return call("GET", path); }
  // `value` is sent as JSON.
  Reply call(const std::string& method, const std::string& path, const Json* value = nullptr) const;

 private:
  std::string origin_, base_;  // http://127.0.0.1:9001 and what stands before each path
};

// For the container's HEALTHCHECK: whether /healthz of this very service answers 200.
bool healthy(int port);

}  // namespace runtime
