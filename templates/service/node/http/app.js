// The whole service without a socket, as main.js starts it and the tests use it.

{{#if calls}}
import { addDependencies } from "./dependencies.js";
{{/if}}
import { addItems, Items } from "./items.js";
import { App } from "./runtime/app.js";
import { Metrics } from "./runtime/metrics.js";

{{#if calls}}
export function build(config, log, clients) {
{{else}}
export function build(config, log) {
{{/if}}
  const app = new App(new Metrics(), log);
  addItems(app.router, new Items(), config.maxBodyBytes);
{{#if calls}}
  addDependencies(app.router, clients);
{{/if}}
  return app;
}
