// The one table of exit codes; `apigw help exit-codes` prints it.
#pragma once
#include <span>
#include <string_view>

namespace apigw::cli {

enum class Exit : int {
  done = 0,
  no = 1,     // it worked and the answer is no: findings, failed assertions, drift
  input = 2,  // bad flag, unreadable path, invalid config given to a command that needs it
  world = 3,  // upstream, port, disk, timeout
  credentials = 4,
  bug = 5,  // ours
  interrupted = 130,
  terminated = 143,
};

struct ExitRow {
  Exit exit;
  std::string_view meaning;
};
[[nodiscard]] std::span<const ExitRow> exit_codes();

}  // namespace apigw::cli
