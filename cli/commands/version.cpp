// apigw version: which build this is.
#include <nlohmann/json.hpp>

#include "command.h"
#include "output.h"

namespace apigw::cli {

extern const Command command_version;
const Command command_version = {
    .name = "version",
    .summary = "print the version",
    .details = "Examples:\n  apigw version\n  apigw version -o json",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals& globals) {
        const nlohmann::ordered_json body{{"version", APIGW_VERSION}};
        return write_document(env, globals, "version", body, [](bool) { return "apigw " APIGW_VERSION "\n"; });
      };
    },
};

}  // namespace apigw::cli
