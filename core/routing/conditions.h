// What a route asks of a request beyond host, method and path: header and query conditions, all of which must hold.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "http/headers.h"
#include "model/plan.h"

namespace apigw::routing {

// A header condition holds when any field of that name has the value; a query condition when any parameter has it.
[[nodiscard]] bool holds(const model::Condition& condition, const http::Headers& headers, std::string_view query);

// The first condition that does not hold, or null.
[[nodiscard]] const model::Condition* first_unmet(std::span<const model::Condition> conditions,
                                                  const http::Headers& headers, std::string_view query);

}  // namespace apigw::routing
