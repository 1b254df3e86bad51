// One request in, one response out: routing, measuring, logging, probes, and no exception gets through.

import { callFrom, withCall } from "./context.js";
import { json, problemResponse, Router } from "./http.js";
import { METRICS_TYPE } from "./metrics.js";
import { Problem } from "./problem.js";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const PROBES = new Set(["/healthz", "/readyz", "/metrics"]); // logged at debug: they come every few seconds

export class App {
  draining = false; // set by SIGTERM, before anything is closed
  router = new Router();

  constructor(metrics, log) {
    this.log = log;
    this.requests = metrics.counter("http_requests_total", "Requests answered.", ["method", "route", "status"]);
    this.duration = metrics.histogram(
      "http_request_duration_seconds",
      "Time from a request's head to its answer.",
      ["method", "route"],
    );
    this.running = metrics.gauge("http_requests_in_flight", "Requests that are being answered.");
    this.router.add("GET", "/healthz", () => json({ status: "ok" }));
    this.router.add("GET", "/readyz", () =>
      this.draining ? json({ status: "draining" }, 503) : json({ status: "ok" }),
    );
    this.router.add("GET", "/metrics", () => ({
      status: 200,
      headers: { "content-type": METRICS_TYPE },
      body: metrics.render(),
    }));
  }

  /** The listener of a node:http server. Never throws. */
  async answer(request, response) {
    const call = callFrom(request.headers);
    await withCall(call, async () => {
      const began = process.hrtime.bigint();
      const path = request.url.split("?")[0];
      const { route, handle } = this.router.find(request.method, path);
      this.running.add(1);
      const answer = await this.#handle(handle, request);
      this.running.add(-1);
      this.#send(request, response, answer, call);
      this.#measure(request, path, route, answer.status, Number(process.hrtime.bigint() - began) / 1e9);
    });
  }

  async #handle(handle, request) {
    try {
      return await handle(request);
    } catch (error) {
      if (error instanceof Problem) return problemResponse(error);
      this.log.error("a handler failed", { error: error?.stack ?? String(error) });
      return problemResponse(new Problem(500, "the service failed; its log has the request id"));
    }
  }

  #send(request, response, { status, headers, body = "" }, call) {
    const closing = this.draining ? { connection: "close" } : {};
    const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length, ...closing, "x-request-id": call.requestId });
    response.end(request.method === "HEAD" ? "" : body);
    request.resume(); // what is left of the body is read and dropped, or the client would lose the answer
  }

  #measure(request, path, route, status, duration) {
    const method = METHODS.has(request.method) ? request.method : "other";
    this.requests.add(1, method, route, status);
    this.duration.observe(duration, method, route);
    const fields = { method: request.method, path, route, status, duration_seconds: duration };
    this.log[PROBES.has(route) ? "debug" : "info"]("request", fields);
  }
}
