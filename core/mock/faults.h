// Model names that make the mock misbehave on purpose, in one table: documented, listed by help, tested row by row.
#pragma once
#include <span>
#include <string_view>

#include "mock/reply.h"

namespace apigw::mock {

struct FaultRow {
  std::string_view name;         // "fail-cut", or "slow-" with a number behind it
  std::string_view what;         // one line for help
  std::string_view number = {};  // what the number is: "MS"; empty: the name is whole
};

[[nodiscard]] std::span<const FaultRow> faults();

// `good` changed as `model` says; unchanged when it names no fault.
[[nodiscard]] Reply with_fault(std::string_view model, Reply good);

}  // namespace apigw::mock
