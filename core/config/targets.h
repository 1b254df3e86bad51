// The targets of a model with the names of other models followed, for the check that counts them and for resolve.
#pragma once
#include <unordered_map>
#include <vector>

#include "config/draft.h"

namespace apigw::config {

inline constexpr std::size_t most_targets = 64;  // of one model

// Depth first, each text once, at most `limit`. Unknown names are passed over: AGW323 says so.
[[nodiscard]] std::vector<const Given<std::string>*> flat_targets(
    const Named<ModelDraft>& model, const std::unordered_map<std::string_view, const Named<ModelDraft>*>& models,
    std::size_t limit);

}  // namespace apigw::config
