// `validate --fix`: the edits that a config's findings carry, written back into its files.
#pragma once
#include "command.h"
#include "config/load.h"

namespace apigw::cli {

struct FixFlags {
  bool fix = false;
  bool dry_run = false;  // say what would change, write nothing
  bool diff = false;     // print what would change, write nothing
};

struct MendedFiles {
  config::Loaded loaded;  // as the files are now: with the edits only where they were written
  bool changes = false;   // something was or would be written
};

// Mends one project. A file is replaced whole with its mode kept, and only while it still holds what was read. Says
// on stderr how many findings were mended; a diff goes to stdout.
[[nodiscard]] std::expected<MendedFiles, Exit> mend_files(Env& env, const Globals& globals, const FixFlags& flags,
                                                          const config::Request& request,
                                                          const config::Environment& environment);

}  // namespace apigw::cli
