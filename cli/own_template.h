// A template of the user's own on disk, filled for a service: its parameters come from --set, from the service's
// lock, from their defaults, or are asked for.
#pragma once
#include <expected>
#include <string>

#include "command.h"
#include "scaffold/own_template.h"

namespace apigw::cli {

struct FilledTemplate {
  scaffold::Stack stack;
  std::string kind;
  scaffold::ParameterValues values;
  render::FileTree tree;
};

// `folder` is a path from here; `before` what the lock has. Complains with the findings of the template's files.
[[nodiscard]] std::expected<FilledTemplate, Exit> fill_own_template(Env& env, const Globals& globals,
                                                                    const std::string& folder,
                                                                    const scaffold::ServiceRequest& request,
                                                                    const scaffold::ParameterValues& before);

}  // namespace apigw::cli
