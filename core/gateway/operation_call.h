// READ of a call to a service whose route names an operation: what the operation does not allow never leaves here.
//
// Pure.
#pragma once
#include <optional>
#include <string_view>

#include "gateway/compiled.h"
#include "http/message.h"
#include "policy/gate.h"
#include "routing/router.h"

namespace apigw::gateway {

// The refusal (400, 415 or 422) of a call that is not as match.route->operation says; `body` is all of it. Nothing
// where it is, or where the route names none.
[[nodiscard]] std::optional<policy::Refusal> misfit(const Compiled& compiled, const routing::Match& match,
                                                    const http::RequestHead& head, std::string_view body);

}  // namespace apigw::gateway
