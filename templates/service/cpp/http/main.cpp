// The {{name}} service: settings and start; its routes are in service.cpp.

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "runtime/client.h"
#include "runtime/server.h"
#include "service.h"

int main(int count, char** arguments) {
  try {
    const auto config = runtime::Config::from(runtime::process_environment);
    if (count > 1 && std::string_view(arguments[1]) == "healthcheck") return runtime::healthy(config.port) ? 0 : 1;
    runtime::hold_signals();
    runtime::Log log(config.log_level);
{{#if calls}}
    // The services that this one calls. Their addresses come from the environment.
    const auto client = [](const char* variable) {
      return runtime::Client(runtime::service_url(runtime::process_environment, variable));
    };
    const auto app = build(log, {
{{#each calls}}
                                    {"{{name}}", client("{{variable}}")},
{{/each}}
                                });
{{else}}
    const auto app = build(log);
{{/if}}
    runtime::Server server(*app, config);
    runtime::wait_for_stop();
    std::_Exit(server.drain());  // without waiting for what was cut
  } catch (const runtime::ConfigError& error) {
    std::fprintf(stderr, "{{name}}: %s\n", error.what());
    return 2;
  }
}
