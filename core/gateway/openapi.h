// GET /openapi.json: what the routes and prompts of a Plan are, as OpenAPI 3.1, with their schemas and who may call.
//
// Pure, and the same bytes for the same Plan. Says nothing of targets, upstreams or keys: only what a caller must
// know.
#pragma once
#include <string>

#include "model/plan.h"

namespace apigw::gateway {

[[nodiscard]] std::string openapi_document(const model::Plan& plan);

}  // namespace apigw::gateway
