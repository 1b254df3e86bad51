// The user's own table of models, which `apigw models update` takes and every command that knows models reads over
// the one compiled in: $XDG_DATA_HOME/apigw/models.txt, else ~/.local/share/apigw/models.txt.
#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "catalogue/table.h"
#include "command.h"

namespace apigw::cli {

// Nothing where neither directory is known.
[[nodiscard]] std::optional<std::string> own_models_path(const config::Environment& environment);

// The table as it is on disk; null where there is none. Complains about one that cannot be read.
[[nodiscard]] std::expected<std::shared_ptr<const catalogue::OwnTable>, Exit> own_models(Env& env);

// What is known of models, never null. Complains as own_models.
[[nodiscard]] std::expected<std::shared_ptr<const catalogue::Models>, Exit> known_models(Env& env);

// Says every fault with its place on stderr.
void tell_faults(Env& env, const std::string& file, const std::vector<catalogue::Fault>& faults);

struct ModelsUpdate {
  std::string file;  // "-": stdin
  bool reset = false, dry_run = false, diff = false;
};
// Takes the file in the table's place, whole, or complains and leaves all as it was.
Exit update_models(Env& env, const Globals& globals, const ModelsUpdate& wish);

}  // namespace apigw::cli
