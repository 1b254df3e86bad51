// The job by itself, the loop around it, and what is told about it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createJob } from "../job.js";
import { App } from "../runtime/app.js";
{{#if calls}}
import { Client } from "../runtime/client.js";
{{/if}}
import { configFrom } from "../runtime/config.js";
import { createLog } from "../runtime/logs.js";
import { Metrics } from "../runtime/metrics.js";
import { Server } from "../runtime/server.js";
import { Worker } from "../runtime/worker.js";

const quiet = createLog("error", () => {});

test("the job", async () => {
{{#if calls}}
  await createJob(quiet, {})();
  await assert.rejects(createJob(quiet, { other: new Client("http://127.0.0.1:1") })(), { status: 502 });
{{else}}
  const lines = [];
  await createJob(createLog("info", (line) => lines.push(JSON.parse(line).message)))();
  assert.deepEqual(lines, ["nothing to do"]);
{{/if}}
});

test("it repeats, counts, and ends behind the job that runs", async () => {
  let runs = 0;
  let begin;
  let goOn;
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const release = new Promise((resolve) => {
    goOn = resolve;
  });
  const metrics = new Metrics();
  const job = async () => {
    runs += 1;
    if (runs === 1) throw new Error("planted");
    begin();
    await release;
  };
  const worker = new Worker(job, 0, metrics, quiet);
  worker.start();
  await begun;
  const ended = worker.stop().then(() => "ended");
  assert.equal(await Promise.race([ended, sleep(50, "running")]), "running");
  goOn();
  assert.equal(await ended, "ended");
  assert.equal(runs, 2);
  assert.match(metrics.render(), /worker_jobs_total\{outcome="failure"\} 1\n/);
  assert.match(metrics.render(), /worker_jobs_total\{outcome="success"\} 1\n/);
});

test("probes", async () => {
  const app = new App(new Metrics(), quiet);
  const server = new Server(app, { ...configFrom({ DRAIN_DELAY_SECONDS: "0" }), port: 0 });
  const base = `http://127.0.0.1:${await server.listen()}`;
  const status = async (path) => {
    const reply = await fetch(base + path, { headers: { connection: "close" } });
    await reply.text();
    return reply.status;
  };
  assert.deepEqual(await Promise.all(["/healthz", "/readyz", "/metrics", "/"].map(status)), [200, 200, 200, 404]);
  app.draining = true;
  assert.deepEqual(await Promise.all(["/healthz", "/readyz"].map(status)), [200, 503]);
  assert.equal(await server.drain(), 0);
});

test("openapi.json names the paths", () => {
  const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.sort(), new App(new Metrics(), quiet).router.routes());
});
