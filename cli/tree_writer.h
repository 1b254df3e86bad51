// Puts a tree of generated files below a directory without ever overwriting another's work in silence.
//
// A file that is there with other content is kept unless `force`; one with the same content is left alone, so a
// second run changes nothing. All is decided before the first byte is written.
#pragma once
#include <functional>
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

// `path` seen from `directory`; "" and "." are where we are.
[[nodiscard]] std::string below(const std::string& directory, const std::string& path);

// The first symbolic link on the way from `base` to `path`, or nothing.
[[nodiscard]] std::string link_on_the_way(const Env& env, const std::string& base, const std::string& path);

// Declares --force, --dry-run and --diff.
void declare_tree_flags(Options& options, TreeFlags& flags);

enum class Change { create, replace, keep, same, edit, remove };
struct Step {
  std::string path;  // below the directory
  Change change{};
};

// The steps as done (or as they would be done), in order of path. Errors are complained about: nothing is left half
// done knowingly, but what was written before a disk filled up stays. `replaces` says which files that differ are
// written over; by default all with --force, and in a --diff all.
using Replaces = std::function<bool(const std::string& path)>;
[[nodiscard]] std::expected<std::vector<Step>, Exit> write_tree(Env& env, const render::FileTree& tree,
                                                                const std::string& directory, const TreeFlags& flags,
                                                                const Replaces& replaces = {});
[[nodiscard]] std::string_view word(Change change);

}  // namespace apigw::cli
