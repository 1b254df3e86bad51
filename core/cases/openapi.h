// Test cases from an OpenAPI document: each operation called with its own examples, its answer held against what the
// document declares.
//
// Read are OpenAPI 3.0, 3.1 and Swagger 2.0. A value comes from `example` or `examples` of the parameter or body,
// else from `example`, `examples` or `default` of its schema, a body's also from those of its properties. What cannot
// be called for want of a value stands in the list with the reason, and what of an answer's schema is not checked
// stands in its case: nothing is left out in silence. References are followed within the document.
#pragma once
#include <string>
#include <vector>

#include "cases/cases.h"
#include "yaml/tree.h"

namespace apigw::cases {

struct OpenApiCases {
  std::vector<Case> cases;         // in the document's order
  std::vector<std::string> bases;  // the paths of its servers, or its basePath: "/v1"; no slash at the end, not empty
};

[[nodiscard]] OpenApiCases read_openapi(const yaml::Node& root);

}  // namespace apigw::cases
