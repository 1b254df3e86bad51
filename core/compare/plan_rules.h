// What a changed field of a config means: one row a field.
#pragma once
#include <string>
#include <string_view>

#include "compare/change.h"
#include "compare/values.h"

namespace apigw::compare {

struct Verdict {
  Grade grade = Grade::risky;
  std::string_view reason;
};

struct FieldRule {
  std::string_view noun, field;  // "route", "auth"; the field covers what is below it, `*` as in covers()
  Verdict (*judge)(const Json* before, const Json* after);
};
// The first that covers it; nullptr: none does.
[[nodiscard]] const FieldRule* rule_of(std::string_view noun, std::string_view field);

// Of a whole thing that came or went.
[[nodiscard]] Verdict verdict_of_added(std::string_view noun);
[[nodiscard]] Verdict verdict_of_removed(std::string_view noun);

}  // namespace apigw::compare
