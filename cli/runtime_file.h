// The file by which a running gateway is found: `run` writes one, `call` reads it.
//
// It stands in a directory of this user alone ($XDG_RUNTIME_DIR/apigw, else /tmp/apigw-UID) with mode 0600, one a
// process, named PID.json, and holds the two keys that die with the process. A gateway that was killed leaves its
// file: who reads the directory next removes it. A process is told by its pid, its start and its pid namespace, so
// that neither a pid that is used again nor a container that shares the directory is taken for another. Another
// user's directory is refused, never used.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "env.h"

namespace apigw::cli {

struct RuntimeFile {
  std::string address;        // "http://127.0.0.1:8080", where clients call
  std::string admin_address;  // "http://127.0.0.1:8081" or "unix:PATH"; empty: no admin API
  Secret dev_key;
  Secret admin_key;
  int pid = 0;
  std::string config;  // absolute path of the config; of the directory when there was none
};

// Writes the file of `gateway`, whose process lives, and returns its path, which the caller removes when it stops.
[[nodiscard]] Result<std::string> write_runtime_file(const RuntimeFile& gateway, Files& files,
                                                     const config::Environment& environment);

// Every gateway of this user whose process lives, by pid; removes the files of those whose process is gone.
[[nodiscard]] Result<std::vector<RuntimeFile>> running_gateways(Files& files, const config::Environment& environment);

// The gateway that serves `config` (absolute path); when none does and `any` is set, the only one that runs. Errors
// say what to do: not_found, or invalid when several would do.
[[nodiscard]] Result<RuntimeFile> find_gateway(const std::string& config, bool any, Files& files,
                                               const config::Environment& environment);

}  // namespace apigw::cli
