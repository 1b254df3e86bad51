// What services write and what becomes of them, as lines for a person. Pure.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "run/supervisor.h"

namespace apigw::cli {

// "orders   | text": the name padded to `width`, in the `index`-th colour where `color` is set.
[[nodiscard]] std::string prefixed(std::string_view service, std::string_view line, std::size_t width,
                                   std::size_t index, bool color);

// The sentence about a note, with the last lines and what to do where that helps; empty for what goes without saying.
[[nodiscard]] std::string sentence(const run::Note& note, const run::Launch* launch,
                                   std::span<const std::string> tail);

}  // namespace apigw::cli
