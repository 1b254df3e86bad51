// A Fastify instance with what every service has: problems, probes, ids, logs, metrics, a bound on bodies.

import Fastify from "fastify";

import { callFrom, currentCall, withCall } from "./context.js";
import { Metrics, METRICS_TYPE } from "./metrics.js";
import { Problem } from "./problem.js";

const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const PROBES = new Set(["/healthz", "/readyz", "/metrics"]); // logged at debug: they come every few seconds
const UNMATCHED = "unmatched"; // the route of a request that fits no template

export class App {
  draining = false; // set by SIGTERM, before anything is closed
  metrics = new Metrics();
  routes = []; // { method, path }, as OpenAPI writes paths

  constructor(config, log) {
    this.log = log;
    this.requests = this.metrics.counter("http_requests_total", "Requests answered.", ["method", "route", "status"]);
    this.duration = this.metrics.histogram(
      "http_request_duration_seconds",
      "Time from a request's head to its answer.",
      ["method", "route"],
    );
    this.running = this.metrics.gauge("http_requests_in_flight", "Requests that are being answered.");
    // What a client sends is judged as it is: nothing is converted, left out, or passed over after the first fault.
    const customOptions = { allErrors: true, coerceTypes: false, removeAdditional: false };
    this.api = Fastify({
      ajv: { customOptions },
      bodyLimit: config.maxBodyBytes,
      frameworkErrors: (error, request, reply) => this.#refuse(error, request, reply),
    });
    this.api.removeContentTypeParser("text/plain");
    this.api.setErrorHandler((error, request, reply) => this.#refuse(error, request, reply));
    this.api.setNotFoundHandler((request, reply) => this.#send(reply, this.#absent(request)));
    this.#addHooks();
    this.#addProbes();
  }

  /** The listener of a node:http server, once `ready` is done. */
  answer(request, response) {
    this.running.add(1);
    response.once("close", () => this.running.add(-1));
    withCall(callFrom(request.headers), () => this.api.routing(request, response));
  }

  async ready() {
    await this.api.ready();
    return this;
  }

  #addHooks() {
    this.api.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) this.routes.push({ method: one, path: template(url) });
    });
    this.api.addHook("onRequest", async (request, reply) => {
      request.call = currentCall();
      reply.header("x-request-id", request.call.requestId);
    });
    // Whoever waited for a body is called by the socket, which knows no ids.
    this.api.addHook("preHandler", (request, _, next) => withCall(request.call, next));
    this.api.addHook("onSend", async (_, reply) => {
      if (this.draining) reply.header("connection", "close");
    });
    this.api.addHook("onResponse", async (request, reply) =>
      withCall(request.call, () => this.#measure(request, reply)),
    );
  }

  #addProbes() {
    this.api.get("/healthz", async () => ({ status: "ok" }));
    this.api.get("/readyz", async (_, reply) =>
      this.draining ? reply.code(503).send({ status: "draining" }) : { status: "ok" },
    );
    this.api.get("/metrics", async (_, reply) => reply.type(METRICS_TYPE).send(this.metrics.render()));
  }

  #refuse(error, request, reply) {
    this.#send(reply, this.#problemOf(error, request));
  }

  #send(reply, problem) {
    // As bytes, or a charset would be added to a type that has none.
    reply
      .code(problem.status)
      .headers({ ...problem.headers, "content-type": "application/problem+json" })
      .send(Buffer.from(JSON.stringify(problem)));
  }

  #problemOf(error, request) {
    if (error instanceof Problem) return error;
    // A path that cannot be one is not there.
    if (error.validationContext === "params" || error.code === "FST_ERR_BAD_URL") {
      return new Problem(404, `there is no ${request.url}`);
    }
    if (error.validation) {
      return new Problem(422, "the request is not valid", { errors: error.validation.map(faultOf) });
    }
    if (error.statusCode === 415) {
      return new Problem(415, "send the body as application/json", { headers: { accept: "application/json" } });
    }
    if (error.statusCode >= 400 && error.statusCode < 500) return new Problem(error.statusCode, error.message);
    this.log.error("a handler failed", { error: error?.stack ?? String(error) });
    return new Problem(500, "the service failed; its log has the request id");
  }

  /** 404, or 405 where another method would do. */
  #absent(request) {
    const path = request.url.split("?")[0];
    const fits = this.routes.filter((route) => matches(route.path, path)).map((route) => route.method);
    const allow = METHODS.filter((method) => fits.includes(method)).join(", ");
    if (allow === "") return new Problem(404, `there is no ${path}`);
    return new Problem(405, `${path} takes ${allow}`, { headers: { allow } });
  }

  #measure(request, reply) {
    const method = METHODS.includes(request.method) ? request.method : "other";
    const route = request.is404 ? UNMATCHED : template(request.routeOptions.url ?? UNMATCHED);
    const status = String(reply.statusCode);
    const duration = reply.elapsedTime / 1000;
    this.requests.add(1, method, route, status);
    this.duration.observe(duration, method, route);
    const path = request.url.split("?")[0];
    const fields = { method: request.method, path, route, status: reply.statusCode, duration_seconds: duration };
    this.log[PROBES.has(route) ? "debug" : "info"]("request", fields);
  }
}

// "/items/:id" as "/items/{id}".
function template(url) {
  return url.replace(/:([A-Za-z0-9_]+)/g, "{$1}");
}

function matches(path, given) {
  const wanted = path.split("/");
  const parts = given.split("/");
  const fits = (name, i) => name === parts[i] || (name.startsWith("{") && parts[i] !== "");
  return wanted.length === parts.length && wanted.every(fits);
}

function faultOf({ instancePath, keyword, params, message }) {
  if (keyword === "required") return { pointer: `${instancePath}/${params.missingProperty}`, detail: "is missing" };
  if (keyword === "additionalProperties") {
    return { pointer: `${instancePath}/${params.additionalProperty}`, detail: "is not known" };
  }
  return { pointer: instancePath, detail: message };
}
