// Two configs as their Plans: what clients, operators and the upstreams of one meet under the other.
#pragma once
#include <functional>
#include <string>

#include "compare/change.h"
#include "model/plan.h"

namespace apigw::compare {

struct Side {
  model::PlanPtr plan;  // never null
  // The text of a file that the Plan names, by the path that stands there; empty when it cannot be read.
  std::function<std::string(const std::string& path)> text;
};

// Values that plan_json hides are shown as "(hidden)". Paths of files are compared as they stand, so both sides are
// to be loaded from the folder of their config.
[[nodiscard]] Changes compare_plans(const Side& before, const Side& after);

// The row of a field of a Plan's thing, for tests: whether the grade of its changes is said rather than guessed.
[[nodiscard]] bool graded(std::string_view noun, std::string_view field);

}  // namespace apigw::compare
