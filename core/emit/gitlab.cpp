// `emit gitlab`: the project's pipeline, at its place in a repository.
#include "emit/ci.h"

namespace apigw::emit {

extern const Emitter gitlab_emitter;
const Emitter gitlab_emitter = {
    .summary = "the same as .gitlab-ci.yml",
    .claims = pipeline_claims,
    .as_written = true,
    .pipeline = true,
    .emit = [](const model::Plan& plan, const Options& options,
               diag::Report& report) { return emit_pipeline("gitlab", plan, options, report); },
};

}  // namespace apigw::emit
