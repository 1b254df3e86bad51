// Two OpenAPI documents: what a caller who keeps to the old one meets under the new one.
#pragma once
#include <string_view>

#include "compare/change.h"
#include "yaml/tree.h"

namespace apigw::compare {

// The roots of two documents that parsed (3.0, 3.1 or Swagger 2.0; they need not be of one version). References are
// followed within each.
[[nodiscard]] Changes compare_documents(const yaml::Node& before, const yaml::Node& after);

// One operation of each, by its operationId or as "POST /pets": requests alone, as a gateway judges them. Changes
// have noun, name and the beginning of the field from `of`; an operation that is not there adds none.
void compare_requests(const yaml::Node& before, const yaml::Node& after, std::string_view old_name,
                      std::string_view new_name, const Change& of, Changes& changes);

}  // namespace apigw::compare
