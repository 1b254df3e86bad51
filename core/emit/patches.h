// `deploy.patches` of the config on the trees that are about to be written; see patches.cpp.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "diag/diagnostic.h"
#include "emit/tree.h"
#include "model/plan.h"

namespace apigw::emit {

struct NamedTree {
  std::string name;  // KIND/NAME, as `to:` says it
  Value* value = nullptr;
};

// In order; AGW703 where one fits nothing (unless not `all` are there) or cannot be made. Kinds with a capital letter
// are those of Kubernetes (`target` empty); any other is the word of the target that the patch is for.
void apply_patches(const model::Plan& plan, std::string_view target, bool all, const std::vector<NamedTree>& trees,
                   diag::Report& report);

}  // namespace apigw::emit
