// A route as a rule of an HTTPRoute of the Gateway API.
//
// What a rule cannot say closes the route: RestRoute::closed has the reason then, and the rule is to be without
// backends.
#pragma once
#include <vector>

#include "diag/diagnostic.h"
#include "emit/rest.h"
#include "render/value.h"

namespace apigw::emit {

// `matches:`; what of them is not as in the router is told. `all`: every route, this one among them.
[[nodiscard]] render::Value rule_matches(RestRoute& route, const std::vector<RestRoute>& all, diag::Report& report);
// `filters:`: headers, the path, a redirect.
[[nodiscard]] render::Value rule_filters(RestRoute& route);

}  // namespace apigw::emit
