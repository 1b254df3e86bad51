// The service over HTTP: resource, problems, probes, ids, and the graceful end.

import assert from "node:assert/strict";
import { Agent } from "node:http";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { json } from "../runtime/http.js";
import { running, service } from "./support.js";

test("life of an item", () =>
  running(service(), async (call) => {
    const created = await call("POST", "/items", { value: { name: "cup", quantity: 2 } });
    assert.equal(created.status, 201);
    assert.equal(created.headers.location, "/items/1");
    assert.deepEqual(JSON.parse(created.body), { id: 1, name: "cup", quantity: 2 });
    assert.equal((await call("GET", "/items/1")).body, created.body);
    assert.deepEqual(JSON.parse((await call("GET", "/items")).body), [JSON.parse(created.body)]);
    assert.equal((await call("HEAD", "/items/1")).body, "");
    assert.equal((await call("DELETE", "/items/1")).status, 204);
    assert.equal((await call("GET", "/items/1")).status, 404);
  }));

test("problems", () =>
  running(service(), async (call) => {
    const rows = [
      [400, await call("POST", "/items", { body: "{" })],
      [400, await call("POST", "/items", { body: Buffer.from([0x22, 0xff, 0x22]) })],
      [404, await call("GET", "/nothing")],
      [404, await call("GET", "/items/x")],
      [404, await call("GET", "/items/%")],
      [405, await call("PUT", "/items", { value: {} })],
      [413, await call("POST", "/items", { body: "x".repeat((1 << 20) + 1) })],
      [413, await call("POST", "/items", { body: "x".repeat((1 << 20) + 1), headers: { "transfer-encoding": "chunked" } })],
      [415, await call("POST", "/items", { body: "{}", headers: { "content-type": "text/plain" } })],
      [422, await call("POST", "/items", { value: { name: "" } })],
    ];
    for (const [status, answer] of rows) {
      assert.equal(answer.status, status);
      assert.equal(answer.headers["content-type"], "application/problem+json");
      assert.equal(JSON.parse(answer.body).status, status);
    }
    assert.equal(rows[5][1].headers.allow, "GET, HEAD, POST");
    assert.equal(JSON.parse(rows[9][1].body).errors[0].pointer, "/name");
  }));

test("a failing handler is a problem", () => {
  const app = service();
  app.router.add("GET", "/fail", () => {
    throw new Error("planted");
  });
  return running(app, async (call) => {
    const answer = await call("GET", "/fail");
    assert.equal(answer.status, 500);
    assert.ok(!answer.body.includes("planted"));
  });
});

test("health, readiness, metrics", () =>
  running(service(), async (call) => {
    for (const path of ["/healthz", "/readyz", "/items"]) assert.equal((await call("GET", path)).status, 200);
    const { body } = await call("GET", "/metrics");
    assert.match(body, /http_requests_total\{method="GET",route="\/items",status="200"\} 1\n/);
  }));

test("the request id is kept or made", () =>
  running(service(), async (call) => {
    const kept = await call("GET", "/items", { headers: { "x-request-id": "abc-1" } });
    assert.equal(kept.headers["x-request-id"], "abc-1");
    const made = await call("GET", "/items", { headers: { "x-request-id": "not one" } });
    assert.match(made.headers["x-request-id"], /^[0-9a-f]{32}$/);
  }));

test("the graceful end", async () => {
  const app = service();
  let begin;
  let goOn;
  const begun = new Promise((resolve) => {
    begin = resolve;
  });
  const release = new Promise((resolve) => {
    goOn = resolve;
  });
  app.router.add("GET", "/slow", async () => {
    begin();
    await release;
    return json("done");
  });
  const more = { drainDelay: 0.3 };
  await running(
    app,
    async (call, server) => {
      const agent = new Agent({ keepAlive: true });
      const slow = call("GET", "/slow", { agent });
      await begun;
      const drained = server.drain();
      const ready = await call("GET", "/readyz");
      assert.equal(ready.status, 503);
      assert.equal(ready.headers.connection, "close");
      await sleep(500);
      await assert.rejects(call("GET", "/readyz"));
      goOn();
      assert.equal((await slow).body, '"done"\n');
      assert.equal(await drained, 0);
      agent.destroy();
    },
    more,
  );
});
