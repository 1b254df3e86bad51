// apigw serve: the gateway for production. Config with every secret present → a gateway in the foreground.
#include "command.h"
#include "foreground.h"

namespace apigw::cli {

extern const Command command_serve;
const Command command_serve = {
    .name = "serve",
    .summary = "run the gateway for production: SIGHUP reloads, SIGTERM drains",
    .details =
        "Every secret of the config must be there. Mints no key, reads no .env, starts no service, writes no\n"
        "file; the admin API is on only where the config has 'admin:'. The access log is one JSON object a line\n"
        "on stdout.\n"
        "SIGHUP reads the config again; one with errors changes nothing. SIGTERM stops accepting, finishes what\n"
        "is in flight within 'timeouts: { drain: … }' and exits with 0; a second signal stops at once.\n"
        "Exit code: 2 for a config with errors, 4 where only secrets are missing, 3 where a port is busy or a\n"
        "certificate cannot be used.\n\n"
        "Examples:\n"
        "  apigw serve -c /etc/apigw/apigw.yaml --profile prod\n"
        "  systemctl reload apigw     # with ExecReload=kill -HUP $MAINPID",
    .job = Job::run,
    .prints = "serve prints its access log",
    .declare = [](Options&) -> std::function<Exit(Env&, const Globals&)> {
      return [](Env& env, const Globals& globals) { return Foreground(env, globals, Mode::serve).live(); };
    },
};

}  // namespace apigw::cli
