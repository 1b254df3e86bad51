// Settings put into a TOML file where they belong: a key at the top, keys of a table of one's own. Every other byte
// stays as it is, comments behind a value that is replaced and other keys of the table too.
//
// The whole text is read first, as far as it takes to know where each statement begins and ends: what is no TOML then
// is Error invalid, with its line, and nothing is edited. Values that are put in are strings.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace apigw::cli {

using TomlSettings = std::vector<std::pair<std::string_view, std::string>>;

// What a key is set to, wherever it stands: `path` from the root on. Of inline tables the whole.
struct TomlValue {
  std::vector<std::string> path;
  std::string written;  // as in the text; of a string of one line without escapes what stands between its quotes
};
[[nodiscard]] Result<std::vector<TomlValue>> toml_values(std::string_view text);

// `key = "value"`, one a line.
[[nodiscard]] std::string toml_lines(const TomlSettings& settings);
// The keys that stand above the first table replaced where they are, else put in front.
[[nodiscard]] Result<std::string> with_toml_root(std::string_view text, const TomlSettings& settings);
// The keys of the table `[name]` replaced or added there; the table added at the end where it is missing. Error
// invalid too where the text says something of that name in another way.
[[nodiscard]] Result<std::string> with_toml_table(std::string_view text, std::string_view name,
                                                  const TomlSettings& settings);

}  // namespace apigw::cli
