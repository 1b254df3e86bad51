// The rules of an item, without HTTP.

import assert from "node:assert/strict";
import test from "node:test";

import { Items, MOST_NAME, MOST_QUANTITY, parseItem } from "../items.js";

function pointers(value) {
  try {
    parseItem(value);
    return [];
  } catch (problem) {
    assert.equal(problem.status, 422);
    return problem.errors.map((error) => error.pointer);
  }
}

test("valid items", () => {
  assert.deepEqual(parseItem({ name: "cup" }), { name: "cup", quantity: 0 });
  const longest = { name: "\u{1F375}".repeat(MOST_NAME), quantity: MOST_QUANTITY };
  assert.deepEqual(parseItem(longest), longest);
});

test("each fault has its pointer", () => {
  assert.deepEqual(pointers([]), [""]);
  assert.deepEqual(pointers(null), [""]);
  assert.deepEqual(pointers({}), ["/name"]);
  assert.deepEqual(pointers({ name: "", quantity: -1, color: "red" }), ["/name", "/quantity", "/color"]);
  for (const quantity of [true, 1.5, "1", null, MOST_QUANTITY + 1]) {
    assert.deepEqual(pointers({ name: "cup", quantity }), ["/quantity"]);
  }
});

test("items are kept", () => {
  const items = new Items();
  const cup = items.add({ name: "cup", quantity: 2 });
  assert.deepEqual(items.all(), [cup]);
  assert.equal(items.get(cup.id), cup);
  assert.ok(items.remove(cup.id));
  assert.ok(!items.remove(cup.id));
});
