// The test cases of routes as jobs: each is one call of a gateway and a verdict on its answer.
#pragma once
#include <string>
#include <vector>

#include "base/secret.h"
#include "command.h"
#include "test_files.h"
#include "test_jobs.h"

namespace apigw::cli {

struct CallPlace {
  std::string origin;
  Secret key;  // sent where the case gives no credential of its own
};

// `env` must outlive the jobs. A case that cannot be called is untested. A refusal of the gateway because of what is
// behind it (502, 503, 504 that the case does not expect) is an error, as is an answer that does not come; one that
// takes longer than the case's max-latency has failed.
[[nodiscard]] std::vector<TestJob> route_jobs(const Env& env, const TestFile& file, const CallPlace& place,
                                              std::chrono::milliseconds timeout);

}  // namespace apigw::cli
