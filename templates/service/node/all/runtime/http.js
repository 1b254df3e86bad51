// Responses, bodies, and the table of routes.

import { Problem } from "./problem.js";

export const UNMATCHED = "unmatched"; // the route of a request that fits no template

export function json(value, status = 200, headers = {}) {
  return { status, headers: { "content-type": "application/json", ...headers }, body: `${JSON.stringify(value)}\n` };
}

export function problemResponse(problem) {
  return json(problem, problem.status, { ...problem.headers, "content-type": "application/problem+json" });
}

/** The body of a request as JSON, or a Problem that says what is wrong with it. */
export async function readJson(request, maxBytes) {
  const mediaType = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new Problem(415, "send the body as application/json", { headers: { accept: "application/json" } });
  }
  const body = await readBody(request, maxBytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new Problem(400, `the body is not JSON: ${error.message}`);
  }
}

async function readBody(request, maxBytes) {
  const tooLarge = () => new Problem(413, `a body has at most ${maxBytes} bytes`);
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Templates such as `/items/{id}`; a segment in braces matches one segment of the path, decoded. */
export class Router {
  #routes = new Map();

  add(method, template, handler) {
    if (!this.#routes.has(template)) this.#routes.set(template, new Map());
    this.#routes.get(template).set(method, handler);
  }

  /** All of them as "GET /items/{id}", sorted. */
  routes() {
    return [...this.#routes].flatMap(([path, methods]) => [...methods.keys()].map((name) => `${name} ${path}`)).sort();
  }

  /** { route, handle }; `handle` throws a Problem where nothing fits. A GET answers HEAD too. */
  find(method, path) {
    for (const [route, methods] of this.#routes) {
      const parameters = match(route, path);
      if (!parameters) continue;
      const handler = methods.get(method === "HEAD" ? "GET" : method);
      if (!handler) return { route, handle: refuse(notAllowed(path, [...methods.keys()])) };
      return { route, handle: (request) => handler(request, parameters) };
    }
    return { route: UNMATCHED, handle: refuse(new Problem(404, `there is no ${path}`)) };
  }
}

function refuse(problem) {
  return () => {
    throw problem;
  };
}

function match(template, path) {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const parameters = {};
  for (const [i, name] of wanted.entries()) {
    if (name.startsWith("{") && given[i] !== "") {
      const text = decoded(given[i]);
      if (text === null) return null;
      parameters[name.slice(1, -1)] = text;
    } else if (name !== given[i]) {
      return null;
    }
  }
  return parameters;
}

function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // a broken escape names nothing
  }
}

function notAllowed(path, methods) {
  const allow = (methods.includes("GET") ? [...methods, "HEAD"] : methods).sort().join(", ");
  return new Problem(405, `${path} takes ${allow}`, { headers: { allow } });
}
