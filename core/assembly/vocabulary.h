// The rosters' words for config: the one place that sees them all.
#pragma once
#include "config/vocabulary.h"

namespace apigw::assembly {

[[nodiscard]] const config::Vocabulary& vocabulary();

}  // namespace apigw::assembly
