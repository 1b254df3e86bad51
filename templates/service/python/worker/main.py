"""The {{name}} worker: settings and start. `{{test}}` runs its tests."""

from __future__ import annotations

import os
import sys

from job import Job
from runtime import logs
{{#if calls}}
from runtime.client import Client
from runtime.config import Config, ConfigError, seconds, service_url
{{else}}
from runtime.config import Config, ConfigError, seconds
{{/if}}
from runtime.health import Health, add_probes
from runtime.http import Router
from runtime.metrics import Metrics
from runtime.server import App, Server, drain_on_signals
from runtime.worker import Worker


{{#if calls}}
def clients(environment: dict[str, str]) -> dict[str, Client]:
    """The services that this one calls. Their addresses come from the environment."""
    return {
{{#each calls}}
        "{{name}}": Client(service_url(environment, "{{variable}}")),
{{/each}}
    }


{{/if}}
def build(metrics: Metrics) -> App:
    """Health, readiness and metrics; the job is in job.py."""
    router, health = Router(), Health()
    add_probes(router, health, metrics)
    return App(router, metrics, health)


def main() -> int:
    environment = dict(os.environ)
    metrics = Metrics()
    try:
        config = Config.from_environment(environment)
{{#if calls}}
        job = Job(clients(environment))
{{else}}
        job = Job()
{{/if}}
        worker = Worker(job.run, seconds(environment, "INTERVAL_SECONDS", 5.0), metrics)
        logs.configure(config.log_level)
        server = Server(build(metrics), config)
    except (ConfigError, OSError) as error:
        print(f"{{name}}: {error}", file=sys.stderr)
        return 2

    def drain() -> None:
        worker.stop()
        server.drain()

    drain_on_signals(drain)
    worker.start()
    status = server.run()
    if not worker.wait(config.drain_timeout):
        logs.log.error("cut the job that still ran")
        status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
