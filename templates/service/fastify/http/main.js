// The {{name}} service: settings and start. `npm test` runs its tests.

import { build } from "./app.js";
{{#if calls}}
import { Client } from "./runtime/client.js";
import { ConfigError, configFrom, serviceUrl } from "./runtime/config.js";
{{else}}
import { ConfigError, configFrom } from "./runtime/config.js";
{{/if}}
import { createLog } from "./runtime/logs.js";
import { drainOnSignals, failStart, Server } from "./runtime/server.js";

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
{{#if calls}}
  const app = build(config, createLog(config.logLevel), clientsFrom(process.env));
{{else}}
  const app = build(config, createLog(config.logLevel));
{{/if}}
  const server = new Server(await app.ready(), config);
  await server.listen();
  drainOnSignals(() => server.drain());
} catch (error) {
  if (!(error instanceof ConfigError) && !error.syscall) throw error;
  failStart("{{name}}", error);
}
