// Calls to another service: with a time-out, and the ids of the call that is being answered go along. What fails is a
// Problem, 502 or 504, so a handler may let it pass to its own client.

import { currentCall, headersOf, newCall } from "./context.js";
import { Problem } from "./problem.js";

const MOST_BYTES = 8 << 20; // of an answer

export class Client {
  constructor(baseUrl, timeoutSeconds = 2) {
    this.baseUrl = baseUrl;
    this.host = new URL(baseUrl).host;
    this.timeout = timeoutSeconds * 1000;
  }

  get(path) {
    return this.request("GET", path);
  }

  /** { status, headers, body }; `value` is sent as JSON unless it is undefined. */
  async request(method, path, value) {
    const headers = { accept: "application/json", ...headersOf(currentCall() ?? newCall()) };
    if (value !== undefined) headers["content-type"] = "application/json";
    const signal = AbortSignal.timeout(this.timeout);
    const body = value === undefined ? undefined : JSON.stringify(value);
    try {
      const reply = await fetch(this.baseUrl + path, { method, headers, body, signal, redirect: "manual" });
      return { status: reply.status, headers: reply.headers, body: await this.#read(reply) };
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (error.name === "TimeoutError") throw new Problem(504, `${this.host} did not answer in time`);
      throw new Problem(502, `${this.host} could not be called`);
    }
  }

  async #read(reply) {
    const chunks = [];
    let size = 0;
    for await (const chunk of reply.body ?? []) {
      size += chunk.length;
      if (size > MOST_BYTES) throw new Problem(502, `${this.host} answered with more than ${MOST_BYTES} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString();
  }
}
