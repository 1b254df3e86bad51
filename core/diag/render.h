// The renderers and the counts they share; render() picks one.
#pragma once
#include <string>
#include <string_view>

#include "diag/diagnostic.h"

namespace apigw::diag {

[[nodiscard]] std::string render_full(const Report& report, const Sources& sources, bool color);
[[nodiscard]] std::string render_concise(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_json(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_sarif(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_github(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_gitlab(const Report& report, const Sources& sources);
[[nodiscard]] std::string render_junit(const Report& report, const Sources& sources);

// A file's name as code hosts know it: without a leading "./".
[[nodiscard]] inline std::string_view repository_path(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

// "2 errors, 1 warning in apigw.yaml"
[[nodiscard]] std::string summary(const Report& report, const Sources& sources);

}  // namespace apigw::diag
