// A service's lines in a config: what is there already, and whether the config holds with the new ones.
#pragma once
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "assembly/vocabulary.h"
#include "command.h"
#include "config_edit.h"
#include "model/plan.h"

namespace apigw::cli {

// "." for a config here.
[[nodiscard]] std::string folder_of_config(const std::string& config);
// `text` as the config at `path` would load; secrets may be missing.
[[nodiscard]] config::Loaded load_text(Env& env, const Globals& globals, const std::string& path,
                                       const std::string& text);
// Null: there is no config, or it has errors (which are told when it is edited).
[[nodiscard]] model::PlanPtr project_of(Env& env, const Globals& globals, const ConfigEdit& edit);
// nullptr: there is none.
[[nodiscard]] const model::Service* service_in(const model::PlanPtr& project, std::string_view name);
// Complains with the findings unless `edit.after` loads and has the service.
[[nodiscard]] std::expected<void, Exit> check_service(Env& env, const Globals& globals, const ConfigEdit& edit,
                                                      std::string_view name);
// The path of a public route without a slash at its end; `written` empty: /NAME. Complains about what is none.
[[nodiscard]] std::expected<std::string, Exit> route_prefix(Env& env, const std::string& written,
                                                            const std::string& name);
// A route to the service for each of `keys`, `prefix` stripped. Complains about one that is there already.
[[nodiscard]] std::expected<void, Exit> add_routes(Env& env, ConfigEdit& edit, const std::vector<std::string>& keys,
                                                   const std::string& service, const std::string& prefix);
// Complains unless `port` is one, or empty.
[[nodiscard]] std::expected<void, Exit> check_port(Env& env, const std::string& port);

}  // namespace apigw::cli
