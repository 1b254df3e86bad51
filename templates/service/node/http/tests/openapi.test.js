// openapi.json and the code say the same: paths, methods, and the rules of an item.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { parseItem } from "../items.js";
import { service } from "./support.js";

const document = JSON.parse(readFileSync(new URL("../openapi.json", import.meta.url), "utf8"));

test("paths and methods", () => {
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((method) => method !== "parameters")
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(described.sort(), service().router.routes());
});

test("the schema of a new item", () => {
  const schema = document.components.schemas.NewItem;
  const { name, quantity } = schema.properties;
  assert.deepEqual(schema.required, ["name"]);
  assert.equal(schema.additionalProperties, false);
  for (const [size, fits] of [
    [name.minLength - 1, false],
    [name.minLength, true],
    [name.maxLength, true],
    [name.maxLength + 1, false],
  ]) {
    assert.equal(accepts({ name: "x".repeat(size) }), fits, size);
  }
  for (const [number, fits] of [
    [quantity.minimum - 1, false],
    [quantity.minimum, true],
    [quantity.maximum, true],
    [quantity.maximum + 1, false],
  ]) {
    assert.equal(accepts({ name: "x", quantity: number }), fits, number);
  }
  assert.equal(parseItem({ name: "x" }).quantity, quantity.default);
});

function accepts(value) {
  try {
    return Boolean(parseItem(value));
  } catch {
    return false;
  }
}
