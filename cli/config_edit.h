// A config on its way to more entries: what it holds, what it is to hold, and the write that keeps comments and
// layout.
#pragma once
#include <chrono>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "command.h"
#include "render/value.h"
#include "yaml/insert.h"

namespace apigw::cli {

inline constexpr std::chrono::seconds most_wait{10};  // for another command that writes the same file

enum class Intent { look, write };  // a command that will write keeps the others off from its first look on

struct ConfigEdit {
  std::shared_ptr<void> alone;                 // while it is there, no other command writes the file; null: a look
  std::string path;                            // of the config
  std::string before, after;                   // its text; before is empty when there is no file
  std::optional<yaml::OpenDocument> document;  // `after`, from its first new entry on
};

// Each complains about what keeps it from its end. `command` is who asks: "provider add". Where it will write,
// another command that does is waited for, `most_wait` at most.
[[nodiscard]] std::expected<ConfigEdit, Exit> read_config(Env& env, const Globals& globals, std::string_view command,
                                                          Intent intent);
// One more `key: value` in `section` of `after`, unless the key is there. Both are data and quoted as YAML wants it;
// `${` in a text is a reference of the config. `comment` begins with '#' and stands behind it where it has room.
[[nodiscard]] std::expected<void, Exit> add_entry(Env& env, ConfigEdit& edit, std::string_view section,
                                                  std::string_view key, const render::Value& value,
                                                  std::string_view comment = {});
// What keeps the config from taking what was `added` ("service"): the errors that `before` has, at their places in
// the file, else those of `after`, which the addition makes.
[[nodiscard]] std::unexpected<Exit> refuse_edit(Env& env, const config::Loaded& before, const config::Loaded& after,
                                                std::string_view added);
// Writes `after`, mode kept, only while the file still holds `before`: a person may have saved it. Nothing when the
// two are equal. Of an edit that was read to be written.
[[nodiscard]] std::expected<void, Exit> write_config(Env& env, const ConfigEdit& edit);

}  // namespace apigw::cli
