// The test cases of a prompt as jobs: each is one call of the prompt's endpoint and a verdict on its output.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "door.h"
#include "model/plan.h"
#include "test_jobs.h"

namespace apigw::cli {

// Beyond the gateway's own wait for a model.
inline constexpr std::chrono::milliseconds usual_call_timeout{150'000};

// Of `NAME.test.yaml` beside the prompt, which was read with the project and so has no findings. `door` and `env`
// must outlive the jobs. Complains where the file cannot be read.
[[nodiscard]] std::expected<std::vector<TestJob>, Exit> prompt_jobs(Env& env, const Door& door,
                                                                    const model::Prompt& prompt,
                                                                    const std::string& group,
                                                                    std::chrono::milliseconds timeout);

}  // namespace apigw::cli
