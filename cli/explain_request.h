// What would become of a request, in words and as a document: the route and why it won, and what its upstream would
// be asked, each value with the line of the config that set it. Sends nothing.
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
};

// Exit 1 when no route serves it.
[[nodiscard]] Exit explain_request(Env& env, const Globals& globals, AskedRequest asked);

}  // namespace apigw::cli
