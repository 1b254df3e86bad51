// Where a project stands in its repository: CI systems look at the repository's root only.
#pragma once
#include <string>

#include "env.h"

namespace apigw::cli {

// The root of the repository that `folder` lies in, absolute, when it is another folder; empty: it is the root itself
// or in no repository. Only asks where `.git` is.
[[nodiscard]] std::string repository_above(const Files& files, const std::string& folder);

}  // namespace apigw::cli
