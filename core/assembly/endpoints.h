// What the endpoints of dialects are asked, for those who show calls rather than serve them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/plan.h"

namespace apigw::assembly {

// Words of the dialect, static; several where the path behind the endpoint's pattern says which.
[[nodiscard]] std::vector<std::string_view> operations(const model::Endpoint& endpoint);

// The one that a call names: `rest` is its path behind the pattern, `query` what stands behind its '?'. Nothing: none
// that is served.
[[nodiscard]] std::optional<std::string_view> operation_of(const model::Endpoint& endpoint, std::string_view rest,
                                                           std::string_view query);

// A short body for that operation, as a client of the dialect sends it; of others than those that the hub knows no
// more than the model's name.
struct Sample {
  std::string_view content_type;  // static
  std::string body;
};
[[nodiscard]] Sample sample(const model::Endpoint& endpoint, std::string_view operation, std::string_view model);

}  // namespace apigw::assembly
