// `emit jenkins`: the project's pipeline, at its place in a repository.
#include "emit/ci.h"

namespace apigw::emit {

extern const Emitter jenkins_emitter;
const Emitter jenkins_emitter = {
    .summary = "the same as a declarative Jenkinsfile",
    .claims = pipeline_claims,
    .as_written = true,
    .pipeline = true,
    .emit = [](const model::Plan& plan, const Options& options,
               diag::Report& report) { return emit_pipeline("jenkins", plan, options, report); },
};

}  // namespace apigw::emit
