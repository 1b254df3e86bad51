// `emit github`: the project's pipeline, at its place in a repository.
#include "emit/ci.h"

namespace apigw::emit {

extern const Emitter github_emitter;
const Emitter github_emitter = {
    .summary = "a workflow of GitHub Actions: check, test, build images, deploy",
    .claims = pipeline_claims,
    .as_written = true,
    .pipeline = true,
    .emit = [](const model::Plan& plan, const Options& options,
               diag::Report& report) { return emit_pipeline("github", plan, options, report); },
};

}  // namespace apigw::emit
