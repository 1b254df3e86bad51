// What a reload changes, in names: old Plan and new Plan in, a line for a person out.
//
// Indices and spans do not count: a route is the same although the services were put in another order. A changed
// secret counts and is never shown.
#pragma once
#include <string>
#include <vector>

#include "model/plan.h"

namespace apigw::model {

struct Changes {
  std::string noun, plural;                          // "route", "routes"
  std::vector<std::string> added, changed, removed;  // names, in the order of their Plan
  [[nodiscard]] bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
};

struct PlanDiff {
  std::vector<Changes> kinds;         // those with a change
  std::vector<std::string> settings;  // "timeouts", "caps", "defaults", "admin", "health", "pepper"
  [[nodiscard]] bool empty() const { return kinds.empty() && settings.empty(); }
  // "routes: +1 ~2 -0 (+GET /new, ~GET /a, ~GET /b); timeouts changed". At most four names a kind; "nothing" when
  // empty.
  [[nodiscard]] std::string text() const;
};

[[nodiscard]] PlanDiff diff(const Plan& before, const Plan& after);

}  // namespace apigw::model
