// The {{name}} worker: settings and start.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "job.h"
#include "runtime/client.h"
#include "runtime/server.h"
#include "runtime/worker.h"

int main(int count, char** arguments) {
  try {
    const auto config = runtime::Config::from(runtime::process_environment);
    if (count > 1 && std::string_view(arguments[1]) == "healthcheck") return runtime::healthy(config.port) ? 0 : 1;
    const auto interval = runtime::seconds(runtime::process_environment, "INTERVAL_SECONDS", 5);
    runtime::hold_signals();
    runtime::Log log(config.log_level);
{{#if calls}}
    // The services that this one calls. Their addresses come from the environment.
    const auto client = [](const char* variable) {
      return runtime::Client(runtime::service_url(runtime::process_environment, variable));
    };
    Job job(log, {
{{#each calls}}
                     {"{{name}}", client("{{variable}}")},
{{/each}}
                 });
{{else}}
    Job job(log);
{{/if}}
    runtime::App app(log);
    runtime::Worker worker([&job] { job.run(); }, interval, app.metrics, log);
    runtime::Server server(app, config);
    worker.start();
    runtime::wait_for_stop();
    worker.stop();
    int status = server.drain();
    if (!worker.wait_for(config.drain_timeout)) {
      log.error("cut the job that still ran");
      status = 1;
    }
    std::_Exit(status);  // without waiting for what was cut
  } catch (const runtime::ConfigError& error) {
    std::fprintf(stderr, "{{name}}: %s\n", error.what());
    return 2;
  }
}
