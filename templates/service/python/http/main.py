"""The {{name}} service: settings, routes, start. `{{test}}` runs its tests."""

from __future__ import annotations

import os
import sys

{{#if calls}}
from dependencies import add_dependencies
{{/if}}
from items import Items, add_items
from runtime import logs
{{#if calls}}
from runtime.client import Client
from runtime.config import Config, ConfigError, service_url
{{else}}
from runtime.config import Config, ConfigError
{{/if}}
from runtime.health import Health, add_probes
from runtime.http import Router
from runtime.metrics import Metrics
from runtime.server import App, Server, drain_on_signals


{{#if calls}}
def clients(environment: dict[str, str]) -> dict[str, Client]:
    """The services that this one calls. Their addresses come from the environment."""
    return {
{{#each calls}}
        "{{name}}": Client(service_url(environment, "{{variable}}")),
{{/each}}
    }


def build(calls: dict[str, Client]) -> App:
{{else}}
def build() -> App:
{{/if}}
    """The whole service without a socket, as the tests use it."""
    router, metrics, health = Router(), Metrics(), Health()
    add_probes(router, health, metrics)
    add_items(router, Items())
{{#if calls}}
    add_dependencies(router, calls)
{{/if}}
    return App(router, metrics, health)


def main() -> int:
    environment = dict(os.environ)
    try:
        config = Config.from_environment(environment)
{{#if calls}}
        app = build(clients(environment))
{{else}}
        app = build()
{{/if}}
        logs.configure(config.log_level)
        server = Server(app, config)
    except (ConfigError, OSError) as error:
        print(f"{{name}}: {error}", file=sys.stderr)
        return 2
    drain_on_signals(server.drain)
    return server.run()


if __name__ == "__main__":
    sys.exit(main())
