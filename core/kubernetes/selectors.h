// Label selectors: which pods a Service, a policy or a workload means.
#pragma once
#include <string>
#include <vector>

#include "kubernetes/objects.h"

namespace apigw::kubernetes {

// matchLabels and matchExpressions over a mapping of labels (may be null). An empty selector takes everything, an
// absent one nothing, and so does one with an unknown operator.
[[nodiscard]] bool selects(const Node* selector, const Node* labels);
// A plain mapping, as of a Service: every pair must be there. An empty one takes nothing.
[[nodiscard]] bool selects_all_of(const Node* pairs, const Node* labels);
// "app=orders, tier=web", for messages.
[[nodiscard]] std::string pairs_text(const Node* pairs);

// The objects of `space` that are of that kind and whose selector at `path` takes these labels.
[[nodiscard]] std::vector<const Object*> selecting(const Objects& all, Kind kind, std::string_view space,
                                                   std::initializer_list<std::string_view> path, const Node* labels);
// Whether pods of a namespace are taken by a selector, or by the plain mapping of a Service.
[[nodiscard]] bool selects_any(const Objects& all, std::string_view space, const Node* selector);
[[nodiscard]] bool any_with_all_of(const Objects& all, std::string_view space, const Node* pairs);
// The Services of a namespace that send to pods with these labels.
[[nodiscard]] std::vector<const Object*> services_of(const Objects& all, std::string_view space, const Node* labels);
// The autoscaler of a workload; nullptr when there is none.
[[nodiscard]] const Object* autoscaler_of(const Objects& all, const Object& workload);

}  // namespace apigw::kubernetes
