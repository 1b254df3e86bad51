// Two trees of Kubernetes manifests, object by object: by kind, namespace and name.
#pragma once
#include <string_view>

#include "compare/change.h"
#include "kubernetes/objects.h"

namespace apigw::compare {

// Objects whose names end in the hash of their content (`orders-config-1a2b3c4d`) are one under the name before it.
// Values of Secrets are shown as "(hidden)".
[[nodiscard]] Changes compare_manifests(const kubernetes::Objects& before, const kubernetes::Objects& after);

}  // namespace apigw::compare
