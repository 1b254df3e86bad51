// A plausible value for a JSON schema: valid in type, required, enum, const, bounds, lengths, formats, items, local
// $ref, anyOf/oneOf (a branch) and allOf (merged); fields that are named like something in the text take it from
// there.
//
// Bounded in depth and size whatever the schema says; a schema that asks for more gets less. Other keywords (pattern,
// not, dependent…) are not looked at.
#pragma once
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace apigw::mock {

// `text` is what the user wrote; `answer` what the mock would say to it in plain words.
[[nodiscard]] nlohmann::ordered_json instance_of(const nlohmann::ordered_json& schema, std::string_view text,
                                                 std::string_view answer);

}  // namespace apigw::mock
