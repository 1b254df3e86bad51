// The two sides of `apigw diff`: what each word names, read whole.
#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "command.h"
#include "compare/change.h"
#include "config/load.h"
#include "git_tree.h"
#include "kubernetes/objects.h"
#include "yaml/tree.h"

namespace apigw::cli {

// A file or folder, on disk or in a commit.
struct DiffPlace {
  std::shared_ptr<const GitTree> commit;  // null: on disk
  std::string ref;                        // as asked, of a commit
  std::string path;                       // from this directory; "-" is stdin
  [[nodiscard]] std::string title() const;
};

struct ConfigState {
  std::shared_ptr<const config::Files> files;  // rooted in the config's folder
  config::Loaded loaded;                       // with a plan
};
struct DocumentState {
  diag::Sources sources;
  std::optional<yaml::Tree> tree;  // always there
};
struct ManifestsState {
  diag::Sources sources;
  kubernetes::Objects objects;
};
using DiffState = std::variant<ConfigState, std::unique_ptr<DocumentState>, std::unique_ptr<ManifestsState>>;

// What the words of the command line mean: none is the last commit against the files here, a path what the last
// commit has there against it, a commit itself against the files here.
[[nodiscard]] std::expected<std::pair<DiffPlace, DiffPlace>, Exit> diff_places(Env& env, const Globals& globals,
                                                                               const std::vector<std::string>& words);
// Complains of what cannot be read, is no config, OpenAPI document or manifest, or has errors.
[[nodiscard]] std::expected<DiffState, Exit> read_state(Env& env, const Globals& globals, const DiffPlace& place);
// Nothing where the two are of different kinds.
[[nodiscard]] std::optional<compare::Changes> compare_states(const DiffState& before, const DiffState& after);
[[nodiscard]] std::string_view kind_of(const DiffState& state);  // "config", "OpenAPI document", "manifests"

}  // namespace apigw::cli
