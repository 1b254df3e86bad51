// The service over HTTP: resource, problems, probes, ids, and the graceful end.

import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createLog } from "../runtime/logs.js";
import { running, service } from "./support.js";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("life of an item", () =>
  running(service(), async (call) => {
    const created = await call("POST", "/items", { value: { name: "cup", quantity: 2 } });
    assert.equal(created.status, 201);
    assert.equal(created.headers.get("location"), "/items/1");
    const cup = await created.json();
    assert.deepEqual(cup, { id: 1, name: "cup", quantity: 2 });
    assert.deepEqual(await (await call("GET", "/items/1")).json(), cup);
    assert.deepEqual(await (await call("GET", "/items")).json(), [cup]);
    assert.equal(await (await call("HEAD", "/items/1")).text(), "");
    assert.equal((await (await call("POST", "/items", { value: { name: "pot" } })).json()).quantity, 0);
    assert.equal((await call("DELETE", "/items/1")).status, 204);
    assert.equal((await call("GET", "/items/1")).status, 404);
    assert.equal((await call("DELETE", "/items/1")).status, 404);
  }));

test("problems", () =>
  running(service(), async (call) => {
    const large = "x".repeat((1 << 20) + 1);
    const stream = () => new Blob([large]).stream();
    const rows = [
      [400, await call("POST", "/items", { body: "{" })],
      [400, await call("POST", "/items", { body: "" })],
      [404, await call("GET", "/nothing")],
      [404, await call("GET", "/items/x")],
      [404, await call("GET", "/items/%")],
      [405, await call("PUT", "/items", { value: {} })],
      [413, await call("POST", "/items", { body: large })],
      [413, await call("POST", "/items", { body: stream() })],
      [415, await call("POST", "/items", { body: "{}", headers: { "content-type": "text/plain" } })],
      [422, await call("POST", "/items", { value: { name: "" } })],
    ];
    for (const [status, answer] of rows) {
      assert.equal(answer.status, status);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal((await answer.json()).status, status);
    }
    assert.equal(rows[5][1].headers.get("allow"), "GET, HEAD, POST");
  }));

test("each fault has its pointer", () =>
  running(service(), async (call) => {
    const rows = [
      [[], [""]],
      [{}, ["/name"]],
      [{ name: "", quantity: -1, color: "red" }, ["/color", "/name", "/quantity"]],
      [{ name: "x".repeat(101) }, ["/name"]],
      ...[true, 1.5, "1", null, 1_000_001].map((quantity) => [{ name: "cup", quantity }, ["/quantity"]]),
    ];
    for (const [value, pointers] of rows) {
      const answer = await call("POST", "/items", { value });
      assert.equal(answer.status, 422);
      assert.deepEqual((await answer.json()).errors.map((error) => error.pointer).sort(), pointers);
    }
  }));

test("a failing handler is a problem", () => {
  const app = service();
  app.api.get("/fail", async () => {
    throw new Error("planted");
  });
  return running(app, async (call) => {
    const answer = await call("GET", "/fail");
    assert.equal(answer.status, 500);
    assert.ok(!(await answer.text()).includes("planted"));
  });
});

test("health, readiness, metrics", () =>
  running(service(), async (call) => {
    for (const path of ["/healthz", "/readyz"]) assert.equal((await call("GET", path)).status, 200);
    await call("GET", "/items/7");
    const text = await (await call("GET", "/metrics")).text();
    assert.match(text, /http_requests_total\{method="GET",route="\/items\/\{id\}",status="404"\} 1\n/);
  }));

test("the request id is kept or made, and stands in the log of what came with a body", async () => {
  const lines = [];
  const app = service(createLog("info", (line) => lines.push(JSON.parse(line))));
  app.api.post("/logged", async () => {
    app.log.info("inside");
    return {};
  });
  await running(app, async (call) => {
    const headers = { "x-request-id": "abc-1", traceparent: TRACE };
    const kept = await call("POST", "/logged", { value: { name: "x".repeat(100_000) }, headers });
    assert.equal(kept.headers.get("x-request-id"), "abc-1");
    const made = await call("GET", "/items", { headers: { "x-request-id": "not one" } });
    assert.match(made.headers.get("x-request-id"), /^[0-9a-f]{32}$/);
  });
  const own = lines.filter((line) => line.request_id === "abc-1");
  assert.deepEqual(own.map((line) => line.message), ["inside", "request"]);
  assert.deepEqual(own.map((line) => line.trace_id), [TRACE.split("-")[1], TRACE.split("-")[1]]);
});

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
  app.api.get("/slow", async () => {
    begin();
    await release;
    return { slow: "done" };
  });
  const work = async (call, server) => {
    const slow = call("GET", "/slow");
    await begun;
    const drained = server.drain();
    assert.equal((await call("GET", "/healthz")).status, 200);
    const ready = await call("GET", "/readyz");
    assert.equal(ready.status, 503);
    assert.equal(ready.headers.get("connection"), "close");
    await sleep(500);
    await assert.rejects(call("GET", "/readyz"));
    goOn();
    assert.deepEqual(await (await slow).json(), { slow: "done" });
    assert.equal(await drained, 0);
  };
  await running(app, work, { drainDelay: 0.3 });
});
