// A config on its way to more entries: what it holds, what it is to hold, and the write that keeps comments and
// layout.
#pragma once
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "command.h"
#include "render/value.h"
#include "yaml/insert.h"

namespace apigw::cli {

inline constexpr std::chrono::seconds most_wait{10};  // for another command that writes the same file

struct ConfigEdit {
  std::string path;                            // of the config
  std::string before, after;                   // its text; before is empty when there is no file
  std::optional<yaml::OpenDocument> document;  // `after`, from its first new entry on
};

// Each complains about what keeps it from its end. `command` is who asks: "provider add".
[[nodiscard]] std::expected<ConfigEdit, Exit> read_config(Env& env, const Globals& globals, std::string_view command);
// One more `key: value` in `section` of `after`, unless the key is there. Both are data and quoted as YAML wants it;
// `${` in a text is a reference of the config. `comment` begins with '#' and stands behind it where it has room.
[[nodiscard]] std::expected<void, Exit> add_entry(Env& env, ConfigEdit& edit, std::string_view section,
                                                  std::string_view key, const render::Value& value,
                                                  std::string_view comment = {});
// Writes `after`, mode kept, only while the file still holds `before`; nothing when the two are equal. Another
// command that writes the file is waited for, some seconds at most.
[[nodiscard]] std::expected<void, Exit> write_config(Env& env, const ConfigEdit& edit);

}  // namespace apigw::cli
