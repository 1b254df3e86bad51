// Puts a tree of generated files below a directory without ever overwriting another's work in silence.
//
// A file that is there with other content is kept unless `force`; one with the same content is left alone, so a
// second run changes nothing. All is decided before the first byte is written.
#pragma once
#include <string>
#include <vector>

#include "command.h"
#include "render/file_tree.h"

namespace apigw::cli {

struct TreeFlags {
  bool force = false;
  bool dry_run = false;
  bool diff = false;  // print what would change, write nothing
};

// Declares --force, --dry-run and --diff.
void declare_tree_flags(Options& options, TreeFlags& flags);

enum class Change { create, replace, keep, same };
struct Step {
  std::string path;  // below the directory
  Change change{};
};

// The steps as done (or as they would be done), in order of path. Errors are complained about: nothing is left half
// done knowingly, but what was written before a disk filled up stays.
[[nodiscard]] std::expected<std::vector<Step>, Exit> write_tree(Env& env, const render::FileTree& tree,
                                                                const std::string& directory, const TreeFlags& flags);
[[nodiscard]] std::string_view word(Change change);

}  // namespace apigw::cli
