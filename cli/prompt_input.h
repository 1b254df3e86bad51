// Which prompt a command means, and the variables that its flags give.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"
#include "model/plan.h"

namespace apigw::cli {

struct PromptFlags {
  std::string name;
  std::vector<std::string> variables;  // --var NAME=VALUE
  std::string data;                    // -d JSON, @FILE or @-
};

// Declares NAME, --var and --data.
void declare_prompt_input(Options& options, PromptFlags& flags);

// Complains where there is no such prompt.
[[nodiscard]] std::expected<const model::Prompt*, Exit> prompt_named(Env& env, const model::Plan& plan,
                                                                     const std::string& name);

// A JSON object. Without flags stdin is read when something is piped in and the prompt cannot do without: a JSON
// object, or the text of its only variable.
[[nodiscard]] std::expected<std::string, Exit> prompt_variables(Env& env, const model::Prompt& prompt,
                                                                const PromptFlags& flags);

}  // namespace apigw::cli
