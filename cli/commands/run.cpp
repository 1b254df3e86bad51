// apigw run: the gateway for development. Config, .env and services of this directory → a gateway that reloads on
// save.
#include "command.h"
#include "foreground.h"

namespace apigw::cli {

extern const Command command_run;
const Command command_run = {
    .name = "run",
    .summary = "run the gateway for development: reloads on save, starts the services",
    .details =
        "Reads apigw.yaml, or without one the usual provider variables and the built-in mock. Mints a key for you\n"
        "that ends with the process, reads .env beside the config, and starts every service that has 'run:'. A save\n"
        "that breaks the config changes nothing; a file that is written in two steps may be read between them, so\n"
        "let the editor write a new file and rename it. Ctrl-C lets requests in flight finish; a second one stops\n"
        "at once.\n\n"
        "Examples:\n"
        "  apigw run\n"
        "  apigw run -C examples/shop\n"
        "  apigw run --profile staging",
    .job = Job::run,
    .prints = "run prints a start screen and a line for each request",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals& globals) { return Foreground(env, globals, Mode::run).live(); };
    },
};

}  // namespace apigw::cli
