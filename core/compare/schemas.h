// Two JSON Schemas of one value: what fits one and not the other, keyword by keyword.
//
// Not a proof: each keyword is judged for itself, what cannot be judged so is said to be changed, and what stands
// beside a reference is passed over. Schemas are
// those of draft 2020-12 with their references inside (`#/$defs/…`), as contract::schema_text writes them.
#pragma once
#include <string>
#include <string_view>

#include "compare/change.h"

namespace apigw::compare {

// Who makes the value: a caller, whose values must go on being taken, or the service, whose answers must go on being
// read.
enum class Maker : std::uint8_t { caller, service };

// Adds what differs, with noun and name of `of` and a field that begins with its field. A text that is no JSON is
// another text, and risky.
void compare_schemas(std::string_view before, std::string_view after, Maker maker, const Change& of,
                     Changes& changes);

}  // namespace apigw::compare
