// emit.lock: what was written into a folder, so that an edit by hand is seen before it is overwritten, and drift by
// whoever asks. Text and hashes only; knows no disk.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "emit/emitter.h"

namespace apigw::emit {

inline constexpr std::string_view lock_name = "emit.lock";

struct Lock {
  std::string tool;                          // version of apigw
  std::string target;                        // word of the roster
  std::string source;                        // fingerprint of the config and its files
  std::map<std::string, std::string> files;  // path → fingerprint
};

[[nodiscard]] std::string write_lock(const Lock& lock);
// Error invalid: where the text is broken, or what of a lock is missing. No path of `files` leaves the folder.
[[nodiscard]] Result<Lock> read_lock(std::string_view text);

// Of the files that the config is made of and what the command line set.
[[nodiscard]] std::string source_hash(const Options& options);

}  // namespace apigw::emit
