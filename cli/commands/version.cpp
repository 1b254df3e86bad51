// apigw version: which build this is.
#include <ostream>

#include "command.h"

namespace apigw::cli {

extern const Command command_version;
const Command command_version = {
    .name = "version",
    .summary = "print the version",
    .details = "Example:\n  apigw version",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals&) {
        env.out << "apigw " APIGW_VERSION "\n";
        return Exit::done;
      };
    },
};

}  // namespace apigw::cli
