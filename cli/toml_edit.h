// Settings put into a TOML file line by line: a key at the top, a table of one's own; every other line stays as it
// is.
//
// Knows as much of TOML as that needs: table headers, `key =` at the start of a line, and strings over several lines,
// inside which nothing counts. Values are strings.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace apigw::cli {

using TomlSettings = std::vector<std::pair<std::string_view, std::string>>;

// `key = "value"`, one a line.
[[nodiscard]] std::string toml_lines(const TomlSettings& settings);
// The keys that stand above the first table replaced where they are, else put in front.
[[nodiscard]] std::string with_toml_root(std::string_view text, const TomlSettings& settings);
// The whole table `[name]` replaced, or added at the end.
[[nodiscard]] std::string with_toml_table(std::string_view text, std::string_view name, const TomlSettings& settings);

}  // namespace apigw::cli
