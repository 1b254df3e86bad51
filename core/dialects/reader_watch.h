// A stream watched by the reader of its events: what they mean and whether it is over is said in one place. Costs a
// copy of each delta.
#pragma once
#include <memory>

#include "dialects/dialect.h"

namespace apigw::dialects {

[[nodiscard]] std::unique_ptr<StreamWatch> watch_by(std::unique_ptr<EventReader> reader);

}  // namespace apigw::dialects
