"""The {{name}} service: settings, routes, start. `pytest` runs its tests."""

from __future__ import annotations

import os
import sys

{{#if calls}}
from dependencies import add_dependencies
{{/if}}
from items import Items, add_items
from runtime import logs
from runtime.app import Service
{{#if calls}}
from runtime.client import Client
from runtime.config import Config, ConfigError, service_url
{{else}}
from runtime.config import Config, ConfigError
{{/if}}
from runtime.server import Server


{{#if calls}}
def clients(environment: dict[str, str]) -> dict[str, Client]:
    """The services that this one calls. Their addresses come from the environment."""
    return {
{{#each calls}}
        "{{name}}": Client(service_url(environment, "{{variable}}")),
{{/each}}
    }


def build(config: Config, calls: dict[str, Client]) -> Service:
{{else}}
def build(config: Config) -> Service:
{{/if}}
    """The whole service without a socket, as the tests use it."""
    service = Service("{{name}}", config)
    add_items(service.api, Items())
{{#if calls}}
    add_dependencies(service.api, calls)
{{/if}}
    return service


def main() -> int:
    environment = dict(os.environ)
    try:
        config = Config.from_environment(environment)
{{#if calls}}
        service = build(config, clients(environment))
{{else}}
        service = build(config)
{{/if}}
        logs.configure(config.log_level)
        server = Server(service, config)
    except (ConfigError, OSError) as error:
        print(f"{{name}}: {error}", file=sys.stderr)
        return 2
    return server.serve_until_drained()


if __name__ == "__main__":
    sys.exit(main())
