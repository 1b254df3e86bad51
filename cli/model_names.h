// The names that clients of a plan may call.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "complaint.h"
#include "model/plan.h"

namespace apigw::cli {

[[nodiscard]] std::string model_name(const model::Prompt& prompt);  // "prompt/mood"

// The models in their order, then the prompts that are served. Patterns are left out: nobody calls one.
[[nodiscard]] std::vector<std::string> model_names(const model::Plan& plan);

[[nodiscard]] bool is_pattern(const model::Plan& plan, std::string_view name);  // the pattern itself

// Whether it is one of these, or a name that a pattern stands for.
[[nodiscard]] bool is_model(const model::Plan& plan, std::string_view name);

// Whether it is provider/model with a provider of the plan, which a gateway of `run` takes from this machine.
[[nodiscard]] bool is_direct(const model::Plan& plan, std::string_view name);

// Either of the two.
[[nodiscard]] bool is_callable(const model::Plan& plan, std::string_view name);

// The one of these that a mistyped `name` seems to mean.
[[nodiscard]] std::optional<std::string> near_model(const model::Plan& plan, std::string_view name);
// The same of provider/model, with a provider of the plan or one that apigw knows.
[[nodiscard]] std::optional<std::string> near_direct(const model::Plan& plan, std::string_view name);

// What to say of a name that is no model.
[[nodiscard]] Complaint no_model(const model::Plan& plan, std::string_view name);

}  // namespace apigw::cli
