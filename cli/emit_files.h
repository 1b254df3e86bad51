// Emitted files into a folder, under a lock: what apigw wrote it may replace, what a person edited it may not.
//
// All is decided before the first byte is written, and one edited file stops all: half of an output deploys two
// versions at once. Below the folder no symbolic link is followed. A file that is no longer emitted goes, unless it
// was edited.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "command.h"
#include "emit/lock.h"
#include "render/file_tree.h"
#include "tree_writer.h"

namespace apigw::cli {

struct EmitStep {
  std::string path;
  std::string_view change;  // create, replace, remove, same; edited: a person's work stands there
  bool differs = false;     // the folder does not hold what would be written
};

struct EmitFolder {
  std::string path;
  emit::Lock lock;       // as it is to be; its files are filled in
  bool partial = false;  // other files of the lock are not meant
};

// The steps in order of path, the lock left out. Errors are complained about.
[[nodiscard]] std::expected<std::vector<EmitStep>, Exit> plan_folder(Env& env, const render::FileTree& tree,
                                                                     const EmitFolder& folder);
// Unified diffs of all that differs.
void print_diffs(Env& env, const render::FileTree& tree, const EmitFolder& folder,
                 const std::vector<EmitStep>& steps);
// Writes what differs and the lock.
[[nodiscard]] std::expected<void, Exit> write_folder(Env& env, const render::FileTree& tree, EmitFolder folder,
                                                     const std::vector<EmitStep>& steps);

}  // namespace apigw::cli
