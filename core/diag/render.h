// The four renderers and the counts they share; render() picks one.
#pragma once
#include <string>

#include "diag/diagnostic.h"

namespace apigw::diag {

[[nodiscard]] std::string render_full(const Report& report, const Sources& sources, bool color);
[[nodiscard]] std::string render_concise(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_json(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_sarif(const Report& report, const Sources& sources);

// "2 errors, 1 warning in apigw.yaml"
[[nodiscard]] std::string summary(const Report& report, const Sources& sources);

}  // namespace apigw::diag
