// The pipeline of a project, for whichever system runs it.
#pragma once
#include "emit/emitter.h"
#include "pipeline/pipeline.h"

namespace apigw::emit {

// What becomes of the config's fields: the jobs read it where it lies.
extern const std::span<const FieldClaim> pipeline_claims;

// The file of `system` (a word of pipeline::systems()), at its path from the repository's root.
[[nodiscard]] render::FileTree emit_pipeline(std::string_view system, const model::Plan& plan, const Options& options,
                                             diag::Report& report);

}  // namespace apigw::emit
