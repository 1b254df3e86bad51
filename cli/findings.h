// The forms of findings that -o chooses between, the same for every command that reports some.
#pragma once
#include <array>
#include <string_view>

#include "diag/diagnostic.h"
#include "output.h"

namespace apigw::cli {

inline constexpr auto finding_formats =
    std::to_array<std::string_view>({"full", "concise", "json", "sarif", "github", "gitlab", "junit"});

// The form of `destination`; without one, full for a person on a terminal and concise for a pipe.
[[nodiscard]] diag::Format format_of(const Destination& destination, bool terminal);

}  // namespace apigw::cli
