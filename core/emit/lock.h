// emit.lock: what was written into a folder, so that an edit by hand is seen before it is overwritten, and drift by
// whoever asks. Text and hashes only; knows no disk.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "emit/emitter.h"

namespace apigw::emit {

inline constexpr std::string_view lock_name = "emit.lock";

struct Lock {
  std::string tool;                          // version of apigw
  std::string target;                        // word of the roster
  std::string source;                        // SHA-256 of the config and its files
  std::map<std::string, std::string> files;  // path → SHA-256
};

[[nodiscard]] std::string write_lock(const Lock& lock);
// Nothing when the text is no lock of ours.
[[nodiscard]] std::optional<Lock> read_lock(std::string_view text);

// Of the files that the config is made of and what the command line set.
[[nodiscard]] std::string source_hash(const Options& options);

}  // namespace apigw::emit
