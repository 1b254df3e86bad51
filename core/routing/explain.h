// Why a request goes where it goes, as a value: every route that came near it, the one that was chosen, and what its
// upstream would be asked. Sends nothing and needs no gateway.
//
// The chosen route is the Router's own answer; the reasons of the others are found one by one, for people, in time
// that grows with the number of routes.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/headers.h"
#include "model/plan.h"
#include "routing/router.h"

namespace apigw::routing {

struct Explanation {
  struct Candidate {
    const model::Route* route = nullptr;
    bool fits = false;  // every condition of it holds
    std::string why;    // "chosen", "less specific than 'GET /a'", "takes GET only", "header x-beta is missing" …
  };
  // What a service would receive, before the gateway's own fields (forwarded address, request id, trace).
  struct Upstream {
    std::string method, target, authority;
    std::vector<model::HeaderEdit> edits;
    std::vector<std::string> instances;  // "http://127.0.0.1:9001"
  };
  std::vector<Candidate> candidates;    // the chosen one first, then those that fit, then those that do not
  const model::Route* route = nullptr;  // null: none
  std::vector<std::pair<std::string, std::string>> variables;  // of its path; "rest" for /**
  std::string auth;                                            // "key", "none"
  std::string target;                // "service 'orders'", "redirect 308 to …", "openai chat"
  std::optional<Upstream> upstream;  // of a route to a service
  int status = 0;                    // of the refusal when no route serves it: 400, 404 or 405
  std::string refusal;               // in words; empty when served
  std::string allow;                 // of a 405
};

// `target` as on a request line ("/orders/7?x=1"); `host` lower case. Names in `headers` lower case.
[[nodiscard]] Explanation explain(const Router& router, std::string_view method, std::string_view target,
                                  const http::Headers& headers, std::string_view host);

}  // namespace apigw::routing
