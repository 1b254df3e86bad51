// A node:http server around an app (`answer`, `log`, `draining`), and its graceful end.
//
// Draining: /readyz turns 503 and every answer closes its connection; after `drainDelay`, when load balancers have
// noticed, no connection is taken any more; what runs is finished.

import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { Problem } from "./problem.js";

export class Server {
  constructor(app, config) {
    this.app = app;
    this.config = config;
    this.server = createServer({ requestTimeout: config.requestTimeout * 1000 }, (request, response) =>
      app.answer(request, response),
    );
    this.server.keepAliveTimeout = config.keepAlive * 1000;
    this.server.on("clientError", refuseMalformed);
  }

  /** The port, once it listens. */
  listen() {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(this.config.port, this.config.host, () => {
        const { address, port } = this.server.address();
        this.app.log.info(`listening on ${address}:${port}`);
        resolve(port);
      });
    });
  }

  /** The exit status: 1 when something had to be cut. */
  async drain() {
    this.app.draining = true;
    this.app.log.info("draining");
    await sleep(this.config.drainDelay * 1000);
    const closed = new Promise((resolve) => {
      this.server.close(() => resolve(0));
    });
    this.server.closeIdleConnections();
    const limit = sleep(this.config.drainTimeout * 1000, 1, { ref: false });
    const status = await Promise.race([closed, limit]);
    if (status !== 0) {
      this.app.log.error("cut what still ran");
      this.server.closeAllConnections();
    }
    this.app.log.info("stopped", { status });
    return status;
  }
}

/** Calls `drain` at the first SIGTERM or SIGINT and ends the process with what it returns. */
export function drainOnSignals(drain) {
  let draining = false;
  const once = async () => {
    if (draining) return;
    draining = true;
    process.exit(await drain());
  };
  process.on("SIGTERM", once);
  process.on("SIGINT", once);
}

/** Writes why the service cannot start and ends it. */
export function failStart(name, error) {
  process.stderr.write(`${name}: ${error.message}\n`);
  process.exit(2);
}

function refuseMalformed(error, socket) {
  if (error.code === "ECONNRESET" || !socket.writable) return;
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code] ?? 400;
  const problem = new Problem(status, "the request is malformed or too slow");
  const body = `${JSON.stringify(problem)}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${problem.toJSON().title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
