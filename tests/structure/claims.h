// Which fields of the config a row of an emitter's claims stands for.
#pragma once
#include <string_view>

namespace apigw::test {

// "services.*.outbound.**" covers services.*.outbound and all below it, another claim its own field alone.
inline bool covers(std::string_view claim, std::string_view field) {
  if (!claim.ends_with(".**")) return claim == field;
  claim.remove_suffix(3);
  return field == claim || (field.starts_with(claim) && field[claim.size()] == '.');
}

}  // namespace apigw::test
