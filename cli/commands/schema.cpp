// apigw schema: the JSON Schema of the config, for editors.
#include <ostream>

#include "assembly/vocabulary.h"
#include "command.h"

namespace apigw::cli {

extern const Command command_schema;
const Command command_schema = {
    .name = "schema",
    .summary = "print the JSON Schema of the config, for editors",
    .details = "Example:\n  apigw schema > .apigw/schema.json",
    .job = Job::check,
    .prints = "schema prints JSON: apigw schema > FILE",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals&) {
        env.out << config::json_schema(assembly::vocabulary());
        return Exit::done;
      };
    },
};

}  // namespace apigw::cli
