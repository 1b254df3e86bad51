// The flags of pipelines, and what the files of a repository tell about one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "command.h"
#include "complaint.h"
#include "emit/emitter.h"

namespace apigw::cli {

struct PipelineFlags {
  std::string image, deploy, deploy_from, branch, environment;
};
void declare_pipeline_flags(Options& options, PipelineFlags& flags);

// `pipeline`: whether the target is one.
[[nodiscard]] std::optional<Complaint> wrong_pipeline_flag(const Globals& globals, const PipelineFlags& flags,
                                                           std::string_view target, bool pipeline);
// By flags and by the files that are here; `shaping` are the flags with which its target is written.
[[nodiscard]] emit::PipelineOptions pipeline_options(const Env& env, const PipelineFlags& flags, std::string shaping,
                                                     const model::Plan& plan);

}  // namespace apigw::cli
