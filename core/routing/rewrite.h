// Where a matched request goes: the upstream's target, or the location of a redirect, from the route's words and what
// the path's variables took.
//
// Pure. What a request brought stands only in the path and query of the result, in the canonical form that was
// matched, and is substituted once, never scanned again: it cannot reach scheme, host or port.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "http/target.h"
#include "model/plan.h"
#include "routing/pattern.h"

namespace apigw::routing {

// What {name} and {rest} stand for.
struct Variables {
  const std::vector<std::string>& names;
  const Captures& captures;
};

// Path and query for the upstream, the service's base path in front, the query as it came. Error invalid: `rewrite`
// names a variable that the route has not (config finds that first).
[[nodiscard]] Result<std::string> upstream_target(const model::ToService& to, std::string_view base_path,
                                                  const http::Target& target, const Variables& variables);

// The Location of a redirect; the request's query is kept when the location gives none. Error invalid: as above, or a
// variable where the authority stands.
[[nodiscard]] Result<std::string> redirect_location(const model::ToRedirect& to, const http::Target& target,
                                                    const Variables& variables);

}  // namespace apigw::routing
