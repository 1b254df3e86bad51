// Calls to other services: the ids go along, and one that is away is told.

import assert from "node:assert/strict";
import test from "node:test";

import { build } from "../app.js";
import { Client } from "../runtime/client.js";
import { quiet, running, service, settings } from "./support.js";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

test("the ids go along", async () => {
  let seen;
  const other = service();
  other.api.addHook("onRequest", async (request) => {
    seen = request.headers;
  });
  await running(other, (_, __, port) => {
    const app = build(settings, quiet, { other: new Client(`http://127.0.0.1:${port}`) });
    return running(app, async (call) => {
      const answer = await call("GET", "/dependencies", { headers: { "x-request-id": "abc-1", traceparent: TRACE } });
      assert.deepEqual(await answer.json(), { other: "up" });
    });
  });
  assert.equal(seen["x-request-id"], "abc-1");
  const [, trace, span] = seen.traceparent.split("-");
  assert.equal(trace, TRACE.split("-")[1]);
  assert.notEqual(span, TRACE.split("-")[2]);
});

test("one that is away is down", async () => {
  const away = new Client("http://127.0.0.1:1");
  await running(build(settings, quiet, { other: away }), async (call) => {
    assert.deepEqual(await (await call("GET", "/dependencies")).json(), { other: "down" });
  });
  await assert.rejects(away.get("/"), { status: 502 });
});
