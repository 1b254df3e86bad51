// A request to the control plane and its reply, free of the library that reads and writes them.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::control {

struct Request {
  std::string method;
  std::string path;                                          // decoded, without the query
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  // Where the connection came in: "127.0.0.1" and 8081; empty for a Unix socket.
  std::string local_host;
  int local_port = 0;

  // The only value of the field; nothing sensible (nullptr) when it is absent or stands twice.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::map<std::string, std::string> headers;
};

// problem+json with a stable reason and what to do.
[[nodiscard]] Reply problem(int status, std::string_view reason, std::string_view detail);

}  // namespace apigw::control
