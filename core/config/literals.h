// Credentials that somebody wrote into a config, found in the texts as they stand there.
#pragma once
#include "diag/diagnostic.h"
#include "yaml/tree.h"

namespace apigw::config {

// Adds AGW401 for every scalar below `root` that looks like a key, and in the `env:` of services for the value of a
// variable that can only be a secret; AGW412 there for a URL with a password. Where a URL is the field's own type its
// reader judges it.
void check_literals(const yaml::Node& root, diag::Report& report);

}  // namespace apigw::config
