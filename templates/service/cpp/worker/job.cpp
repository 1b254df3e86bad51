#include "job.h"

void Job::run() {
{{#if calls}}
  for (const auto& [name, client] : clients_)
    log_.info("asked", { {"service", name}, {"status", client.get("/healthz").status} });
{{else}}
  log_.info("nothing to do");
{{/if}}
}
