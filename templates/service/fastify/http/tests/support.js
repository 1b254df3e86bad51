// The service on a free port in this process, and a client for it.

import { build } from "../app.js";
import { configFrom } from "../runtime/config.js";
import { createLog } from "../runtime/logs.js";
import { Server } from "../runtime/server.js";

export const settings = configFrom({ DRAIN_DELAY_SECONDS: "0" });
export const quiet = createLog("error", () => {});

export function service(log = quiet) {
{{#if calls}}
  return build(settings, log, {});
{{else}}
  return build(settings, log);
{{/if}}
}

/** Runs `work` with a function that calls the service, which is drained behind it. */
export async function running(app, work, more = {}) {
  const server = new Server(await app.ready(), { ...settings, port: 0, ...more });
  const port = await server.listen();
  try {
    await work((method, path, options) => call(port, method, path, options), server, port);
  } finally {
    await server.drain();
    await app.api.close();
  }
}

/** A reply of fetch; `value` is sent as JSON, `body` as it is. */
function call(port, method, path, { value, body, headers = {} } = {}) {
  const text = value === undefined ? body : JSON.stringify(value);
  const sent = { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers };
  return fetch(`http://127.0.0.1:${port}${path}`, { method, body: text, headers: sent, duplex: "half" });
}
