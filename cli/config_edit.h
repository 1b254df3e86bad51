// A config on its way to more entries: what it holds, what it is to hold, and the write that keeps comments and
// layout.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "command.h"

namespace apigw::cli {

struct ConfigEdit {
  std::string path;           // of the config
  std::string before, after;  // its text; before is empty when there is no file
};

// Each complains about what keeps it from its end. `command` is who asks: "provider add".
[[nodiscard]] std::expected<ConfigEdit, Exit> read_config(Env& env, const Globals& globals, std::string_view command);
// One more `key: value` in `section` of `after`, unless the key is there.
[[nodiscard]] std::expected<void, Exit> add_entry(Env& env, ConfigEdit& edit, std::string_view section,
                                                  std::string_view key, std::string_view value);
// Writes `after`, mode kept, only while the file still holds `before`; nothing when the two are equal.
[[nodiscard]] std::expected<void, Exit> write_config(Env& env, const ConfigEdit& edit);

// A text as a value in YAML: in single quotes unless every character is harmless there.
[[nodiscard]] std::string yaml_word(const std::string& word);

}  // namespace apigw::cli
