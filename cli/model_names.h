// The names that clients of a plan may call.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.h"

namespace apigw::cli {

[[nodiscard]] std::string model_name(const model::Prompt& prompt);  // "prompt/mood"

// The models in their order, patterns too, then the prompts that are served.
[[nodiscard]] std::vector<std::string> model_names(const model::Plan& plan);

// The model that a mistyped `name` seems to mean: one of these, or provider/model of a provider of the plan or one
// that apigw knows.
[[nodiscard]] std::optional<std::string> near_model(const model::Plan& plan, std::string_view name);

}  // namespace apigw::cli
