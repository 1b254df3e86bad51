// `${NAME}` and `${NAME:-x}` in one text: plain substitution, whose result is never read as YAML or expanded again.
//
// `$${` is a literal `${`; a `$` before anything else is itself. `:-x` holds when NAME is unset or empty. Asks
// nothing but the environment that it is given.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/load.h"

namespace apigw::config {

struct ExpandFault {
  std::size_t begin = 0, end = 0;  // of the reference, in the text before expansion
  std::string variable;            // unset; empty: the reference is malformed
};

struct Expanded {
  std::string text;
  std::vector<ExpandFault> faults;
};

[[nodiscard]] Expanded expand(std::string_view text, const Environment& environment);

}  // namespace apigw::config
