// What would become of a request, in words and as a document: the route and why it won, each value with the line of
// the config that set it, and the bytes that its upstreams would get. Sends nothing.
#pragma once
#include <string>
#include <vector>

#include "command.h"

namespace apigw::cli {

struct AskedRequest {
  std::string method = "GET";
  std::string target;                // path and query
  std::string host;                  // empty: the host header's
  std::vector<std::string> headers;  // "name: value"
  std::string body;                  // empty: none
  std::string model;                 // instead of a body: one that names it and nothing else
};

// Exit 1 when no route serves it.
[[nodiscard]] Exit explain_request(Env& env, const Globals& globals, AskedRequest asked);

}  // namespace apigw::cli
