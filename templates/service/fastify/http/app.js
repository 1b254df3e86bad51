// The whole service without a socket, as main.js starts it and the tests use it.

{{#if calls}}
import { addDependencies } from "./dependencies.js";
{{/if}}
import { addItems, Items } from "./items.js";
import { App } from "./runtime/app.js";

{{#if calls}}
export function build(config, log, clients) {
{{else}}
export function build(config, log) {
{{/if}}
  const app = new App(config, log);
  addItems(app.api, new Items());
{{#if calls}}
  addDependencies(app.api, clients);
{{/if}}
  return app;
}
