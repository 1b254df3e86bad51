// The JSON Schema of a chart's values, as all profiles have them: what Helm holds a person's own values against.
#pragma once
#include <span>
#include <string>

#include "emit/helm_layers.h"

namespace apigw::emit {

// Of the workloads `names`; sides[i].values are by workload.
[[nodiscard]] Value values_schema(std::span<const Side> sides, std::span<const std::string> names);

}  // namespace apigw::emit
