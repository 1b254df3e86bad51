// The {{name}} worker: settings and start. `{{test}}` runs its tests.

import { createJob } from "./job.js";
import { App } from "./runtime/app.js";
{{#if calls}}
import { Client } from "./runtime/client.js";
import { ConfigError, configFrom, seconds, serviceUrl } from "./runtime/config.js";
{{else}}
import { ConfigError, configFrom, seconds } from "./runtime/config.js";
{{/if}}
import { createLog } from "./runtime/logs.js";
import { Metrics } from "./runtime/metrics.js";
import { drainOnSignals, failStart, Server } from "./runtime/server.js";
import { Worker } from "./runtime/worker.js";

{{#if calls}}
/** The services that this one calls. Their addresses come from the environment. */
function clientsFrom(environment) {
  return {
{{#each calls}}
    "{{name}}": new Client(serviceUrl(environment, "{{variable}}")),
{{/each}}
  };
}

{{/if}}
try {
  const config = configFrom(process.env);
  const interval = seconds(process.env, "INTERVAL_SECONDS", 5);
  const log = createLog(config.logLevel);
  const metrics = new Metrics();
{{#if calls}}
  const worker = new Worker(createJob(log, clientsFrom(process.env)), interval, metrics, log);
{{else}}
  const worker = new Worker(createJob(log), interval, metrics, log);
{{/if}}
  const server = new Server(new App(metrics, log), config);
  await server.listen();
  worker.start();
  drainOnSignals(async () => {
    const idle = worker.stop().then(() => 0);
    const limit = new Promise((resolve) => {
      setTimeout(resolve, (config.drainDelay + config.drainTimeout) * 1000, 1);
    });
    const [status, late] = await Promise.all([server.drain(), Promise.race([idle, limit])]);
    if (late) log.error("cut the job that still ran");
    return status || late;
  });
} catch (error) {
  if (!(error instanceof ConfigError) && !error.syscall) throw error;
  failStart("{{name}}", error);
}
