// openapi.json and the code say the same: paths, methods, and the schema of a new item.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { newItem } from "../items.js";
import { service } from "./support.js";

const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));

test("paths and methods", async () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method !== "parameters")
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  const app = await service().ready();
  const made = app.routes.filter(({ method }) => method !== "HEAD").map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(made.sort(), described.sort());
});

test("the schema of a new item", () => {
  assert.deepEqual(newItem, document.components.schemas.NewItem);
});
