// Why the gateway cannot listen, in the words of the config: the line that asks for the address, and what to do.
//
// Pure: an error of the world and the plan in, text out.
#pragma once
#include <string>

#include "diag/diagnostic.h"
#include "model/plan.h"

namespace apigw::cli {

// "apigw.yaml:2:9: error: listen on 127.0.0.1:8080: Address already in use", and its help. `what` is the error's.
[[nodiscard]] std::string start_failure(const model::Plan& plan, const diag::Sources& sources,
                                        const std::string& what);

}  // namespace apigw::cli
