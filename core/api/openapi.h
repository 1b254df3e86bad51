// What the routes and prompts of a Plan are to their callers, as OpenAPI 3.1, with their schemas and who may call.
//
// Pure, and the same bytes for the same Plan. Says nothing of targets, upstreams or keys: only what a caller must
// know. GET /openapi.json of a gateway is this document, and so is what `apigw emit openapi` writes.
#pragma once
#include <string>
#include <string_view>

#include "model/plan.h"

namespace apigw::api {

// JSON with a newline at its end. `server`: the address under which the gateway is reached; empty: not said, which
// means where the document was found.
[[nodiscard]] std::string openapi_document(const model::Plan& plan, std::string_view server = {});

}  // namespace apigw::api
