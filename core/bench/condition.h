// What a run must keep to, as in 'p99>200ms': the words of --fail-if, read and held against an outcome.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/load.h"

namespace apigw::bench {

// A figure that is told and may be held against a limit.
struct Figure {
  enum class Kind { time, rate, share } kind;  // microseconds, a second, 0 to 1
  std::string_view word;
  std::string_view doc;
  // Nothing where the run has no such figure.
  std::optional<double> (*of)(const Outcome& outcome);
};
[[nodiscard]] std::span<const Figure> figures();

struct Condition {
  std::string text;  // as it was written
  const Figure* figure = nullptr;
  bool below = false;  // fails below the limit, else above it
  bool or_equal = false;
  double limit = 0;  // in the figure's unit

  // Whether the outcome is what the condition names. A figure that the run does not have fails too: what was to be
  // held could not be.
  [[nodiscard]] bool met(const Outcome& outcome) const;
};

// Error invalid says what is wrong and what may stand there.
[[nodiscard]] Result<Condition> parse_condition(std::string_view text);

}  // namespace apigw::bench
