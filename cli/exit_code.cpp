#include "exit_code.h"

namespace apigw::cli {

std::span<const ExitRow> exit_codes() {
  static constexpr ExitRow rows[] = {
      {Exit::done, "done; also a gateway that drained after SIGINT or SIGTERM"},
      {Exit::no, "it worked and the answer is no: findings of validate, differences, a reply of 4xx"},
      {Exit::input, "your input: an unknown flag, a file that cannot be read, a config with errors"},
      {Exit::world, "the world: an upstream, a port, a disk, a timeout"},
      {Exit::credentials, "credentials are missing or refused"},
      {Exit::bug, "a bug of apigw; please report it"},
      {Exit::interrupted, "interrupted (SIGINT) before the work was done"},
      {Exit::terminated, "terminated (SIGTERM) before the work was done"},
  };
  return rows;
}

}  // namespace apigw::cli
