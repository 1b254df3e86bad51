// The service on a free port in this process, and a client for it.

import { request } from "node:http";

import { build } from "../app.js";
import { configFrom } from "../runtime/config.js";
import { createLog } from "../runtime/logs.js";
import { Server } from "../runtime/server.js";

export const settings = configFrom({ DRAIN_DELAY_SECONDS: "0" });
export const quiet = createLog("error", () => {});

export function service() {
{{#if calls}}
  return build(settings, quiet, {});
{{else}}
  return build(settings, quiet);
{{/if}}
}

/** Runs `work` with a function that calls the service, which is drained behind it. */
export async function running(app, work, more = {}) {
  const server = new Server(app, { ...settings, port: 0, ...more });
  const port = await server.listen();
  try {
    await work((method, path, options) => call(port, method, path, options), server, port);
  } finally {
    await server.drain();
  }
}

/** { status, headers, body }; `value` is sent as JSON, `body` as it is. */
export function call(port, method, path, { value, body, headers = {}, agent = false } = {}) {
  const text = value === undefined ? body : JSON.stringify(value);
  const sent = { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers };
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, method, path, headers: sent, agent }, (reply) => {
      const chunks = [];
      reply.on("data", (chunk) => chunks.push(chunk));
      reply.on("end", () =>
        resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end(text);
  });
}
