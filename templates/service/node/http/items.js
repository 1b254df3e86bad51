// The example resource: items with a name and a quantity, kept in memory. Replace it with yours.
//
// openapi.json describes what this file does; tests/openapi.test.js compares the two.

import { json, readJson } from "./runtime/http.js";
import { Problem } from "./runtime/problem.js";

export const MOST_NAME = 100; // characters
export const MOST_QUANTITY = 1_000_000;

export class Items {
  #items = new Map();
  #last = 0;

  all() {
    return [...this.#items.values()];
  }

  get(id) {
    return this.#items.get(id);
  }

  add({ name, quantity }) {
    this.#last += 1;
    const item = { id: this.#last, name, quantity };
    this.#items.set(item.id, item);
    return item;
  }

  remove(id) {
    return this.#items.delete(id);
  }
}

/** Every fault at once, each with a JSON pointer to its place. */
export function parseItem(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid([{ pointer: "", detail: "must be an object" }]);
  }
  const { name, quantity = 0, ...others } = value;
  const errors = [
    ...nameFaults(name),
    ...quantityFaults(quantity),
    ...Object.keys(others).map((key) => ({ pointer: `/${key}`, detail: "is not known" })),
  ];
  if (errors.length > 0) throw invalid(errors);
  return { name, quantity };
}

function nameFaults(name) {
  if (name === undefined) return [{ pointer: "/name", detail: "is missing" }];
  const fits = typeof name === "string" && name !== "" && [...name].length <= MOST_NAME;
  return fits ? [] : [{ pointer: "/name", detail: `must be a text of 1 to ${MOST_NAME} characters` }];
}

function quantityFaults(quantity) {
  const fits = Number.isInteger(quantity) && quantity >= 0 && quantity <= MOST_QUANTITY;
  return fits ? [] : [{ pointer: "/quantity", detail: `must be a whole number from 0 to ${MOST_QUANTITY}` }];
}

function invalid(errors) {
  return new Problem(422, "the item is not valid", { errors });
}

export function addItems(router, items, maxBodyBytes) {
  router.add("GET", "/items", () => json(items.all()));
  router.add("POST", "/items", async (request) => {
    const item = items.add(parseItem(await readJson(request, maxBodyBytes)));
    return json(item, 201, { location: `/items/${item.id}` });
  });
  router.add("GET", "/items/{id}", (_, { id }) => {
    const item = items.get(numberOf(id));
    if (!item) throw missing(id);
    return json(item);
  });
  router.add("DELETE", "/items/{id}", (_, { id }) => {
    if (!items.remove(numberOf(id))) throw missing(id);
    return { status: 204, headers: {} };
  });
}

function numberOf(id) {
  return /^[0-9]{1,15}$/.test(id) ? Number(id) : undefined;
}

function missing(id) {
  return new Problem(404, `there is no item ${id}`);
}
