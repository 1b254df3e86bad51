// The example resource: items with a name and a quantity, kept in memory. Replace it with yours.
//
// openapi.json describes what this file does; tests/openapi.test.js compares the two.

import { Problem } from "./runtime/problem.js";

export const newItem = {
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 1, maxLength: 100 },
    quantity: { type: "integer", minimum: 0, maximum: 1_000_000, default: 0 },
  },
};

const byId = {
  params: { type: "object", properties: { id: { type: "string", pattern: "^[0-9]{1,15}$" } } },
};

export class Items {
  #items = new Map();
  #last = 0;

  all() {
    return [...this.#items.values()];
  }

  get(id) {
    if (!this.#items.has(id)) throw new Problem(404, `there is no item ${id}`);
    return this.#items.get(id);
  }

  add({ name, quantity }) {
    this.#last += 1;
    const item = { id: this.#last, name, quantity };
    this.#items.set(item.id, item);
    return item;
  }

  remove(id) {
    this.#items.delete(this.get(id).id);
  }
}

export function addItems(api, items) {
  api.get("/items", async () => items.all());
  api.post("/items", { schema: { body: newItem } }, async (request, reply) => {
    const item = items.add(request.body);
    return reply.code(201).header("location", `/items/${item.id}`).send(item);
  });
  api.get("/items/:id", { schema: byId }, async (request) => items.get(Number(request.params.id)));
  api.delete("/items/:id", { schema: byId }, async (request, reply) => {
    items.remove(Number(request.params.id));
    return reply.code(204).send();
  });
}
