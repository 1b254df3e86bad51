// `emit circleci`: the project's pipeline, at its place in a repository.
#include "emit/ci.h"

namespace apigw::emit {

extern const Emitter circleci_emitter;
const Emitter circleci_emitter = {
    .summary = "the same as a config of CircleCI",
    .claims = pipeline_claims,
    .as_written = true,
    .pipeline = true,
    .emit = [](const model::Plan& plan, const Options& options,
               diag::Report& report) { return emit_pipeline("circleci", plan, options, report); },
};

}  // namespace apigw::emit
