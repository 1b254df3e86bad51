// Completion scripts for shells, generated from the commands' rows; what stands in a project is asked for at the
// moment of the key press with the hidden `apigw __complete KIND`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "command.h"

namespace apigw::cli {

struct Shell {
  std::string_view name;  // "bash"
  std::string_view file;  // below completions/
  std::string (*script)();
};
[[nodiscard]] std::span<const Shell> shells();

// What `__complete KIND` prints, each on a line; unknown kinds have none. `line` is the command line so far: its -C
// and -c say which project is meant.
[[nodiscard]] std::vector<std::string> completion_words(Env& env, std::string_view kind,
                                                        const std::vector<std::string>& line);

}  // namespace apigw::cli
